"""docs/SCRUBBING.md from the numbers of bench/scrub.py.

Owns: the words and tables. Never: measures.
Invariant: every number in the page comes from the run it describes.
"""

from __future__ import annotations

from typing import Any

_HEAD = """# Scrubbing: method, results, limits

This page is written by `python bench/scrub.py GOLD.jsonl…`. Every number below comes from one run of it.

## What is replaced

| category | placeholder | what |
|---|---|---|
| EMAIL | `[EMAIL]` | addresses of persons, at reserved domains too; not git remotes, no-reply, `you@example.com` |
| PHONE | `[PHONE]` | international numbers, North American forms, national numbers after a word that announces one |
| IP | `[IP]` | IPv4 and IPv6 of hosts; not loopback, masks, versions, object identifiers |
| SSN, CREDIT_CARD | `[SSN]`, `[CREDIT_CARD]` | numbers in issued ranges; issuer, length and check digit |
| AWS_KEY, API_KEY | `[AWS_KEY]`, `[API_KEY]` | token shapes, in examples too; headers, passwords, values, codes |
| PRIVATE_KEY | `[PRIVATE_KEY]` | PEM, OpenSSH, PuTTY blocks, also cut off at either end |
| REDACTED_URL | `[REDACTED_URL]` | the value of a secret URL parameter; a presigned address but for its scheme |
| USER_PATH | `[USER]` | the user's part of a home path, owners in listings, users in prompts, that name as a word |

A value counts by the name before it, by the column it stands in (CSV, tables that programs print, rows of an INSERT),
or by the command it is given to. What reads as program text does not: calls, types, references, identifiers that words
make up, minified code, selectors, results of tests. A presigned address is a credential as a whole, so its bucket and
path go with it. A home that is named like a common word is replaced in its path, and the word stays elsewhere.

Bare hashes (git, sha256, integrity), UUIDs, versions, times and the ids that pair calls with results stay. `strict_hex`
also replaces every bare hex string of 40 digits or more, the letter of "long hex"; it destroys every commit id.

## How

One table of rules (`sidecar.scrub.rules`) is data: a head of bounded length, a confirm step, made-up samples that must
and must not match, and the public reference of the format. The gate (`sidecar.scrub.engine`) finds heads in one sweep
with hyperscan, or with `re` where its wheel is missing; a test holds that both find the same spans. The confirm step
(`sidecar.scrub.confirm`) looks at a bounded stretch: boundaries that know escapes, randomness, check digits, words of
code. Spans are merged and joined once. Invisible characters and terminal colours are read over; escapes (`%3D`,
`\\u0022`, entities) and base64 are undone once and looked at again; a value found under a name is replaced wherever
else it stands in the text. Placeholders are atoms, so scrubbing twice is scrubbing once. The strings of a step
are first looked at joined, line by line: those in which the gate finds nothing need no look of their own.

## Method

A gold span leaks if half or more of it is still visible. A clean item is damaged if anything in it changed. Precision
counts replaced spans that touch a gold span. Private addresses and documented example tokens are not counted as damage.
Every item gets a scrubber that has seen nothing. Rules were built from the formats' references, and false alarms were
looked for in code and documents of this machine. No item of one half, drawn by a hash of the ids, was ever read; it was
scored, its misses and false alarms were counted by family, rule, source, kind of name and length, and some rules and
choices followed from these counts and scores: it is unread, not unused.

## Under strings nobody wrote

`make fuzz` (or `python bench/scrub_fuzz.py --strings 10000000 --seed N`) makes short strings from the samples of the
rules, the shapes of the tokens, keys, signs, escapes, encodings and invisible characters, mutates them, and asks of
each: is scrubbing twice the same as once, for a scrubber that has seen neither; does the gate lead to all that the
confirm step finds without it, where the whole body of a token, or a rule's own expression, is tried at every position
by `re`; and, of every eighth block of 64, do both engines find the same spans. It stops at the first difference, with
the smallest string that shows it and the seed. The tests run some blocks of the same strings (`bench/scrub_claims.py`).
"""
_LIMITS = """
## Limits

- A secret without a form, a name or a quote is not found; nor is a password that is one plain word, nor one that is
  only an argument by its position (`Client("app", "…")`) of a call no rule knows.
- Encodings are undone once: base64 within base64, or rot13, passes.
- A secret split over two strings of one step is not joined; deltas are joined before they are scrubbed.
- Names of persons, postal addresses and birth dates are not looked for.
- Phone numbers without a country, a known form or an announcing word are taken for numbers.
- Identifiers that only their owner knows to be secret (customer ids, internal hosts) stay; add them to the settings.
"""


def markdown(result: dict[str, Any]) -> str:
    """The page."""
    out = [_HEAD]
    scores = result["scores"]
    if scores:
        out.append(
            f"\n## Results\n\n{scores['items']} items, {scores['spans']} gold spans, {result['rules']} rules of which "
            f"{result['token_shapes']} are token shapes, engine {result['engine']}, Python {result['python']}.\n\n"
            "| leak % | span precision | F1 | clean items damaged % |\n|---|---|---|---|\n"
            f"| {100 * scores['leak']:.1f} | {scores['precision']:.3f} | {scores['f1']:.3f} "
            f"| {100 * scores['damaged']:.1f} |\n"
        )
        for title, key in (("leaked by category", "by_category"), ("leaked by source", "by_source")):
            out.append(_table(title, scores[key]))
        out.append(_table("damaged by class of clean item", scores["by_clean_class"]))
    out.append("\n## Speed\n\nFind and replace on agent-like text, processor time of one core.\n\n")
    out.append("| engine | MB/s | p99 of the 2,000 longest, ms |\n|---|---|---|\n")
    for engine, row in result["throughput"].items():
        out.append(f"| {engine} | {row['mb_per_s']:.1f} | {row['p99_ms_of_longest_2000']:.2f} |\n")
    out.append("\nHostile text of 1 MB: speed, and how much longer twice the text takes.\n\n")
    out.append("| case | MB/s | time(2n)/time(n) |\n|---|---|---|\n")
    for case, (speed, ratio) in result["worst"].items():
        out.append(f"| `{case}` | {speed:.1f} | {ratio:.2f} |\n")
    out.append("\nFrom `percent twice` on, every few characters are replaced or nearly: confirming is all the work.\n")
    others = ", ".join(f"{name}: {state}" for name, state in result["others"].items())
    out.append(f"\nOther scanners on this machine: {others}.\n")
    out.append(_LIMITS)
    return "".join(out)


def _table(title: str, rows: dict[str, list[int]]) -> str:
    lines = [f"\n| {title} | of | % |\n|---|---|---|\n"]
    lines += [f"| {name}: {bad} | {n} | {100 * bad / n:.1f} |\n" for name, (bad, n) in rows.items()]
    return "".join(lines)
