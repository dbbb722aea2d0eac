"""Whatever is not certainly a yes is not a yes."""

from __future__ import annotations

import sqlite3
import stat

import pytest

from sidecar import consent
from sidecar.consent import Standing
from sidecar.disclosure import CONSENT_VERSION

ENDPOINT = "http://127.0.0.1:8443"


def standing(paths, **environ):
    return consent.evaluate(paths, environ).standing


def test_a_fresh_home_is_off_and_stays_untouched(paths, home):
    """Asking makes no file."""
    assert standing(paths) is Standing.REVOKED
    assert list(home.iterdir()) == []


def test_a_grant_switches_on_and_a_revocation_off(paths):
    """Grant, then revoke: on, then off, and both stay in the history."""
    consent.grant(paths, ENDPOINT, "test")
    assert standing(paths) is Standing.ON
    consent.revoke(paths, ENDPOINT, "test")
    assert standing(paths) is Standing.REVOKED
    assert [entry.kind for entry in consent.history(paths.consent_db)] == ["grant", "revoke"]


def test_deleting_the_flag_by_hand_is_a_revocation(paths):
    """The flag alone switches off."""
    consent.grant(paths, ENDPOINT, "test")
    paths.flag.unlink()
    assert standing(paths) is Standing.REVOKED


def test_the_flag_without_a_grant_is_off(paths):
    """Touching the flag is not consent."""
    paths.groove.mkdir()
    paths.flag.touch()
    assert standing(paths) is Standing.REVOKED


def test_do_not_track_beats_everything_and_keeps_the_queue(paths):
    """DO_NOT_TRACK suspends whatever else says yes."""
    consent.grant(paths, ENDPOINT, "test")
    assert standing(paths, DO_NOT_TRACK="1") is Standing.SUSPENDED
    assert standing(paths, DO_NOT_TRACK="0") is Standing.ON


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"opted_in":true,"consent_version":"1.0"}', Standing.ON),
        ('{"opted_in":true,"consent_version":"0.9"}', Standing.REVOKED),
        ('{"opted_in":false,"consent_version":"1.0"}', Standing.REVOKED),
        ("", Standing.SUSPENDED),
        ('{"opted_in":', Standing.SUSPENDED),
        ("[]", Standing.SUSPENDED),
        ('{"opted_in":"yes"}', Standing.SUSPENDED),
    ],
)
def test_grooves_own_file_counts_when_there_is_a_flag(paths, text, expected):
    """Groove's yes of this version grants; its no revokes; what cannot be read suspends."""
    paths.groove.mkdir()
    paths.flag.touch()
    paths.groove_consent.write_text(text)
    assert standing(paths) is expected


def test_grooves_no_beats_our_grant(paths):
    """A grant of ours does not outweigh Groove's opted_in: false."""
    consent.grant(paths, ENDPOINT, "test")
    paths.groove_consent.write_text('{"opted_in":false}')
    assert standing(paths) is Standing.REVOKED


def test_changed_terms_lapse_the_grant(paths, monkeypatch):
    """A disclosure with another hash needs another yes."""
    consent.grant(paths, ENDPOINT, "test")
    monkeypatch.setattr(consent, "TERMS_HASH", "0" * 64)
    assert standing(paths) is Standing.REVOKED


def test_another_endpoint_suspends_until_agreed(paths):
    """Consent names the endpoint it was given for."""
    consent.grant(paths, ENDPOINT, "test")
    assert standing(paths, GROOVE_CENTRAL_URL="https://elsewhere.example") is Standing.SUSPENDED


def test_a_broken_history_or_setting_is_not_a_yes(paths):
    """Corrupt files suspend; they never grant."""
    consent.grant(paths, ENDPOINT, "test")
    paths.state.mkdir(parents=True)
    paths.config.write_text("endpoint = ")
    assert standing(paths) is Standing.SUSPENDED
    paths.config.unlink()
    paths.consent_db.write_bytes(b"not a database, but long enough to look at" * 10)
    assert standing(paths) is Standing.SUSPENDED


def test_the_flag_must_be_a_file_of_ours_not_a_link(paths, tmp_path):
    """A link in place of the flag is not trusted."""
    consent.grant(paths, ENDPOINT, "test")
    paths.flag.unlink()
    paths.flag.symlink_to(tmp_path / "elsewhere")
    assert standing(paths) is Standing.SUSPENDED


def test_the_history_cannot_be_rewritten(paths):
    """UPDATE and DELETE are refused by the database itself."""
    consent.grant(paths, ENDPOINT, "test")
    db = sqlite3.connect(paths.consent_db)
    for statement in ("UPDATE history SET kind = 'revoke'", "DELETE FROM history"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(statement)
    db.close()
    assert consent.history(paths.consent_db)[0].version == CONSENT_VERSION


def test_consent_files_are_private(paths):
    """Flag and history are 0600."""
    consent.grant(paths, ENDPOINT, "test")
    for path in (paths.flag, paths.consent_db):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_flag_that_is_gone_revokes_whatever_else_is_said(paths):
    """DO_NOT_TRACK keeps what is held; without the flag nothing is to be kept."""
    consent.grant(paths, ENDPOINT, "test")
    paths.flag.unlink()
    assert standing(paths, DO_NOT_TRACK="1") is Standing.REVOKED
