"""The results as tables of at most 80 columns, and as the numbers part of docs/LABELS.md.

Owns: `tables`, `markdown`.
Never: computes; rounds only for show.
Invariant: no line of a table is longer than `WIDTH`.
"""

from __future__ import annotations

from typing import Any

WIDTH = 80
BARS = {
    "wrapped": "recall >= 0.98 at precision >= 0.98 (with the wrapper)",
    "stripped": "recall >= 0.80 at precision >= 0.90 where nothing was developed",
    "text": "recall >= 0.70 at <= 10 % false alarms where nothing was developed",
    "intent": "correction recall >= 0.70 at precision >= 0.75; macro F1 >= 0.60",
}
_HEAD = f"{'':26}{'TP':>5}{'FP':>5}{'FN':>5}{'TN':>6}  {'precision':<15}{'recall':<15}"


def _span(value: float, interval: tuple[float, float]) -> str:
    return f"{value:.3f} {_short(interval[0])}-{_short(interval[1])}"


def _short(value: float) -> str:
    return "1.0" if value > 0.995 else f"{value:.2f}"[1:]


def _row(name: str, cell: dict[str, Any]) -> str:
    precision = _span(cell["precision"], cell["precision_ci"])
    recall = _span(cell["recall"], cell["recall_ci"])
    line = f"{name[:25]:26}{cell['tp']:>5}{cell['fp']:>5}{cell['fn']:>5}{cell['tn']:>6}  {precision:<15}{recall:<15}"
    return line.rstrip()


def _cells(title: str, part: dict[str, Any]) -> list[str]:
    lines = [title, _HEAD.rstrip()]
    lines += [_row(name, cell) for name, cell in part.get("halves", {}).items()]
    lines += [_row("  " + repo, cell) for repo, cell in part["repos"].items()]
    return lines


def errors(result: dict[str, Any]) -> list[str]:
    """Tables of error detection."""
    lines: list[str] = []
    names = {"wrapped": "Failed results, flag hidden", "stripped": "Failed results, flag hidden and wrapper stripped"}
    for mode, name in names.items():
        part = result[mode]
        lines += [*_cells(name, part["raw"]), ""]
        count = sum(part["hidden_runs"].values())
        if "two_classes" in part:
            lines += [*_cells(f"the same, {count} `hidden:` runs as a class of their own", part["two_classes"]), ""]
        else:
            lines += [*_cells(f"the same, {count} runs with a hidden exit code set apart", part["set_apart"]), ""]
        lines += [*_cells("the same, the flag corrected where two readings saw a failed run", part["read"])]
        lines += ["  other failed commands counted, too:"]
        lines += [*(_row("  " + name, cell) for name, cell in part["read_any"]["halves"].items()), ""]
    lines.append("called failed although the flag says fine, read twice:")
    for half, cell in result["readings"].items():
        both = ", ".join(f"{count} {reading}" for reading, count in cell["agreed"].items())
        lines.append(f"  {half}: {cell['read']} of {cell['wanted']}; both said {both}; kappa {cell['kappa']:.2f}")
    return [*lines, ""]


def interventions(result: dict[str, Any]) -> list[str]:
    """Tables of intervention detection."""
    lines: list[str] = []
    for mode, name in (("text", "Interventions, structure hidden"), ("structure", "Interventions, with structure")):
        lines += _cells(name, result[mode])
        halves = result[mode]["halves"].items()
        lines += [f"  false alarms, {half}: {100 * cell['false_alarms']:.1f} %" for half, cell in halves]
        lines.append("")
    return lines


def matrix(title: str, part: dict[str, Any]) -> list[str]:
    """The table of a confusion matrix."""
    labels = list(part["labels"])
    lines = [title, f"{'':14}" + "".join(f"{label[:7]:>8}" for label in labels) + "  <- said"]
    lines += [f"{truth:14}" + "".join(f"{part['matrix'][truth][said]:>8}" for said in labels) for truth in labels]
    lines.append(f"{'':14}{'precision':<17}{'recall':<17}F1")
    for label, cell in part["labels"].items():
        precision = _span(cell["precision"], cell["precision_ci"])
        recall = _span(cell["recall"], cell["recall_ci"])
        lines.append(f"{label:14}{precision:<17}{recall:<17}{cell['f1']:.3f}")
    lines.append(
        f"n {part['n']}, accuracy {_span(part['accuracy'], part['accuracy_ci'])}, "
        f"macro F1 {_span(part['macro_f1'], part['macro_f1_ci'])}"
    )
    return [*lines, ""]


def intents(result: dict[str, Any]) -> list[str]:
    """Tables of intent classification."""
    found, labelled = result["found"], result["labelled"]
    lines = [
        f"Intents: {found} of {labelled} doubly labelled messages found, {result['crossfitted']} judged by cross-fit"
    ]
    lines.append(f"agreed on {result['agreed']}, kappa {result['kappa']:.3f}")
    if result["disagreements"]:
        lines.append("disagreements (first/second labeller):")
        lines += [f"  {pair:32}{count:>4}" for pair, count in result["disagreements"].items()]
    lines.append("")
    for who, title in (
        ("agreed", "against what both agree on"),
        ("a", "against the first"),
        ("b", "against the second"),
    ):
        if result["against"][who]["n"]:
            lines += matrix(title, result["against"][who])
    others = result["others"]
    if others["labelled"]:
        lines.append(f"the other {others['labelled']} messages: one labeller knew the classifier, one was blind")
        lines += [f"agreed on {others['agreed']}, kappa {others['kappa']:.3f}", ""]
        lines += matrix("against what both agree on", others["against"])
        lines += matrix("against the first", others["against_first"])
        lines += matrix("all messages on which two labellers agree", result["all"])
    return [*lines, *training(result["training"])]


def training(result: dict[str, Any]) -> list[str]:
    """The table of what the weights were trained on, each message judged by weights that saw nothing of its group."""
    counts = ", ".join(f"{count} {origin}" for origin, count in result["trained_on"].items())
    lines = [
        f"Cross-fit, {result['folds']} folds; the weights in use: {result['features']} features,",
        f"trained on {counts} messages",
        f"{'':26}{'n':>6}  correction P     R  macro F1",
    ]
    cells = {**result["cross"], "hard.jsonl, never trained on": result["hard"]}
    for name, cell in cells.items():
        numbers = f"{cell['precision']:>14.2f}{cell['recall']:>6.2f}{cell['macro_f1']:>10.2f}"
        lines.append(f"{name:28}{cell['n']:>4}{numbers}")
    return [*lines, ""]


def transcripts(result: dict[str, Any]) -> list[str]:
    """Tables of whole sessions."""
    proved, labelled = result["interventions"]["proved"], result["interventions"]["labelled"]
    lines = [
        f"Whole sessions: {result['files']} transcripts",
        f"  rejections with a reason: {labelled['rejections']} labelled of {proved['rejections']} in the raw lines",
        f"  interrupt, then message:  {labelled['interrupts']} labelled of {proved['interrupts']} in the raw lines",
        f"failed results, the provider's word hidden, {sum(result['hidden_runs'].values())} hidden runs set apart",
        _HEAD.rstrip(),
    ]
    return [*lines, *(_row(repo, cell) for repo, cell in result["errors"].items()), ""]


def tables(result: dict[str, Any]) -> str:
    """All tables there are results for."""
    makers = {"errors": errors, "interventions": interventions, "intents": intents, "transcripts": transcripts}
    lines: list[str] = []
    for name, maker in makers.items():
        if name in result:
            lines += maker(result[name])
    return "\n".join(line[:WIDTH].rstrip() for line in lines).rstrip() + "\n"


def markdown(text: str, result: dict[str, Any]) -> str:
    """A document with its numbers part, between the two marks, replaced."""
    begin, end = "<!-- numbers -->", "<!-- end of numbers -->"
    head, _, rest = text.partition(begin)
    _, _, foot = rest.partition(end)
    body = f"{begin}\n\nBars: " + "; ".join(f"{name}: {bar}" for name, bar in BARS.items()) + ".\n\n"
    return f"{head}{body}```text\n{tables(result)}```\n\n{end}{foot}"
