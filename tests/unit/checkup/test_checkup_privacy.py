"""Consent, endpoint and scrubber: what does not hold is said."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from sidecar import consent
from sidecar.checkup import privacy
from sidecar.checkup.finding import Level
from sidecar.config import Settings
from sidecar.scrub.rules import table
from sidecar.scrub.scrubber import Scrubber

ENDPOINT = Settings().endpoint


def tamper(path, *statements):
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements:
            db.execute(statement)


def test_a_whole_history_is_told_from_none(paths):
    """No file is off; grants and revocations are counted, and guarded."""
    assert privacy.history(paths).level is Level.OFF
    consent.grant(paths, ENDPOINT, "test")
    consent.revoke(paths, ENDPOINT, "test")
    found = privacy.history(paths)
    assert found.level is Level.OK
    assert found.facts == {"entries": 2}


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["DROP TRIGGER history_keeps"], "guards are gone"),
        (["DROP TRIGGER history_stays", "DELETE FROM history WHERE id = 2"], "1 entry missing"),
        (["DROP TRIGGER history_stays", "DELETE FROM history WHERE id = 3"], "1 entry missing"),
        (["DROP TABLE history"], "cannot be read"),
    ],
)
def test_a_history_somebody_changed_is_trouble(paths, statements, said):
    """A missing entry, in the middle or at the end, and missing guards are seen."""
    consent.grant(paths, ENDPOINT, "test")
    consent.revoke(paths, ENDPOINT, "test")
    consent.grant(paths, ENDPOINT, "test")
    tamper(paths.consent_db, *statements)
    found = privacy.history(paths)
    assert found.level is Level.TROUBLE
    assert said in found.text
    assert found.hint


def test_a_history_that_is_no_database_is_trouble(paths):
    """Rubbish in its place is said, not raised."""
    consent.grant(paths, ENDPOINT, "test")
    paths.consent_db.write_bytes(b"rubbish" * 1000)
    assert privacy.history(paths).level is Level.TROUBLE


def test_levels_of_consent(paths):
    """Off is off, on is ok, DO_NOT_TRACK is a wish, another endpoint keeps capture off against the user's word."""
    (off, _) = privacy.consent(paths, {})
    consent.grant(paths, ENDPOINT, "test")
    (on, _) = privacy.consent(paths, {})
    (wish, _) = privacy.consent(paths, {"DO_NOT_TRACK": "1"})
    (moved, _) = privacy.consent(paths, {"GROOVE_CENTRAL_URL": "https://central.example.org"})
    assert [off.level, on.level, wish.level, moved.level] == ["off", "ok", "off", "trouble"]
    assert moved.hint


def test_an_endpoint_in_the_open_is_trouble(paths):
    """Plain http to another machine is refused, and the rest is examined with the defaults."""
    settings, found = privacy.endpoint(paths, {"GROOVE_CENTRAL_URL": "http://central.example.org"})
    assert (settings, found.level) == (Settings(), Level.TROUBLE)
    _, found = privacy.endpoint(paths, {"GROOVE_CENTRAL_URL": "https://central.example.org"})
    assert (found.level, found.facts["loopback"]) == (Level.OK, False)


@pytest.mark.parametrize("engine", ["auto", "re"])
def test_the_scrubber_passes_its_own_test(engine):
    """Both engines replace every made-up secret of all ten categories."""
    found = {one.check: one for one in privacy.scrubber(Settings(engine=engine), {"EMAIL": 2, "IP": 5})}
    assert found["self-test"].level is Level.OK
    assert len(found["self-test"].facts["categories"]) == 10
    assert found["self-test"].facts["replaced"] > 300
    assert found["replaced"].text == "7 so far: 5 IP, 2 EMAIL"
    assert found["scrubber"].facts["engine"] in {"hyperscan", "re"}


def test_a_scrubber_that_misses_is_trouble():
    """A rule whose sample is not found, or whose harmless text is replaced, is named; the sample is not shown."""
    rules = table(strict_hex=False)
    blind = replace(rules[0], name="blind", samples=("nothing to see",), misses=())
    eager = replace(rules[1], name="eager", samples=(), misses=("mail to jane.roe@example.net",))
    found = privacy.self_test(Scrubber(engine="re"), (*rules, blind, eager))
    assert found.level is Level.TROUBLE
    assert found.facts["failed"] == ["blind", "eager"]
    assert "nothing to see" not in repr(found)
    assert "jane" not in repr(found)


def test_an_untested_category_is_trouble():
    """A table without rules proves nothing."""
    assert privacy.self_test(Scrubber(engine="re"), ()).level is Level.TROUBLE
