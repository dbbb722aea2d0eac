"""Reads the clauses of an English message: who is said to do what, how, and how it is meant.

Owns: `Clause`, `read_clauses`.
Never: decides what a clause is for (`clauses_acts` does); reads more than `MAX_CLAUSES` clauses or `MAX_WORDS` words of
one; sees what is pasted or quoted (the words it is given hold none).
Invariant: one pass over the words, a bounded number of dictionary look-ups per word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sidecar.capture import clauses_tables as known
from sidecar.capture.clauses_tables import Tables, get_tables, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CLAUSES = 16
"""Clauses of a message that are read."""
MAX_WORDS = 24
"""Words of a clause that are looked at."""
MAX_FRAMES = 2
"""Phrases that frame a clause, one inside the other ("I think we should")."""
CONTENT = 4
"""Characters from which a word can refer to what the agent said."""


class Clause(NamedTuple):
    """What one clause says, and how."""

    mood: str
    """"order", "ask" (an order put as a question), "lets", "may", "whynot", "yesno", "wh", "asked" (a statement with a
    question mark), "tagged", "state", "part" (no finite verb), or what an interjection says ("yes", "no", ...)."""
    subject: str
    """A key of `table.SUBJECTS`, "named" or "none"."""
    negated: bool
    verb: str
    """A key of `table.VERBS`, "be", or "" where no verb is known."""
    tense: str
    """"pres", "past", "perf", "prog", "pass", or a modal: "should", "can", "would", "will"."""
    value: str
    """"good", "bad", "too", "more" or ""."""
    link: str
    """What joins it to the clause before it: a key of `table.LINKS` or ""."""
    frame: str
    """A key of `table.FRAMES` or ""."""
    opened: str
    """What the word before it says: a key of `table.LEADERS` or ""."""
    repeats: bool
    shifts: bool
    """It sets one thing against another ("instead", "rather than")."""
    refers: str
    """"work" (a word of the agent's), "here" (this, that, your) or ""."""
    definite: str
    """Its object: "the", "a" or ""."""
    asks: str
    """The question word, or the kind of the auxiliary a question begins with, or ""."""
    personal: bool
    """It names the user or the agent."""
    denies: bool
    """It holds a negator anywhere; `negated` says that its verb is denied."""
    words: int


_SUBJECT_OF = {"ask": "you", "charge": "you", "wish": "i", "prefer": "i", "ought": "we", "may": "we", "lets": "we"}
_MOOD_OF = {"ask": "ask", "lets": "lets", "may": "may", "whynot": "whynot", "inquire": "yesno"}
_OWN_VERB = {"notice": ("see", False), "unseen": ("see", True), "doubt": ("think", True), "problem": ("be", False)}


def _joins(tokens: list[str], at: int, tables: Tables, *, inside: bool) -> bool:
    """Whether the word here, which can join clauses, does: whether a clause of its own begins after it."""
    joiner = tokens[at]
    if joiner == "if" and at and tokens[at - 1] in ("what", "even", "only", "as"):
        return False
    at += 1
    while at < len(tokens) and (tokens[at] in known.ADVERBS or tokens[at] == "please"):
        at += 1
    if at >= len(tokens):
        return False
    word = tokens[at]
    if joiner in known.RELATIVE:
        # "the one that is", not "that is wrong"
        return inside and (word in tables.auxiliaries or word in tables.subjects or word in tables.verbs)
    if joiner in known.WH and word in tables.auxiliaries:
        return inside
    if word in tables.subjects or word in tables.auxiliaries or word in known.WH or word in known.DETERMINERS:
        return joiner not in known.SOFT or word not in known.DETERMINERS
    if joiner in known.SOFT:
        return tables.verbs.get(word, ("", ""))[1] == "b" and word not in tables.nouns
    return joiner not in known.NARROW and word not in known.ENDS


def _pieces(tokens: list[str]) -> Iterator[tuple[list[str], str, str]]:
    """The clauses of a text: words, what joins it to the one before, and the end ("" within a sentence)."""
    tables = get_tables()
    piece: list[str] = []
    link = ""
    for at, token in enumerate(tokens):
        if token in known.ENDS:
            yield piece, link, token
            piece, link = [], ""
        elif token in known.CUTS:
            if piece:
                yield piece, link, ""
            piece, link = [], ""
        elif token in tables.links and _joins(tokens, at, tables, inside=bool(piece)):
            if piece:
                yield piece, link, ""
            piece, link = [], tables.links[token]
        else:
            piece.append(token)
    yield piece, link, "."


class _Reader:
    """Reads one clause; `at` is how far it has come."""

    def __init__(self, words: list[str], tables: Tables, *, asks: bool) -> None:
        self.words = words[:MAX_WORDS]
        self.asks = asks
        self.tables = tables
        self.at = 0
        self.opened = self.frame = self.asking = ""
        self.mood, self.subject, self.verb, self.tense = "part", "none", "", ""
        self.negated = False

    def _word(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.words[at] if at < len(self.words) else ""

    def _lead(self) -> None:
        """Past what stands before the clause proper."""
        for _ in range(MAX_FRAMES + 1):
            while self._leads():
                self.opened = self.opened or self.tables.leaders.get(self._word(), "")
                self.at += 1
            for rest, name in self.tables.frames.get(self._word(), ()):
                if tuple(self.words[self.at + 1 : self.at + 1 + len(rest)]) == rest:
                    self.negated |= not known.NEGATORS.isdisjoint((self._word(), *rest))
                    self.frame = self.frame or name
                    self.asking = self.asking or self.tables.auxiliaries.get(self._word(), "")
                    self.mood = _MOOD_OF.get(name, self.mood)
                    if name in _SUBJECT_OF or name in _MOOD_OF:
                        named = self.tables.subjects.get(rest[-1] if rest else "", "none")
                        self.subject = _SUBJECT_OF.get(name, named)
                    self.at += 1 + len(rest)
                    break
            else:
                return

    def _leads(self) -> bool:
        """Whether the word here stands before the clause proper."""
        if self._word() not in self.tables.leaders:
            return self.at > 0 and self._word() in known.ADVERBS
        return self._word() != "no" or not self._lacks()

    def _lacks(self) -> bool:
        """Whether a "no" here belongs to the noun after it ("no tests"), and is no answer."""
        word, tables = self._word(1), self.tables
        if not word or word in known.HARMLESS or word in known.DETERMINERS:
            return False
        familiar = word in tables.subjects or word in tables.auxiliaries or word in tables.leaders or word in known.WH
        kind = tables.verbs.get(word, ("", ""))[1]
        return not familiar and (kind != "b" or word in tables.nouns)

    def read(self) -> None:
        """Mood, subject, verb, tense and polarity."""
        self._lead()
        word, tables = self._word(), self.tables
        if not word:
            if not self.frame:
                self.mood = self.opened or "part"
        elif self.subject != "none":  # the frame has said who
            if self.mood == "part":
                self.mood = "state"
            self._predicate()
        elif word in known.WH and (word != "which" or self.asks):
            self._wh()
        elif word in tables.auxiliaries and len(self.words) > 1:
            self._inverted()
        elif word in tables.subjects:
            self._stated()
        elif tables.verbs.get(word, ("", ""))[1] == "b" and word != "like" and not self._is_noun():
            self.mood = "asked" if self.asks else "order"
            self._predicate()
        elif word == "never" and self._word(1) in tables.verbs:
            self.mood = "order"
            self._predicate()
        elif word in tables.verbs and word not in known.DETERMINERS and not self._is_noun():
            self._predicate()
        else:
            self._named()
        if self.frame in _OWN_VERB and self.mood == "part":
            self.verb, negated = _OWN_VERB[self.frame]
            self.negated |= negated
            self.subject, self.mood = "i", "state"
        if self.asks and self.mood == "state":
            self.mood = "asked"

    def _is_noun(self) -> bool:
        """Whether the verb here is a noun: "test output is", "build fails"."""
        singular = self._word().removesuffix("s")
        if self._word() not in self.tables.nouns and singular not in self.tables.nouns:
            return False
        for ahead in (1, 2):
            word = self._word(ahead)
            if word in known.DETERMINERS or word in known.PREPOSITIONS or word in self.tables.subjects:
                return False
            kind = self.tables.verbs.get(word, ("", ""))[1]
            if word in self.tables.auxiliaries or kind in ("s", "d") or (singular != self._word() and kind == "b"):
                return True
        return False

    def _wh(self) -> None:
        start = self.at
        self.asking = self._word().partition("'")[0]
        for ahead in range(1, 5):
            if self._word(ahead) in self.tables.auxiliaries:
                self.at += ahead
                break
        inverted = self.at > start or self._word() in self.tables.shortened
        self.mood = "wh" if self.asks or (inverted and self.at - start == 1) else "part"
        if self.at > start:
            self._auxiliary(self._word())
        self.at += 1
        self._subject()
        self._predicate()

    def _inverted(self) -> None:
        word, following = self._word(), self._word(1)
        named = following in known.DETERMINERS and following != "no" and word not in known.PLAIN
        if following in self.tables.subjects or named:
            if word in known.PLAIN and following in ("it", "that", "this", "these", "those"):
                self.mood, self.verb, self.negated = "order", "do", word in known.NEGATORS
                return
            self.mood, self.asking = "yesno", self.tables.auxiliaries[word]
            self._auxiliary(word)
            self.at += 1
            self._subject()
        else:
            self.mood = "order" if word in known.PLAIN else "state"
        self._predicate()

    def _subject(self) -> None:
        """The subject here, and past it."""
        word = self._word()
        if word in self.tables.subjects and not self._points():
            self.subject = self.tables.subjects[word]
            self.at += 1
        elif word in known.DETERMINERS or (word and word not in self.tables.verbs and word not in known.ADVERBS):
            self.subject = "named"
            self.at += 1 + (word in known.DETERMINERS)
            for _ in range(6):
                word = self._word()
                if word in self.tables.verbs or word in self.tables.auxiliaries or word in known.NEGATORS:
                    break
                self.at += 1

    def _points(self) -> bool:
        """Whether the word here only points at the noun after it ("this function")."""
        following = self._word(1)
        if self._word() not in known.DETERMINERS or not following:
            return False
        tables = self.tables
        if following in tables.auxiliaries or following in known.ADVERBS or following in known.NEGATORS:
            return False
        kind = tables.verbs.get(following, ("", ""))[1]
        return kind not in ("s", "d") and following not in tables.subjects and following not in known.PREPOSITIONS

    def _stated(self) -> None:
        if self._points():
            self._named()
            return
        word = self._word()
        self.mood, self.subject = "state", self.tables.subjects[word]
        if word in self.tables.shortened:
            self._auxiliary(self.tables.shortened[word])
        self.at += 1
        self._predicate()

    def _named(self) -> None:
        """A clause whose subject is a noun, if a verb can be found after it."""
        tables, words = self.tables, self.words
        for at in range(self.at + 1, min(len(words), self.at + 12)):
            word, before = words[at], words[at - 1]
            kind = tables.verbs.get(word, ("", ""))[1]
            finite = word in tables.auxiliaries or word in tables.shortened
            if not finite and before not in known.DETERMINERS and before not in known.PREPOSITIONS:
                following = words[at + 1] if at + 1 < len(words) else ""
                noun = following in tables.auxiliaries or tables.verbs.get(following, ("", ""))[1] == "s"
                plural = before if before not in known.ADVERBS else words[at - 2]
                finite = (kind in ("s", "d") and not noun) or (kind == "b" and plural.endswith("s"))
            if finite:
                self.mood, self.subject, self.at = "state", "named", at
                self._predicate()
                return
        self.negated |= self._word() in known.NEGATORS
        for word in words[self.at : self.at + 4]:
            if word in tables.verbs and word not in tables.nouns and word.removesuffix("s") not in tables.nouns:
                self.verb = tables.verbs[word][0]
                return

    def _auxiliary(self, word: str) -> None:
        kind = self.tables.auxiliaries.get(word) or word
        self.negated |= word in known.NEGATORS
        if kind in ("should", "can", "would", "will"):
            self.tense = kind
        elif not self.tense:
            self.tense = {"be": "be", "have": "has"}.get(kind, "")
        elif self.tense == "has" and kind == "be":
            self.tense = "perf"
        if word in known.PAST and self.tense in ("", "be", "has"):
            self.tense = "past"

    def _predicate(self) -> None:
        """Auxiliaries and the verb."""
        seen = last = self.tense if self.tense == "be" else ""
        for _ in range(10):
            word = self._word()
            if word in self.tables.auxiliaries:
                last = self.tables.auxiliaries[word]
                self._auxiliary(word)
                seen = seen or last
            elif word in known.NEGATORS:
                self.negated = True
                if word == "no":
                    break
            elif word in self.tables.verbs and not (last == "be" and word in self.tables.nouns):
                self.verb, kind = self.tables.verbs[word]
                if word in ("need", "needs") and self._word(1) == "to":
                    self.tense = "should"
                    self.at += 2
                    continue
                self._tense(kind)
                self.at += 1
                self.negated |= not known.NO_OBJECT.isdisjoint(self.words[self.at : self.at + 3])
                return
            elif word == "to" and last == "have":
                self.tense = "should"
            elif word not in known.ADVERBS or not word:
                break
            self.at += 1
        self.negated |= last == "be" and not known.NO_OBJECT.isdisjoint(self.words[self.at : self.at + 3])
        self.verb = self.verb or ("be" if last == "be" or seen == "be" else last if last in ("have", "do") else "")
        self._tense("")

    def _tense(self, kind: str) -> None:
        if kind == "g":
            self.tense = "prog" if self.tense in ("be", "", "perf", "past") else self.tense
        elif kind in ("d", "n"):
            self.tense = {"be": "pass", "has": "perf", "perf": "perf", "": "past"}.get(self.tense, self.tense)
        elif self.tense in ("be", "", "has"):
            self.tense = "pres"


def _finish(reader: _Reader, words: list[str], link: str, said: frozenset[str]) -> Clause:
    shared = any(len(word) >= CONTENT and word in said and word not in known.STOP for word in words)
    here = not known.HERE.isdisjoint(words)
    rest = reader.words[reader.at : reader.at + 5]
    definite = next(("the" if word in known.DEFINITE else "a" for word in rest if word in known.ARTICLES), "")
    return Clause(
        mood=reader.mood,
        subject=reader.subject,
        negated=reader.negated,
        verb=reader.verb,
        tense=reader.tense,
        value="" if words[0] == "no" and words[1:2] and words[1] in known.HARMLESS else judge(words, reader.tables),
        link=link,
        frame=reader.frame,
        opened=reader.opened,
        repeats=not known.AGAIN.isdisjoint(words),
        shifts=not known.SHIFTED.isdisjoint(words),
        refers="work" if shared else "here" if here else "",
        definite=definite,
        asks=reader.asking,
        personal=not known.PERSONS.isdisjoint(words),
        denies=not known.NEGATORS.isdisjoint(words),
        words=len(words),
    )


def read_clauses(tokens: list[str], said: frozenset[str]) -> list[Clause]:
    """The clauses of a message; `tokens` are its words and what ends its clauses, `said` the agent's last words."""
    tables = get_tables()
    found: list[Clause] = []
    for words, link, end in _pieces(tokens):
        if not words or (len(words) == 1 and (words[0] == "x" or words[0].isdigit())):
            continue
        if end == "?" and found and len(words) <= 2 and words[0] in known.TAGS:
            found[-1] = found[-1]._replace(mood="tagged")
            continue
        reader = _Reader(words, tables, asks=end == "?")
        reader.read()
        found.append(_finish(reader, words[:MAX_WORDS], link, said))
        if len(found) >= MAX_CLAUSES:
            break
    return found
