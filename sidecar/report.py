"""What `status` and `metrics` say, for people and for machines.

Owns: the shape of the status document (version STATUS_FORMAT) and its OpenMetrics form.
Never: asks an agent or changes anything; shows a string that was not scrubbed before.
Invariant: lines read = steps + meta + noise + unknown + malformed + oversize; all from one moment of the spool.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from parsers.base import Fate
from sidecar.config import MAX_STATUS_NAMES
from sidecar.errors import SidecarError, StoreError
from sidecar.sources.layout import LOCK, writer_alive
from sidecar.sources.missed import MAX_RUNS, missed, read_note
from sidecar.store.database import Database
from sidecar.store.documents import read_documents
from sidecar.store.journal import read_ledger, read_totals
from sidecar.store.review import read_held
from sidecar.store.status import read_counts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from pathlib import Path

    from sidecar.paths import Paths

STATUS_FORMAT = 1
NOT_BEGUN = "run not captured"
EMPTY: dict[str, Any] = {
    "lines": {"read": 0, **dict.fromkeys((fate.value for fate in Fate), 0)},
    "bytes_read": 0,
    "steps": {},
    "buffered": 0,
    "queued": 0,
    "held": 0,
    "parked": {"count": 0, "reasons": {}},
    "sent": {"chunk": 0, "close": 0, "feedback": 0},
    "sessions": {"open": 0, "closed": 0, "delivered": 0},
    "replaced": {},
    "reasons": {},
    "unknown_events": {},
    "drift": {},
    "changed_lines": 0,
    "changed_fields": {},
    "changed_versions": {},
    "clis": {},
    "drops": {},
    "losing": {},
    "documents": {"followed": 0, "left": {}, "hints": {}, "rewound": 0, "late": 0},
    "waiting": {},
    "oldest_queued_age": None,
}
"""What there is to say of a spool that was never made."""


def spool_report(connection: sqlite3.Connection, now: float) -> dict[str, Any]:
    """The spool's part of the status document; the members of EMPTY."""
    ledger = read_ledger(connection)
    counts = read_counts(connection, now)
    fates = _group(ledger, "fate.")
    return {
        "lines": {"read": ledger.get("lines", 0), **{fate.value: fates.get(fate.value, 0) for fate in Fate}},
        "bytes_read": ledger.get("bytes", 0),
        "steps": read_totals(connection)["steps_by_type"],
        "buffered": counts["steps"]["buffered"],
        "queued": counts["queued"],
        "held": read_held(connection),
        "parked": {"count": counts["parked"], "reasons": counts["parked_reasons"]},
        "sent": counts["sent"],
        "sessions": counts["sessions"],
        "replaced": _group(ledger, "redacted."),
        "reasons": _top(_group(ledger, "reason.")),
        "unknown_events": _top(_group(ledger, "unknown.")),
        "drift": _by_version(_top(_group(ledger, "drift."))),
        "changed_lines": ledger.get("changed_lines", 0),
        "changed_fields": _top(_group(ledger, "changed.")),
        "changed_versions": _by_version(_top(_group(ledger, "changed_by."))),
        "clis": _by_version(_top(_group(ledger, "cli."))),
        "drops": _group(ledger, "drop."),
        "documents": read_documents(connection),
        "waiting": counts["waiting_reasons"] | counts["open_reasons"],
        "oldest_queued_age": counts["oldest_queued_age"],
    }


def cold_report(paths: Paths) -> dict[str, Any]:
    """The spool's part of the status, read from the file itself."""
    document = EMPTY
    if paths.spool.exists():
        try:
            with Database.read(paths.spool) as connection:
                document = spool_report(connection, time.time())
        except StoreError as error:
            document = EMPTY | {"last_error": {"reason": error.message, "hint": error.hint}}
    return with_missed(document, paths)


def with_missed(document: dict[str, Any], paths: Paths) -> dict[str, Any]:
    """The document with what `wrap` and `tee` could not keep: runs never begun, and runs that lose now."""
    never = {f"{NOT_BEGUN} ({reason})": n for reason, n in missed(paths.state).items()}
    return document | {"drops": document["drops"] | never, "losing": losing(paths.streams)}


def losing(streams: Path) -> dict[str, dict[str, int]]:
    """Runs that go on and are not kept: {reason: {"runs": n, "bytes": lost so far}}."""
    found: dict[str, dict[str, int]] = {}
    try:
        folders = sorted(streams.iterdir())[:MAX_RUNS]
    except OSError:
        return {}
    for folder in folders:
        note = read_note(folder / LOCK)
        if note is not None and note.now and _alive(folder):
            one = found.setdefault(note.reason, {"runs": 0, "bytes": 0})
            one["runs"] += 1
            one["bytes"] += note.lost_bytes
    return found


def _alive(folder: Path) -> bool:
    try:
        return writer_alive(folder)
    except (OSError, SidecarError):
        return False  # it ended, and was taken away


def _group(ledger: Mapping[str, int], prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): n for name, n in ledger.items() if name.startswith(prefix)}


def _by_version(counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """{"name@version": n} as {name: {version: n}}."""
    found: dict[str, dict[str, int]] = {}
    for both, n in counts.items():
        name, mark, version = both.rpartition("@")
        found.setdefault(name if mark else both, {})[version if mark else "other"] = n
    return found


def _top(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: -item[1])[:MAX_STATUS_NAMES])


_FAMILIES: tuple[tuple[str, str, str, str | None], ...] = (
    ("lines", "counter", "Lines read, by fate.", "fate"),
    ("steps", "counter", "Steps journaled, by type.", "type"),
    ("sent", "counter", "Envelopes accepted by Central Command, by kind.", "kind"),
    ("replaced", "counter", "Replacements by the scrubber, by category.", "category"),
    ("drops", "counter", "What was let go, by reason.", "reason"),
    ("changed_lines", "counter", "Lines with fields that no recording of their type has.", None),
    ("sessions", "gauge", "Sessions, by state.", "state"),
    ("buffered", "gauge", "Steps journaled and not yet sealed.", None),
    ("queued", "gauge", "Envelopes waiting to be sent.", None),
    ("held", "gauge", "Envelopes held until a person has looked at them.", None),
    ("in_flight", "gauge", "Envelopes on the wire.", None),
    ("capturing", "gauge", "1 while capture is on.", None),
)


def openmetrics(status: Mapping[str, Any]) -> str:
    """The status document as OpenMetrics 1.0 text."""
    lines: list[str] = []
    for name, kind, text, label in _FAMILIES:
        metric = f"groove_sidecar_{name}"
        suffix = "_total" if kind == "counter" else ""
        lines += [f"# TYPE {metric} {kind}", f"# HELP {metric} {text}"]
        value = status.get(name, 0)
        if label is None:
            lines.append(f"{metric}{suffix} {int(value or 0)}")
        elif isinstance(value, dict):
            samples = {key: n for key, n in value.items() if key != "read"}
            lines += [f'{metric}{suffix}{{{label}="{_escape(key)}"}} {n}' for key, n in samples.items()]
    parked = status.get("parked", {}).get("count", 0)
    lines += [
        "# TYPE groove_sidecar_parked gauge",
        "# HELP groove_sidecar_parked Envelopes Central Command refused.",
        f"groove_sidecar_parked {parked}",
        "# EOF",
    ]
    return "\n".join(lines) + "\n"


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
