"""Reads a user's message and the agent's last words into signals.

Owns: `Signals`, `Context`, `read_message`, `read_context`, `mid_step`, and what pasted output looks like.
Never: decides an intent.
Invariant: at most `HEAD` + `TAIL` characters of a message and `CONTEXT` of the agent's words are read, each in linear
time.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from sidecar.capture.phrases import BREAKS, SCRIPT, Cue, find_cues, find_script_cues, split

HEAD = 1200
"""Characters at the beginning of a message that are read."""
TAIL = 400
"""Characters at the end of a longer message that are read too."""
CONTEXT = 400
"""Characters at the end of the agent's words that are read."""
QUESTION_ZONE = 160
"""Characters at the end of the agent's words in which a question mark asks the user something."""
MAX_TOKENS = 150
"""Words of a message that are looked at one by one."""
MIN_PASTE = 24
"""Characters from which quoted text can be pasted output and not a name."""


class Context(NamedTuple):
    """What the agent's last words say about the moment the user wrote."""

    empty: bool
    mid_step: bool
    asks: bool
    offers: bool
    """It asks and names alternatives."""
    listed: bool
    """Its last line is an item of a list, so it may be offering options."""
    done: bool
    """It reports work as finished."""
    proposes: bool
    """It ends by offering to do something ("shall I", "want me to")."""
    fails: bool
    """It tells of an error."""
    words: frozenset[str]


class Signals(NamedTuple):
    """What was found in a message."""

    cues: dict[Cue, int]
    words: int
    asks: bool
    """It holds a question mark."""
    ends_asking: bool
    chooses: bool
    """It begins by naming an option."""
    paste: bool
    """It holds pasted output or code."""
    paste_error: bool
    """What is pasted tells of a failure."""
    trails: bool
    """It trails off ("I'm not seeing it..."), as doubt does."""
    severity: bool
    """It is a review finding with its severity."""
    exclaims: bool
    names_code: bool
    """It holds an identifier, a call, a file or a path."""
    tokens: list[str]
    """The first words of its prose and what ends its clauses, at most `MAX_TOKENS`."""


def _names(line: str) -> frozenset[str]:
    return frozenset(line.split())


_SENTENCE = re.compile(r"(?<=[.!?:;*)]) +|(?<=[\u3002\uff01\uff1b])")
_ANNOUNCES = re.compile(
    r"\W{0,4}(?:(?:ok|okay|good|great|perfect|excellent|now|first|next|so|and|then|also|but|alright|right|actually|"
    r"finally)(?:, | |$))*"
    r"(?:(?:let me (?!know)|let's |i'll |i will |i'm going to|i am going to|i need to|i should|i'm now|i am now|"
    r"i have to|"
    r"i want to|going to |time to |(?:continuing|starting|dispatching|running|proceeding|checking|reading|updating|"
    r"creating|fixing|implementing|looking|searching|testing|building|writing|adding|removing|installing|rebuilding|"
    r"verifying|committing|pushing|moving|switching|applying|rewriting|refactoring) |"
    r"(?:now|next|then),? (?:i |to |for |the |update|add|run|fix|check|create|write|test|build|verify|implement|"
    r"remove|"
    r"look)|ich werde|ich muss|lass mich|lasst mich|jetzt |als nächstes|voy a|déjame|vamos a|ahora |je vais|"
    r"laisse-moi|laissez-moi|maintenant )|让我|我来|我将|我会|现在|接下来|首先|次に|それでは|まず|では、)",
    re.IGNORECASE,
)
_OPTION_WORDS = _names(
    "which prefer preference option options either or welche welcher welches oder lieber cuál prefieres opción "
    "opciones quel quelle préfères option ou"
)
_OPTION_SCRIPT = re.compile(r"哪|还是|どちら|どれ|それとも|(?:^|\n)\W{0,4}(?:[2-9]|[B-E])[.)]")
_DONE_WORDS = _names(
    "done fixed pushed committed commit updated added removed renamed created implemented passes pass passing passed "
    "ready complete completed clean works working successfully fertig erledigt hecho listo terminé fait"
)
_DONE_SCRIPT = re.compile(r"✅|✓|完成|已|修复|完了|しました")
_LISTED = re.compile(r"^\W{0,4}(?:[2-9]|[B-Eb-e])[.):*]")
_CHOOSES = re.compile(
    r"(?:yes,? |ok,? |let's (?:do|go with) |i'd (?:go with|say|prefer) |i prefer |go with |do )?"
    r"(?:both\b|neither\b|#|option |variante |opción |opcion |方案|案)?\(?(?:[1-9]|[a-e](?![a-z']))"
    r"(?:[.,:;)!+&/]| and | or | y | und | et | -|\s*$|\s+(?:is|for|seems|sounds|looks|please|but|first|because|"
    r"it is)\b)"
    r"|(?:let's (?:do|go with) |i'd (?:go with|prefer) |go with )?"
    r"(?:option |variante |opción |the (?:first|second|third|last|former|latter)(?: (?:one|option|approach|"
    r"way)\b|\s*$|[.,;])|both\b|neither\b)"
    r"|(?:第[一二三四1-9]|方案|选[择A-D1-9]|[1-9]番|両方|案)",
    re.IGNORECASE,
)
_INTERRUPT = re.compile(r"^\s*\[Request interrupted by user[^\]\n]{0,40}\]\s*")
_NOISE = re.compile(r"<(system-reminder|command-[a-z]+|local-command-[a-z]+)>[^<]{0,2000}</\1>")
_FENCE = re.compile(r"```[^`]{0,4000}(?:```|$)|`[^`\n]{1,200}`|\"[^\"\n]{1,200}\"")
_LOG_LINE = re.compile(
    r"^(?:[^\n]{0,40}\d{1,2}:\d\d:\d\d[^\n]*|"
    r"[ \t]*(?:at |File \"|Traceback |[+-] {2,}|[\u276f$#>✗✘\u00d7●│├└]|=== |--- |\+\+\+ |\{\"|\d+ *\|)[^\n]*|"
    r"[^\n]{0,60}(?:\b(?:[Ee]rror|ERROR|fatal|panic|FAIL(?:ED)?|Exception|WARN(?:ING)?)\b ?[:\[(])[^\n]*|"
    r"[^\n]*\.(?:go|py|ts|tsx|js|rs|java|rb|c|cpp):\d+[^\n]*)$",
    re.MULTILINE,
)
_PASTED_ERROR = re.compile(
    r"\b(?:error|ERROR|[A-Z]?[A-Za-z]{0,40}Error|fatal|panic|Exception|Traceback|FAIL|FAILED|failed|undefined|denied|"
    r"exit (?:code|status) [1-9]|not found|unexpected)\b|✗|✘|❌"
)
_SEVERITY = re.compile(
    r"\b(?:[Hh]igh|HIGH|[Mm]edium|MEDIUM|[Ll]ow|LOW|[Cc]ritical|CRITICAL) [Ss]everity\b|^P[0-3]\b", re.MULTILINE
)
_PROPOSES = re.compile(
    r"\b(?:want me to|would you like|shall i|should i|do you want|may i|can i|soll ich|möchtest du|soll das|"
    r"quieres que|te parece|veux-tu|voulez-vous|dois-je)\b[^?]{0,200}\?|要我.{0,60}[吗?\uff1f]|"
    r"(?:しましょうか|ますか)"
)
_FAILS = ("fail", "error", "fehl", "échou", "erreur", "falla", "falló", "失败", "报错", "エラー", "失敗")
_CODE = re.compile(
    r"\b[a-z]{1,40}[A-Z]\w{0,60}|\b\w{1,60}_\w|\w\(\)|\w\.(?:py|tsx?|js|go|rs|md|json|ya?ml|sh|java|rb|css|html)\b|"
    r"[^\s/]/[^\s/]{1,80}/[^\s/]"
)
_CLOSERS = " \n)!:🤣😅🤔"


def mid_step(previous: str) -> bool:
    """Whether the agent's last words announce a step of which no end is reported: the user wrote into running work."""
    tail = previous[-CONTEXT:].rstrip()
    if previous and not tail:
        return True  # a turn in which the agent has said nothing yet
    if not tail or tail.endswith(("?", "\uff1f", "`", "|")):
        return False
    last = tail.rsplit("\n", 1)[-1]
    if last.endswith((":", "\uff1a", "...", "…")):
        return True
    return any(_ANNOUNCES.match(sentence) for sentence in _SENTENCE.split(last)[-2:])


def read_context(previous: str) -> Context:
    """What the tail of the agent's words says."""
    tail = previous[-CONTEXT:].rstrip()
    words = frozenset(split(tail))
    end = tail[-QUESTION_ZONE - 40 :].lower()
    asks = "?" in tail[-QUESTION_ZONE:] or "\uff1f" in tail[-QUESTION_ZONE:]
    return Context(
        empty=not previous,
        mid_step=mid_step(previous),
        asks=asks,
        offers=asks and (not words.isdisjoint(_OPTION_WORDS) or _OPTION_SCRIPT.search(tail) is not None),
        listed=_LISTED.match(tail.rsplit("\n", 1)[-1]) is not None,
        done=not words.isdisjoint(_DONE_WORDS) or (not tail.isascii() and _DONE_SCRIPT.search(tail) is not None),
        proposes=asks and _PROPOSES.search(end) is not None,
        fails=any(word in end for word in _FAILS),
        words=words,
    )


def own_words(text: str) -> str:
    """A message without what a CLI adds to it; of a long one the beginning and the end."""
    text = text[: 4 * HEAD] + text[4 * HEAD :][-TAIL:]
    if "<" in text:
        text = _NOISE.sub(" ", text)
    return _INTERRUPT.sub("", text).strip()


def read_message(text: str) -> Signals:
    """What is found in a message: the cues of its prose, and what else it holds."""
    text = own_words(text)
    window = text if len(text) <= HEAD + TAIL else text[:HEAD] + "\n" + text[-TAIL:]
    pasted: list[str] = []

    def take(match: re.Match[str]) -> str:
        pasted.append(match[0])
        return " x "

    prose = _LOG_LINE.sub(take, _FENCE.sub(take, window))
    tokens = split(prose)
    cues = find_cues(tokens)
    words = sum(token not in BREAKS for token in tokens)
    if not prose.isascii() and SCRIPT.search(prose):
        for cue, count in find_script_cues(prose).items():
            cues[cue] = cues.get(cue, 0) + count
        words += len(SCRIPT.findall(prose)) // 2
    return Signals(
        cues=cues,
        words=words,
        asks="?" in prose or "\uff1f" in prose,
        ends_asking=prose.rstrip(_CLOSERS).endswith(("?", "\uff1f")),
        chooses=_CHOOSES.match(prose.lstrip()) is not None,
        paste=bool(pasted),
        paste_error=any(len(piece) >= MIN_PASTE and _PASTED_ERROR.search(piece) for piece in pasted),
        trails="..." in prose or "\u2026" in prose,
        severity=("everity" in prose or "EVERITY" in prose or "P" in prose) and _SEVERITY.search(prose) is not None,
        exclaims="!" in prose,
        names_code=_CODE.search(window) is not None,
        tokens=tokens[:MAX_TOKENS],
    )
