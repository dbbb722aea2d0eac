"""Labels say what happened: structure before text, actions and thoughts never relabelled, context remembered scrubbed."""

from __future__ import annotations

import json
from dataclasses import replace

import capture_support as support
import orjson
import pytest
from capture_support import NOW, plain_scrub

from parsers.step import Step, StepType
from sidecar.capture.classifier import Classifier
from sidecar.capture.framing import Ending


def feed(session, *events):
    """The steps of events received as lines."""
    return [numbered.step for numbered in support.feed(session, *events)]


def labelled(classifier, step, number=1):
    """A step as the classifier leaves it."""
    classifier.label(step)
    scrubbed = plain_scrub(step)
    classifier.note(scrubbed, number)
    return scrubbed


def message(text, origin="user"):
    """A user message as parsers make them."""
    return Step(StepType.INSTRUCTION, text, origin=origin)


def acted():
    """A classifier of a conversation in which a user spoke and the agent ran something."""
    classifier = Classifier()
    labelled(classifier, message("Fix the tests"))
    labelled(classifier, Step(StepType.ACTION, tool="Bash", arguments={"command": "pytest -q"}, call_id="c"), 2)
    labelled(classifier, Step(StepType.OBSERVATION, "1 passed", tool="Bash", call_id="c", is_error=False), 3)
    return classifier


def test_the_first_user_message_is_an_instruction():
    """Whatever it says, the first message gives the task."""
    step = labelled(Classifier(), message("No, don't use tabs. Stop."))
    assert (step.type, step.evidence) == (StepType.INSTRUCTION, "first_message")


def test_only_an_action_opens_the_correction_window():
    """Before the agent has acted a contradiction makes the task clearer; after it, it corrects."""
    classifier = Classifier()
    labelled(classifier, message("Fix the tests"))
    labelled(classifier, Step(StepType.THOUGHT, "I will delete them.", channel="message"))
    assert labelled(classifier, message("No, that is wrong, don't delete them")).type is StepType.CLARIFICATION
    step = labelled(acted(), message("No, that is wrong, revert it"))
    assert (step.type, step.evidence) == (StepType.CORRECTION, "intent:correction")
    assert step.correction_context == "Bash: pytest -q"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Yes, go ahead", StepType.APPROVAL),
        ("Now add a changelog entry for the release", StepType.INSTRUCTION),
        ("Why did it fail?", StepType.INSTRUCTION),
        ("   ", StepType.INSTRUCTION),
    ],
)
def test_other_intents_are_no_corrections(text, kind):
    """Approval, a new instruction, a question and silence are told apart from a correction."""
    assert labelled(acted(), message(text)).type is kind


def test_an_interrupt_makes_the_next_message_a_correction():
    """The marker redirects nobody; the words after it do, once."""
    classifier = acted()
    marker = labelled(classifier, message("[Request interrupted by user]", "interrupt"))
    assert (marker.type, marker.status, marker.evidence) == (StepType.OBSERVATION, "interrupted", "interrupt")
    assert classifier.interrupted
    step = labelled(classifier, message("Look at the models first"))
    assert (step.type, step.evidence) == (StepType.CORRECTION, "interrupt")
    assert not classifier.interrupted
    assert labelled(classifier, message("Now add a changelog entry for the release")).type is StepType.INSTRUCTION


def test_a_rejection_with_a_reason_is_a_correction(sessions, lines):
    """What the user typed when refusing a call is a correction by structure; the result stays the call's."""
    session = sessions.make()
    refusal = (
        "The user doesn't want to proceed with this tool use. The tool use was rejected (eg. if it was a file edit, the "
        "new_string was NOT written to the file). To tell you how to proceed, the user said:\nplease use pnpm"
    )
    steps = feed(
        session,
        lines["user"]("Install it"),
        lines["call"]("c", "Bash", command="npm install"),
        lines["result"]("c", refusal, is_error=True),
    )
    result, reason = steps[-2:]
    assert (result.type, result.call_id, result.status) == (StepType.ERROR, "c", "rejected")
    assert (reason.type, reason.content, reason.evidence) == (StepType.CORRECTION, "please use pnpm", "rejection")
    assert reason.correction_context == "Bash: npm install"


def test_a_message_typed_while_a_tool_runs_is_marked():
    """A call of the running turn without result: the message steers, and says so."""
    classifier = acted()
    labelled(classifier, Step(StepType.ACTION, tool="Bash", arguments={"command": "sleep 9"}, call_id="d"), 4)
    assert labelled(classifier, message("Also update the docs please")).extra["during_call"] is True
    classifier.turn_ended()
    assert "during_call" not in labelled(classifier, message("Also update the docs please")).extra


@pytest.mark.parametrize("origin", ["cli", "task"])
def test_what_a_program_wrote_is_no_word_of_the_user(origin):
    """Injected messages are observations, and leave the first real message an instruction."""
    classifier = Classifier()
    assert labelled(classifier, message("<task-notification>", origin)).type is StepType.OBSERVATION
    assert labelled(classifier, message("Fix it")).evidence == "first_message"


def test_a_sub_agents_prompt_is_no_intervention():
    """The prompt of a sub-agent stays an instruction and does not count as the user's first word."""
    classifier = Classifier()
    assert labelled(classifier, message("No! Stop!", "subagent_prompt")).type is StepType.INSTRUCTION
    assert labelled(classifier, message("Fix it")).evidence == "first_message"


@pytest.mark.parametrize("kind", [StepType.ACTION, StepType.EDIT, StepType.THOUGHT, StepType.DELEGATE])
def test_actions_and_thoughts_are_never_errors(kind):
    """Whatever their text says."""
    text = "Traceback (most recent call last):\nTypeError: x"
    assert labelled(Classifier(), Step(kind, text, tool="Bash", status="failed")).type is kind


def test_failed_results_become_errors_with_evidence():
    """Flag, exit code and text each turn an observation into an error and say which it was."""
    classifier = Classifier()
    flagged = labelled(classifier, Step(StepType.OBSERVATION, "no", is_error=True))
    coded = labelled(classifier, Step(StepType.OBSERVATION, "no", exit_code=2, tool="exec_command"))
    told = labelled(
        classifier,
        Step(StepType.OBSERVATION, 'Traceback (most recent call last):\n  File "a.py"\nTypeError: x', tool="Bash"),
    )
    fine = labelled(classifier, Step(StepType.OBSERVATION, "0 errors", is_error=False, tool="Bash"))
    assert [step.type for step in (flagged, coded, told)] == [StepType.ERROR] * 3
    assert (flagged.evidence, coded.evidence) == ("is_error", "exit_code")
    assert told.evidence
    assert fine.type is StepType.OBSERVATION


def test_a_cli_that_told_of_a_tool_once_is_believed_when_it_says_nothing():
    """Words about trouble are a failure until the CLI has said of that tool how a call went; a verdict stays one."""
    text, verdict = "ls: x: No such file or directory", "--- FAIL: TestAdd (0.00s)\nFAIL"
    classifier = Classifier()
    assert labelled(classifier, Step(StepType.OBSERVATION, text, tool="Bash")).type is StepType.ERROR
    labelled(classifier, Step(StepType.OBSERVATION, "a.py", is_error=False, tool="Bash"))
    again = Classifier()
    again.restore(json.loads(json.dumps(classifier.snapshot())))
    for one in (classifier, again):
        assert labelled(one, Step(StepType.OBSERVATION, text, tool="Bash")).type is StepType.OBSERVATION
        assert labelled(one, Step(StepType.OBSERVATION, verdict, tool="Bash")).evidence == "hidden:go"
        assert labelled(one, Step(StepType.OBSERVATION, text, tool="shell")).type is StepType.ERROR


def test_a_failed_final_message_is_an_error():
    """A resolution the provider flags as an error is one."""
    assert labelled(Classifier(), Step(StepType.RESOLUTION, "API Error", is_error=True)).type is StepType.ERROR


def test_a_thought_that_mends_is_marked_only_after_a_correction():
    """Words of mending point at the correction they answer, once; without one they point at nothing."""
    mending = Step(StepType.THOUGHT, "You're right, let me fix that.", channel="message")
    classifier = acted()
    assert "takes_up_correction" not in labelled(classifier, replace(mending, extra={}), 4).extra
    labelled(classifier, message("No, that is wrong, revert it"), 5)
    assert labelled(classifier, replace(mending, extra={}), 6).extra == {"takes_up_correction": 5}
    assert labelled(classifier, replace(mending, extra={}), 7).extra == {}


def test_a_writing_tool_updates_a_file_it_has_seen():
    """Write on a file that was read before is an update, on another an addition."""
    classifier = Classifier()
    labelled(classifier, Step(StepType.ACTION, tool="Read", arguments={"file_path": "/a"}, call_id="1"))
    for path, kind in (("/a", "update"), ("/b", "add"), ("/b", "update")):
        step = Step(StepType.ACTION, tool="Write", arguments={"file_path": path, "content": "x"}, call_id=path)
        assert labelled(classifier, step).changes[0]["kind"] == kind


def test_the_memory_holds_only_what_the_scrubber_left(sessions, lines):
    """No secret of a command, a path, an id or a message stands in the snapshot."""
    secret = "hunter2secret"

    def scrub(step):
        return plain_scrub(Step(**orjson.loads(orjson.dumps(step).replace(secret.encode(), b"[PASSWORD]"))))

    def typed(step):
        scrubbed = scrub(step)
        scrubbed.type = step.type
        return scrubbed

    session = sessions.make(scrub=typed)
    feed(
        session,
        lines["user"](f"use {secret}"),
        lines["call"](f"id-{secret}", "Bash", command=f"login {secret}"),
        lines["result"](f"id-{secret}", f"bad {secret}", is_error=True),
        lines["call"]("e", "Edit", file_path=f"/{secret}", old_string="a", new_string=secret),
        lines["says"](f"done {secret}"),
        lines["user"]("ok"),
        lines["user"](f"No, that is wrong: {secret}"),
    )
    session.finish(NOW, ending=Ending())
    assert secret not in json.dumps(session.snapshot())
    assert "[PASSWORD]" in json.dumps(session.snapshot())


def test_results_name_their_call_once(sessions, lines):
    """A call waits for one result; orphans are kept; calls never answered are counted."""
    session = sessions.make()
    feed(
        session,
        lines["call"]("a", "Bash", command="ls"),
        lines["call"]("b", "Bash", command="ls"),
        lines["call"]("c", "Bash", command="ls"),
        lines["result"]("b", "x"),
        lines["result"]("b", "again"),
        lines["result"]("zzz", "orphan"),
        lines["call"]("c", "Bash", command="ls"),
    )
    assert session.snapshot()["classifier"]["calls"]["unanswered"] == 1
    assert len(session.snapshot()["classifier"]["calls"]["open"]) == 2
