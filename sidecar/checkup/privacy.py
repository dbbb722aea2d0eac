"""What keeps secrets in: consent, where things would go, the scrubber.

Owns: the checks of the consent history, of the endpoint, and the scrubber's test on made-up samples.
Never: grants, revokes, connects; shows a sample (some look real enough to frighten).
Invariant: a scrubber that misses one of its own samples is trouble, whatever else is well.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlsplit

from sidecar.checkup.finding import Finding, Level, many, unlooked
from sidecar.config import DEFAULT_ENDPOINT, Settings, is_loopback
from sidecar.consent import Standing, evaluate
from sidecar.disclosure import CONSENT_VERSION, TERMS_HASH
from sidecar.errors import SidecarError
from sidecar.paths import read_private
from sidecar.scrub.rule import PLACEHOLDER
from sidecar.scrub.rules import table
from sidecar.scrub.scrubber import Scrubber

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sidecar.paths import Paths
    from sidecar.scrub.rule import Rule

TRIGGERS: Final = frozenset({"history_keeps", "history_stays"})
BUSY_SECONDS: Final = 2.0
TRACKING: Final = "DO_NOT_TRACK"


def consent(paths: Paths, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Whether capture is on, and whether the history it rests on is whole."""
    answer = evaluate(paths, environ)
    text = f"{answer.standing} ({answer.reason}); terms {CONSENT_VERSION}, text {TERMS_HASH[:12]}"
    facts = {"standing": answer.standing.value, "version": CONSENT_VERSION, "terms_hash": TERMS_HASH}
    level = Level.OK if answer.on else Level.OFF
    if answer.standing is Standing.SUSPENDED and not answer.reason.startswith(TRACKING):
        level = Level.TROUBLE  # the switch is on, and yet nothing is captured
    yield Finding("consent", level, text, answer.hint, facts)
    yield history(paths)


def history(paths: Paths) -> Finding:
    """Whether every entry that was ever written is there, and none can be changed."""
    aside = f"Move {paths.consent_db} away, then: groove-sidecar enable"
    try:
        if read_private(paths.consent_db, 1) is None:
            return Finding("history", Level.OFF, "no consent was ever given or taken back by command")
        address = f"file:{quote(str(paths.consent_db))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS)) as db:
            sound = db.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
            triggers = {name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")}
            count, last = db.execute("SELECT count(*), coalesce(max(id), 0) FROM history").fetchone()
            given = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'history'").fetchone()
    except (OSError, SidecarError) as error:
        return unlooked("history", paths.consent_db.name, error)
    except sqlite3.Error:
        return Finding("history", Level.TROUBLE, "the consent history cannot be read", aside)
    facts = {"entries": count}
    if not sound:
        return Finding("history", Level.TROUBLE, "the consent history is damaged", aside, facts)
    if count != last or (given is not None and given[0] != last):
        missing = max(last, given[0] if given else 0) - count
        return Finding(
            "history",
            Level.TROUBLE,
            f"{many(missing, 'entry', 'entries')} missing in the consent history",
            aside,
            facts,
        )
    if not triggers >= TRIGGERS:
        return Finding("history", Level.TROUBLE, "the history can be changed: its guards are gone", aside, facts)
    return Finding("history", Level.OK, f"{many(count, 'entry', 'entries')}, whole and append-only", facts=facts)


def endpoint(paths: Paths, environ: Mapping[str, str]) -> tuple[Settings, Finding]:
    """The settings (their defaults if they are wrong), and where envelopes would go."""
    try:
        settings = Settings.load(paths, environ)
    except SidecarError as error:
        return Settings(), Finding("settings", Level.TROUBLE, error.message, error.hint)
    except OSError as error:
        return Settings(), unlooked("settings", paths.config.name, error)
    local = is_loopback(urlsplit(settings.endpoint).hostname or "")
    how = "this machine" if local else "over TLS"
    by = " by GROOVE_CENTRAL_URL" if environ.get("GROOVE_CENTRAL_URL") else ""
    facts = {"endpoint": settings.endpoint, "loopback": local}
    if settings.endpoint == DEFAULT_ENDPOINT:
        by = ", the default"
    return settings, Finding("endpoint", Level.OK, f"{settings.endpoint} ({how}{by})", facts=facts)


def scrubber(settings: Settings, replaced: Mapping[str, int]) -> Iterator[Finding]:
    """The engine in use, its test, and what it did so far."""
    rules = table(strict_hex=settings.strict_hex)
    made = Scrubber(engine=settings.engine, strict_hex=settings.strict_hex)
    facts: dict[str, Any] = {"engine": made.engine, "rules": len(rules), "strict_hex": settings.strict_hex}
    text = f"engine {made.engine}, {len(rules)} rules"
    if made.engine != "hyperscan" and settings.engine == "auto":
        hint = "Install the faster one: pip install hyperscan"
        yield Finding("scrubber", Level.WARNING, f"{text} (the fallback: same answers, slower)", hint, facts)
    else:
        yield Finding("scrubber", Level.OK, text, facts=facts)
    yield self_test(made, rules)
    total = sum(replaced.values())
    named = ", ".join(f"{n} {name}" for name, n in sorted(replaced.items(), key=lambda item: (-item[1], item[0])))
    said = f"{total} so far: {named}" if total else "nothing so far"
    yield Finding("replaced", Level.OK, said, facts={"categories": dict(replaced)})


def self_test(made: Scrubber, rules: tuple[Rule, ...]) -> Finding:
    """Scrub every rule's made-up samples: each must be found as what it is, what must stay must stay."""
    hit, kept, failed = 0, 0, set()
    categories = set()
    for rule in rules:
        for sample in rule.samples:
            if any(span.category == rule.category for span in made.fresh().find(sample)):
                hit += 1
                categories.add(rule.category)
            else:
                failed.add(rule.name)
        for sample in rule.misses:
            if made.fresh().find(sample):
                failed.add(rule.name)
            else:
                kept += 1
    facts = {"replaced": hit, "kept": kept, "categories": sorted(categories), "failed": sorted(failed)}
    untested = set(PLACEHOLDER) - categories
    if failed or untested:
        what = ", ".join(sorted(failed)[:5]) or ", ".join(sorted(untested))
        text = f"the scrubber fails its own test: {what}"
        return Finding("self-test", Level.TROUBLE, text, "Switch off and report it: groove-sidecar disable", facts)
    text = f"{hit} made-up secrets ({len(categories)} categories) gone, {kept} clean kept"
    return Finding("self-test", Level.OK, text, facts=facts)
