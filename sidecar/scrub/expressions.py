"""What reads as program text, not as a value: a call, a type, a reference, an identifier made of words, minified code.

Owns: predicates over short texts that stand without quotes, and where code goes on after a value.
Never: knows a rule or scans a text.
Invariant: every answer is linear in a value whose length the caller bounds.
"""

from __future__ import annotations

import re
from typing import Final

from sidecar.scrub import checks

_CODE = re.compile(
    r"[+!~\-]{0,2}(?:[A-Za-z_$][\w$]*(?:\.|->|::))*[A-Za-z_$][\w$]*!?(?:\(|\[)"
    r"|[A-Za-z_$][\w$]*(?:(?:\.|->|::)[A-Za-z_$][\w$]*)+\Z",
    re.ASCII,
)
_JOINTS = re.compile(r"\.|->|::")
_REFERENCE = re.compile(
    r"[&*]{1,2}(?:mut\b|const\b|self\b|\[|'[a-z]|[A-Za-z_]{2,64}(?:[.<>\[(\-]|\Z))|@\{|@{1,2}[a-z_]{2,64}\Z|\.[a-z]\w{1,30}\(|[%\-#]\}",
    re.ASCII,
)
"""A pointer or reference type, a table of PowerShell, a variable of Ruby, the end of a template's tag."""
_POINTER = re.compile(r"[&*]{1,2}[A-Za-z_]\w{1,80}\Z", re.ASCII)
_GOES_ON = re.compile(
    r"\)(?=[,;.){}\]:?&|]|return\b)|\}(?=[,;)}=:\]])|\](?=[,;)}.\[(])|[,;](?= ?[A-Za-z_$][\w$. ]{0,40}[=:(\[{])|"
    r"&&|\|\||=>|:(?=\(|this\b|self\b|void 0|null\b)|\{(?=[a-z\-]{2,24}(?:\Z|[:{]))|"
    r";(?=(?:break|return|continue|var|let|const|if|for|else|throw)\b)",
    re.ASCII,
)
_STYLED = re.compile(
    r"(?:hover|focus|active|before|after|checked|disabled|first|last|not|nth)[\w\-]{0,16}[,:{ )]", re.ASCII
)
"""What follows the colon of a selector: `[type=password]:focus,`."""
_OWNERS: Final = frozenset(
    {"self", "this", "cls", "super", "ctx", "req", "request", "config", "settings", "args", "opts"}
)


def code(value: str) -> bool:
    """True if an unquoted value reads as an expression of a program (`get_token(`, `self.key`, `args[0]`, `&str`)."""
    if _REFERENCE.match(value):
        return True
    if _POINTER.match(value) and checks.named(value.lstrip("&*")):
        return True
    match = _CODE.match(value)
    if match is None:
        return _STYLED.match(value) is not None
    said = match.group().lstrip("+!~-")
    if not any(c.isdigit() for c in said[-12:]):
        return True
    names = _JOINTS.split(said.rstrip("([!"))
    if "::" in said or "->" in said:
        return any(_plain(name) for name in names)
    if len(names) == 1 and said.endswith("("):
        return "_" in names[0].strip("_") or checks.named(names[0])
    return len(names) > 1 and (names[0] in _OWNERS or all(map(_plain, names)))


def _plain(name: str) -> bool:
    return len(name) < 3 or "_" in name.strip("_") or checks.wordiness(name) > 0.4 or checks.named(name)


def before_code(value: str) -> str:
    """What of an unquoted value stands before the program goes on (`x,y=1`, `t)}`, `!0,range:!0`, `hover{color`)."""
    match = _GOES_ON.search(value)
    return value if match is None else value[: match.start()]
