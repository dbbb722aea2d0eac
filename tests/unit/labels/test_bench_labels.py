"""The measurement of labels, on invented gold data."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BENCH = ROOT / "bench"


@pytest.fixture(scope="module", autouse=True)
def _bench_on_path():
    """The scripts of bench/ import each other by name, as they do when run."""
    sys.path.insert(0, str(BENCH))
    yield
    sys.path.remove(str(BENCH))


def result(repo, tool, is_error, text):
    return {"repo": repo, "licence": "MIT", "tool": tool, "is_error": is_error, "text": text}


def message(repo, text, *, structural="msg", acted=True, previous="Done."):
    return {
        "repo": repo,
        "structural": structural,
        "agent_had_acted": acted,
        "text": text,
        "prev_assistant_tail": previous,
    }


RESULTS = [
    result("big/one", "Bash", True, "Exit code 1\nfatal: not a git repository"),
    result("big/one", "Bash", False, "=== 4 passed in 0.1s ==="),
    result("big/one", "Read", False, "     1\terror: shown"),
    result("big/one", "Read", True, "<tool_use_error>File does not exist.</tool_use_error>"),
    result("small/two", "Bash", False, "--- FAIL: TestAdd (0.00s)\nFAIL"),
    result("small/two", "Bash", True, "Exit code 2\n"),
]
MESSAGES = [
    message("big/one", "write a parser", acted=False, previous=""),
    message("big/one", "no, that's wrong"),
    message("big/one", "what is left?"),
    message("small/two", "write a report", acted=False, previous=""),
    message("small/two", "stop", structural="after_interrupt", previous="Let me run the tests:"),
]


def test_wilson_and_kappa_give_textbook_values():
    """Known proportions give the published intervals and kappa."""
    from labels_metrics import kappa, wilson

    low, high = wilson(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert wilson(0, 0) == (0.0, 1.0)
    pairs = [("a", "a")] * 20 + [("a", "b")] * 5 + [("b", "a")] * 10 + [("b", "b")] * 15
    assert round(kappa(pairs), 3) == 0.4


def test_a_matrix_counts_every_judgement_once():
    """Rows and columns of the confusion matrix add up, and one perfect label has F1 one."""
    from labels_metrics import Matrix

    matrix = Matrix(["x", "y"])
    for truth, said in [("x", "x"), ("x", "x"), ("y", "x"), ("y", "y")]:
        matrix.add(truth, said)
    numbers = matrix.numbers()
    assert sum(sum(row.values()) for row in numbers["matrix"].values()) == numbers["n"] == 4
    assert numbers["labels"]["x"]["precision"] == pytest.approx(2 / 3)
    assert numbers["macro_f1_ci"][0] <= numbers["macro_f1"] <= numbers["macro_f1_ci"][1]


def test_conversations_are_never_split():
    """All messages of one conversation are on one side, and small repositories are scored on."""
    from labels_split import conversations, scored_messages

    rows = [message("big/one", f"task {index}", acted=index % 4 != 0) for index in range(40)]
    rows += [message("small/two", "x", acted=False)]
    keys, scored = conversations(rows), scored_messages(rows)
    assert len(set(keys)) == 11
    assert {key: {s for k, s in zip(keys, scored, strict=True) if k == key} for key in keys}.values()
    assert all(len({s for k, s in zip(keys, scored, strict=True) if k == key}) == 1 for key in keys)
    assert scored[-1]


def test_the_sample_comes_from_the_score_half_alone():
    """Nothing that may be developed on is ever in the sample, and no message is in it twice."""
    from labels_split import identify, sample, scored_messages

    rows = [message("big/one", f"do {index % 30}", acted=index % 3 != 0) for index in range(90)]
    allowed = {identify(row) for row, scored in zip(rows, scored_messages(rows), strict=True) if scored}
    drawn = [identify(row) for row in sample(rows)]
    assert set(drawn) <= allowed
    assert len(drawn) == len(set(drawn))
    assert drawn == [identify(row) for row in sample(rows)]


def test_stripping_leaves_only_the_tools_own_words():
    """The wrapper of each CLI goes; what the tool printed stays."""
    from labels_tasks import strip_wrapper

    assert strip_wrapper("Exit code 1\nfatal: no") == "fatal: no"
    assert strip_wrapper("<tool_use_error>File does not exist.</tool_use_error>") == "File does not exist."
    assert strip_wrapper("Output: x\nExit Code: 1\nSignal: 9\n") == "Output: x\n"
    assert strip_wrapper("Error: Exit code 1 is what I expected") == "Error: Exit code 1 is what I expected"


def test_hidden_runs_are_counted_and_a_class_of_their_own():
    """A failed run whose flag says fine counts against the raw figure, not as a class of its own; it is not left out."""
    from labels_tasks import judge_errors

    wrapped = judge_errors(RESULTS)["wrapped"]
    assert wrapped["hidden_runs"] == {"small/two": 1}
    assert wrapped["raw"]["halves"]["score"]["fp"] == 1
    raw, classes = wrapped["raw"]["halves"]["score"], wrapped["two_classes"]["halves"]["score"]
    assert classes["fp"] == 0
    assert sum(raw[key] for key in ("tp", "fp", "fn", "tn")) == sum(classes[key] for key in ("tp", "fp", "fn", "tn"))
    assert wrapped["raw"]["halves"]["develop"]["recall"] == 1.0


def test_an_absent_mark_is_believed_where_the_cli_writes_one():
    """Where a repository's shell results carry the CLI's mark, words about trouble without one are not a failure."""
    from labels_tasks import judge_errors, marking_repos

    rows = [
        *RESULTS,
        result("big/one", "Bash", False, "fatal: no such branch"),
        result("x/y", "Bash", False, "fatal: x"),
    ]
    assert marking_repos(rows) == {"big/one", "small/two"}
    answer = judge_errors(rows)
    assert answer["wrapped"]["raw"]["repos"]["big/one"]["fp"] == 0
    assert answer["stripped"]["raw"]["repos"]["big/one"]["fp"] == 1
    assert answer["wrapped"]["raw"]["repos"]["x/y"]["fp"] == 1


def test_the_flag_is_corrected_only_where_two_readings_agree():
    """A result whose flag says fine is a failure in a corrected truth if both readers saw one, else the flag stands."""
    from labels_tasks import judge_errors, result_name, to_adjudicate

    (name,) = to_adjudicate(RESULTS)
    assert name == result_name(RESULTS[4])
    readings = [("run", "run", 0, 0), ("run", "command", 1, 0), ("run", "fine", 1, 1), ("fine", "fine", 1, 1)]
    for first, second, runs, anything in readings:
        answer = judge_errors(RESULTS, [{"id": name, "a": first, "b": second}])
        assert answer["wrapped"]["read"]["halves"]["score"]["fp"] == runs
        assert answer["wrapped"]["read_any"]["halves"]["score"]["fp"] == anything
        assert answer["readings"]["score"]["read"] == answer["readings"]["score"]["wanted"] == 1
        assert answer["wrapped"]["raw"]["halves"]["score"]["fp"] == 1


def test_the_command_prints_narrow_tables_and_json(tmp_path):
    """The script measures a folder of gold data, prints no line over 80 columns, and the same as JSON."""
    for name, rows in (("tool_results", RESULTS), ("user_messages", MESSAGES)):
        (tmp_path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    command = [sys.executable, str(BENCH / "labels.py"), "--gold", str(tmp_path), "--no-docs"]
    tables = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "Interventions" in tables
    assert max(map(len, tables.splitlines())) <= 80
    numbers = json.loads(subprocess.run([*command, "--json"], capture_output=True, text=True, check=True).stdout)
    assert numbers["interventions"]["structure"]["halves"]["score"]["recall"] == 1.0
    assert numbers["intents"]["found"] == 0


def test_a_folder_without_gold_is_an_error(tmp_path):
    """Nothing to measure is said, not passed over."""
    command = [sys.executable, str(BENCH / "labels.py"), "--gold", str(tmp_path), "--no-docs"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "nothing to measure" in run.stderr


def test_committed_labels_hold_no_texts():
    """The label files hold 16 hex digits and labels, and nothing else."""
    from labels_tasks import INTENTS, READINGS

    seen = 0
    for path in sorted((BENCH / "data" / "labels").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            assert len(row.pop("id")) == 16
            assert set(row.values()) <= set(READINGS if path.stem == "results" else INTENTS)
            seen += 1
    assert seen >= 300


def test_the_document_keeps_its_words_and_changes_its_numbers():
    """Only what stands between the marks is replaced."""
    from labels_report import markdown
    from labels_tasks import judge_errors

    text = "head\n<!-- numbers -->\nold\n<!-- end of numbers -->\nfoot\n"
    new = markdown(text, {"errors": judge_errors(RESULTS)})
    assert new.startswith("head\n<!-- numbers -->")
    assert new.endswith("<!-- end of numbers -->\nfoot\n")
    assert "old" not in new
    assert markdown(new, {"errors": judge_errors(RESULTS)}) == new


def examples(train):
    """Four conversations in which "undo" corrects and "why" asks."""
    told = [({"w:undo": 1.0, "p:done": 1.0, "points:0": 0.5}, 0), ({"w:why": 1.0, "p:done": 1.0, "points:0": -0.5}, 2)]
    return [
        train.Example(features, label, 1.0, f"{group:08x}", origin, "en", f"{group}{label}")
        for group in range(4)
        for features, label in told * 4
        for origin in ("gold", "invented")
    ]


def test_training_is_deterministic_and_learns_what_it_is_shown(monkeypatch):
    """The same examples give the same weights, and a feature that only one intent has speaks for that intent."""
    import labels_train

    monkeypatch.setattr(labels_train, "PENALTY", 1.0)
    model = labels_train.train(examples(labels_train))
    assert model == labels_train.train(examples(labels_train))
    for feature, label in (("w:undo", 0), ("w:why", 2)):
        answer = model.judge({feature: 1.0})
        assert answer.index(max(answer)) == label
    assert model.judge({"points:0": 1.0})[0] > model.judge({"points:0": -1.0})[0]


def test_the_fit_ends_where_the_slope_is_flat():
    """A small problem is solved: the weights are those at which the chances equal the shares of the labels."""
    from labels_fit import Problem, fit, sums

    problem = Problem(2, [1e-6, 0.0])
    for truth, feature, times in ((0, True, 30), (1, True, 10), (0, False, 10), (1, False, 30)):
        for _ in range(times):
            problem.add([0] if feature else [], {}, truth, 1.0)
    weights = fit(problem)
    zero, one = sums(weights, [0], {})
    assert zero - one == pytest.approx(math.log(3), abs=0.02)


def test_no_weights_answer_for_a_conversation_they_saw(monkeypatch):
    """In a cross-fit every example is judged by weights trained without its group, and a word of one group is none."""
    import labels_train

    trained = []
    monkeypatch.setattr(labels_train, "train", lambda kept: trained.append(kept) or labels_train.Model({}, [[0.0]] * 5))
    rows = examples(labels_train)
    labels_train.cross(rows, 3)
    for fold, kept in enumerate(trained):
        held = {row.group for row in rows if labels_train.fold_of(row, 3) == fold}
        assert not held & {row.group for row in kept}
    assert sum(len(rows) - len(kept) for kept in trained) == len(rows)
    alone = [row for row in rows if row.group == "00000000" and row.origin == "gold"]
    assert "w:undo" not in labels_train.choose(alone)


def test_caution_serves_the_bar_that_is_further_off():
    """Where corrections are called too often, something is taken off their sum; where all is right, nothing is."""
    from labels_train import choose_caution

    sure = [(0, [2.0, 0, 0, 0, 0]), (4, [0.0, 0, 0, 0, 1.0])] * 5
    doubtful = [(4, [1.2, 0, 0, 0, 1.0])] * 5
    assert choose_caution(sure) == 0.0
    assert choose_caution([*sure, *doubtful]) > 0.2


def test_the_weights_in_use_are_those_the_cross_fit_belongs_to():
    """The answers kept beside the labels were written together with the weights in the package."""
    from labels_split import digest

    weights = (ROOT / "sidecar" / "capture" / "intent_weights.json").read_text(encoding="utf-8")
    trained = json.loads((BENCH / "data" / "labels" / "trained.json").read_text(encoding="utf-8"))
    assert trained["weights"] == digest(weights)[:16]
    assert trained["features"] == len(json.loads(weights)["weights"])


def test_results_are_handed_to_readers_and_their_labels_taken_over(tmp_path, monkeypatch):
    """Readers get the text of what the flag and the label differ on; what both labelled is kept by hash alone."""
    import labels

    (tmp_path / "tool_results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in RESULTS), encoding="utf-8")
    assert labels.write_unread(tmp_path, tmp_path / "unread.jsonl") == 1
    (item,) = labels.read(tmp_path / "unread.jsonl")
    assert item["text"] == RESULTS[4]["text"]
    for who, label in (("a", "run"), ("b", "fine")):
        line = json.dumps({"id": item["id"], "label": label}) + "\n"
        (tmp_path / f"results_{who}.jsonl").write_text(line, encoding="utf-8")
    monkeypatch.setattr(labels, "LABELS", tmp_path / "kept")
    assert labels.collect(tmp_path) == {"results.jsonl": 1}
    assert labels.read(tmp_path / "kept" / "results.jsonl") == [{"id": item["id"], "a": "run", "b": "fine"}]
