"""Every credential shape in every carrier: nothing readable is left in a scrubbed step."""

from __future__ import annotations

import base64
import json
from dataclasses import fields
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from parsers.step import Step, StepType
from sidecar.scrub.rules import TOKENS
from sidecar.scrub.scrubber import Scrubber
from sidecar.scrub.shapes import parse

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPES = [(rule.name, rule.shape) for rule in TOKENS]
PASSWORDS = ("Tr0ub4dor&3x", "k7!Rq2ZtLw9X", "correct-horse-battery-staple", "p4Dsr8bQx", "9f86d081884c7d659a2feaa0")


def _base64(secret: str) -> Step:
    return Step(StepType.OBSERVATION, content=base64.b64encode(f"token is here: {secret}\nand more".encode()).decode())


def _hunk(secret: str) -> Step:
    change = {"path": "a.py", "kind": "update", "hunks": [{"old": "x = 1", "new": f"x = '{secret}'"}]}
    return Step(StepType.EDIT, changes=[change])


def _coloured(secret: str) -> Step:
    return Step(StepType.OBSERVATION, content=f"found \x1b[93m{secret[:6]}\x1b[0m\x1b[1m{secret[6:]}\x1b[0m in file")


CARRIERS: dict[str, Callable[[str], Step]] = {
    "prose": lambda s: Step(StepType.THOUGHT, content=f"I will use {s} for the call."),
    "json_escaped": lambda s: Step(StepType.OBSERVATION, content=json.dumps(json.dumps({"a": f"x\n{s}\n", "b": 1}))),
    "url_encoded": lambda s: Step(StepType.ACTION, content=f"GET /cb?state={quote('a b ' + s + ' c', safe='')}&x=1"),
    "base64": _base64,
    "diff": lambda s: Step(StepType.OBSERVATION, content=f"@@ -1 +1 @@\n-old = 1\n+{s}\n context"),
    "ansi": _coloured,
    "heredoc": lambda s: Step(StepType.ACTION, arguments={"command": f"cat > f <<'EOF'\nk = {s}\nEOF"}),
    "env": lambda s: Step(StepType.OBSERVATION, content=f"NODE_ENV=production\nSERVICE_TOKEN={s}\nPORT=1"),
    "yaml": lambda s: Step(StepType.OBSERVATION, content=f"service:\n  api_token: '{s}'\n  port: 1"),
    "header": lambda s: Step(StepType.ACTION, arguments={"headers": [f"X-Api-Token: {s}"]}),
    "history": lambda s: Step(StepType.OBSERVATION, content=f"  101  ls\n  102  export API_TOKEN={s}\n  103  make"),
    "object_key": lambda s: Step(StepType.ACTION, arguments={"input": {s: 1, "nested": [{"deep": {s: s}}]}}),
    "edit": _hunk,
}


def _texts(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def test_the_matrix_is_large_enough():
    """At least 150 shapes meet at least twelve carriers."""
    assert len(SHAPES) >= 150
    assert len(CARRIERS) >= 12


@pytest.mark.parametrize("carrier", CARRIERS)
@pytest.mark.parametrize("engine", ["hyperscan", "re"])
def test_no_token_is_readable(carrier: str, engine: str):
    """Each published shape, carried this way, leaves neither itself nor its encoded form in the scrubbed step."""
    left = []
    base = Scrubber(engine=engine)
    for index, (name, shape) in enumerate(SHAPES):
        if engine == "re" and index % 12:
            continue
        secret = parse(shape).example(index + 100)
        out = _texts([getattr(base.fresh().scrub(CARRIERS[carrier](secret)), f.name) for f in fields(Step)])
        body = secret[len(secret) // 3 : len(secret) // 3 + 14]
        encoded = base64.b64encode(secret.encode()).decode()
        if secret in out or body in out or quote(body, safe="") in out or encoded in out:
            left.append(name)
    assert left == []


NAMED = {
    "env": "DB_PASSWORD={}\nPORT=1",
    "quoted": 'db_password = "{}"',
    "json": '{{"user": "app", "password": "{}"}}',
    "escaped": '{{\\"password\\": \\"{}\\", \\"a\\": 1}}',
    "yaml": "db:\n  password: '{}'\n",
    "xml": "<add key='DbPassword' value='{}' />",
    "element": "<dbPassword>{}</dbPassword>",
    "flag": "deploy --password {} --yes",
    "url": "postgres://app:{}@db.corp:5432/x",
    "sshpass": "sshpass -p {} ssh a@b",
    "mysql": "mysql -u root -p'{}' app",
    "sql": "CREATE USER app WITH PASSWORD '{}';",
    "netrc": "machine h\n  login dev\n  password {}\n",
    "php": "'db_password' => '{}',",
}


@pytest.mark.parametrize("carrier", NAMED)
def test_no_password_is_readable(carrier: str):
    """Passwords of every kind vanish under every way to name them."""
    for password in PASSWORDS:
        text = NAMED[carrier].format(password)
        assert password not in Scrubber().text(text), text


def test_members_are_judged_by_their_name():
    """A string that only its JSON key, its flag or its sibling `name` makes a secret is replaced; its neighbours stay."""
    scrubber = Scrubber()
    step = Step(
        StepType.ACTION,
        arguments={
            "password": "hunter2x9!",
            "argv": ["deploy", "--password", "hunter2x9!", "--region", "eu-west-1"],
            "env": [{"name": "DB_PASSWORD", "value": "hunter2x9!"}, {"name": "PORT", "value": "8080"}],
            "user": "app",
        },
    )
    out = scrubber.scrub(step)
    assert out.arguments == {
        "password": "[API_KEY]",
        "argv": ["deploy", "--password", "[API_KEY]", "--region", "eu-west-1"],
        "env": [{"name": "DB_PASSWORD", "value": "[API_KEY]"}, {"name": "PORT", "value": "8080"}],
        "user": "app",
    }
    assert step.arguments is not None and step.arguments["password"] == "hunter2x9!"
    assert scrubber.counts == {"API_KEY": 3}
