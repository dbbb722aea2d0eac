"""What a rule is.

Owns: `Rule`, the categories and their placeholders.
Never: matches anything.
Invariant: a rule is data: its gate expressions are bounded, its confirm step is named, its examples are made up.
"""

from __future__ import annotations

from dataclasses import dataclass

from sidecar.scrub.shapes import Head, parse

PLACEHOLDER = {
    "EMAIL": "[EMAIL]",
    "PHONE": "[PHONE]",
    "IP": "[IP]",
    "SSN": "[SSN]",
    "CREDIT_CARD": "[CREDIT_CARD]",
    "AWS_KEY": "[AWS_KEY]",
    "PRIVATE_KEY": "[PRIVATE_KEY]",
    "API_KEY": "[API_KEY]",
    "REDACTED_URL": "[REDACTED_URL]",
    "USER_PATH": "[USER]",
}
"""Category -> what stands in place of a value. Atoms: no rule ever matches a part of one."""

CERTAINTY = {"key": 0, "token": 1, "url": 2, "header": 3, "keyed": 4, "personal": 5, "entropy": 6}
"""Families in order of certainty: where spans overlap, the surest names the category."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One entry of the table; equal to nothing but itself, so that a table is quickly known again.

    `heads`: gate expressions. `anchored` heads have a fixed length, so the confirm step gets the start of the match;
    otherwise it gets the end. `literals`: one of these must be in the text for a head to match (folded to lower case
    where `caseless`); empty means that any text may hold it.
    `once`: one candidate of each head says all there is to say.
    `prefixes`: what a token with a shape starts with.
    `confirm`: name of the step in `sidecar.scrub.confirm`. `body`: its anchored expression where it has one.
    """

    name: str
    category: str
    family: str
    heads: tuple[Head, ...]
    confirm: str
    body: str = ""
    lead: tuple[str, int] = ("", 0)
    literals: tuple[str, ...] = ()
    prefixes: tuple[str, ...] = ()
    caseless: bool = False
    anchored: bool = True
    once: bool = False
    strict_only: bool = False
    shape: str = ""
    samples: tuple[str, ...] = ()
    misses: tuple[str, ...] = ()
    reference: str = ""

    @property
    def certainty(self) -> int:
        """0 is surest."""
        return CERTAINTY[self.family]

    @property
    def placeholder(self) -> str:
        """What stands in place of the value."""
        return PLACEHOLDER[self.category]


def token(name: str, shape: str, reference: str = "", *, category: str = "API_KEY", family: str = "token") -> Rule:
    """A rule for a token that its own shape gives away."""
    parsed = parse(shape)
    return Rule(
        name=name,
        category=category,
        family=family,
        heads=tuple(parsed.heads()),
        confirm="token",
        body=parsed.body(),
        literals=tuple(parsed.infix()),
        prefixes=tuple(parsed.prefixes()),
        lead=parsed.lead(),
        shape=shape,
        samples=(parsed.example(1), parsed.example(2)),
        misses=(),
        reference=reference,
    )


def gate(
    name: str,
    category: str,
    family: str,
    expression: str | tuple[str, ...],
    confirm: str,
    *,
    length: int = 0,
    body: str = "",
    literals: tuple[str, ...] = (),
    caseless: bool = False,
    once: bool = False,
    strict_only: bool = False,
    samples: tuple[str, ...] = (),
    misses: tuple[str, ...] = (),
    reference: str = "",
) -> Rule:
    """A structural rule. `length` > 0: the gate has that fixed length and the confirm step gets its start."""
    return Rule(
        name=name,
        category=category,
        family=family,
        heads=tuple(Head(e, length) for e in ((expression,) if isinstance(expression, str) else expression)),
        confirm=confirm,
        body=body,
        literals=literals,
        caseless=caseless,
        anchored=length > 0,
        once=once,
        strict_only=strict_only,
        samples=samples,
        misses=misses,
        reference=reference,
    )
