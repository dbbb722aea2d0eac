"""What a message wants, in six languages; every example is invented."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sidecar.capture.intent import Intent, classify_intent, intervenes, read_features
from sidecar.capture.intent_moves import MAX_READ, find_moves
from sidecar.capture.intent_weights import load_weights
from sidecar.capture.phrases_reader import mid_step

DONE = "Done. All tests pass and the change is committed."
EITHER = "I found two ways. Should I use the cache or read the file again?"
OPTIONS = "Which do you prefer?\n1. SQLite\n2. Postgres"
YES_NO = "Shall I go ahead and delete the old module?"
MIDDLE = "Let me rewrite the parser now:"

PLAN = "The cleanest way is to move the helper into utils and import it from both places."

CORRECTIONS = [
    (DONE, "it still shows the old value"),
    (DONE, "that didn't help"),
    (DONE, "tests are failing now"),
    (DONE, "let's go back to the previous version"),
    (DONE, "remove the extra logging you added"),
    (DONE, "have you tested this at all?"),
    (MIDDLE, "leave the config alone"),
    (PLAN, "that won't work because utils is vendored"),
    (YES_NO, "not yet, fix the lint first"),
    (DONE, "No, that's wrong. The file belongs in src."),
    (DONE, "Still doesn't work"),
    (DONE, "You forgot the tests"),
    (DONE, "Undo that please"),
    (MIDDLE, "Stop, don't touch the parser"),
    (DONE, "Why did you delete the config?"),
    (DONE, "That's not what I asked for, I only wanted the heading changed"),
    (DONE, "use tabs instead"),
    (DONE, "this should be a list, not a dict"),
    (DONE, 'Traceback (most recent call last):\n  File "app.py", line 3, in <module>\nKeyError: "name"'),
    (DONE, "High Severity\n\nThe new loop silently drops the last row when the file has no final newline."),
    (DONE, "Nein, das ist falsch. Die Datei sollte im Ordner src liegen."),
    (DONE, "Das funktioniert immer noch nicht"),
    (DONE, "Du hast die Tests vergessen"),
    (DONE, "Mach das bitte rückgängig"),
    (MIDDLE, "Stopp, nicht den Parser anfassen"),
    (DONE, "Warum hast du die Konfiguration gelöscht?"),
    (DONE, "No, eso está mal. El archivo debería estar en src."),
    (DONE, "Todavía no funciona"),
    (DONE, "Te olvidaste de los tests"),
    (DONE, "Deshaz ese cambio"),
    (MIDDLE, "Para, no toques el parser"),
    (DONE, "¿Por qué borraste la configuración?"),
    (DONE, "Non, c'est faux. Le fichier devrait être dans src."),
    (DONE, "Ça ne marche toujours pas"),
    (DONE, "Tu as oublié les tests"),
    (DONE, "Annule cette modification"),
    (MIDDLE, "Arrête, ne touche pas au parseur"),
    (DONE, "Pourquoi as-tu supprimé la configuration ?"),
    (DONE, "不对，文件应该放在 src 目录里"),
    (DONE, "还是不行"),
    (DONE, "你忘了写测试"),
    (DONE, "撤销这个修改"),
    (MIDDLE, "停，不要动解析器"),
    (DONE, "你为什么删了配置文件？"),
    (DONE, "違います。ファイルは src に置くべきです"),
    (DONE, "まだ動きません"),
    (DONE, "テストを忘れています"),
    (DONE, "その変更を元に戻して"),
    (MIDDLE, "待って、パーサーは触らないで"),
    (DONE, "なぜ設定ファイルを消したの？"),
]
APPROVALS = [
    (YES_NO, "yes please commit"),
    (PLAN, "good idea, let's do that"),
    (YES_NO, "yes go ahead"),
    (YES_NO, "y"),
    (YES_NO, "sounds good to me"),
    (DONE, "perfect, thanks"),
    (DONE, "looks good, no problems"),
    (MIDDLE, "continue"),
    (YES_NO, "Ja, mach das"),
    (DONE, "Super, danke!"),
    (YES_NO, "Sí, adelante"),
    (DONE, "Perfecto, gracias"),
    (YES_NO, "Oui, vas-y"),
    (DONE, "Parfait, merci"),
    (YES_NO, "可以，继续"),
    (DONE, "很好，谢谢"),
    (YES_NO, "はい、お願いします"),
    (DONE, "完璧です、ありがとう"),
]
CLARIFICATIONS = [
    (OPTIONS, "2"),
    (OPTIONS, "the second one"),
    ("Where does the config live?", "It is in /etc/app.toml"),
    (EITHER, "we only use the cache in tests, the file changes every minute"),
    (OPTIONS, "Die zweite"),
    ("Wo liegt die Konfiguration?", "Sie liegt unter /etc/app.toml"),
    (OPTIONS, "La segunda opción"),
    ("¿Dónde está la configuración?", "Está en /etc/app.toml"),
    (OPTIONS, "La deuxième"),
    ("Où est la configuration ?", "Elle est dans /etc/app.toml"),
    (OPTIONS, "第二个"),
    ("配置文件在哪里？", "在 /etc/app.toml"),
    (OPTIONS, "2番目で"),
    ("設定ファイルはどこですか？", "/etc/app.toml にあります"),
]
INSTRUCTIONS = [
    (DONE, "commit this"),
    (DONE, "great, now do the same for the orders page"),
    (YES_NO, "yes, and add a test for the edge case too"),
    ("", "Write a script that cleans up the logs"),
    ("", "/review"),
    ("", "   "),
    (DONE, "Now add a settings page"),
    (DONE, "can you write another test for empty input?"),
    (DONE, "please update the README"),
    (DONE, "let's do the database layer next"),
    (DONE, "Füge jetzt eine Seite für die Einstellungen hinzu"),
    (DONE, "Kannst du noch einen Test für leere Eingaben schreiben?"),
    (DONE, "Ahora añade una página de ajustes"),
    (DONE, "¿Puedes escribir otro test para entradas vacías?"),
    (DONE, "Maintenant ajoute une page de réglages"),
    (DONE, "Peux-tu écrire encore un test pour les entrées vides ?"),
    (DONE, "接下来加一个设置页面"),
    (DONE, "能不能再写一个空输入的测试？"),
    (DONE, "次に設定ページを追加してください"),
    (DONE, "空入力のテストも書いてもらえますか？"),
]
QUESTIONS = [
    (DONE, "what does load_all do?"),
    (DONE, "why do we need a mutex here?"),
    ("", "how many tests are there?"),
    (DONE, "can you explain how the cache works?"),
    (DONE, "Was macht die Funktion load_all?"),
    (DONE, "Kannst du mir erklären, wie der Cache funktioniert?"),
    (DONE, "¿Qué hace la función load_all?"),
    (DONE, "¿Me puedes explicar cómo funciona la caché?"),
    (DONE, "Que fait la fonction load_all ?"),
    (DONE, "Peux-tu m'expliquer comment marche le cache ?"),
    (DONE, "load_all 这个函数是做什么的？"),
    (DONE, "你能解释一下缓存是怎么工作的吗？"),
    (DONE, "load_all は何をする関数ですか？"),
    (DONE, "キャッシュの仕組みを説明してもらえますか？"),
]
EXAMPLES = [
    *((Intent.CORRECTION, *pair) for pair in CORRECTIONS),
    *((Intent.APPROVAL, *pair) for pair in APPROVALS),
    *((Intent.CLARIFICATION, *pair) for pair in CLARIFICATIONS),
    *((Intent.INSTRUCTION, *pair) for pair in INSTRUCTIONS),
    *((Intent.QUESTION, *pair) for pair in QUESTIONS),
]


@pytest.mark.parametrize(("intent", "previous", "text"), EXAMPLES, ids=[text for _, _, text in EXAMPLES])
def test_intents_in_six_languages(intent, previous, text):
    """Each plain example of an intent is classified as that intent."""
    assert classify_intent(text, previous) is intent


@pytest.mark.parametrize("text", ["no problem, thanks", "no worries, looks good", "perfect, no errors this time"])
def test_a_negation_that_negates_trouble_is_no_correction(text):
    """The phrases "no problem" and "no errors" hold a no and a fault, and mean neither."""
    assert classify_intent(text, DONE) is Intent.APPROVAL


def test_the_moment_decides_between_option_and_order():
    """The same bare number chooses an option after an offer and means little without one."""
    assert classify_intent("2", OPTIONS) is Intent.CLARIFICATION
    assert classify_intent("go with option 2", OPTIONS) is Intent.CLARIFICATION


def test_pasted_failure_corrects_only_work_that_was_done():
    """An error pasted after the agent acted is a correction; the same text opening a conversation is not."""
    text = "E   AssertionError: expected 3 rows, got 2\ntests/test_rows.py:14: AssertionError"
    assert classify_intent(text, DONE) is Intent.CORRECTION
    assert classify_intent("fix this:\n" + text, "") is Intent.INSTRUCTION


def test_interrupt_marker_is_not_part_of_the_message():
    """What a CLI writes before the message of a user who interrupted says nothing about the intent."""
    assert classify_intent("[Request interrupted by user] no, use the other table", MIDDLE) is Intent.CORRECTION
    assert classify_intent("[Request interrupted by user for tool use]\ncontinue", MIDDLE) is Intent.APPROVAL


@pytest.mark.parametrize(
    "previous",
    [
        "Let me run the tests:",
        "Good, now I'll update the schema.",
        "Jetzt passe ich den Test an:",
        "让我先看看配置",
        "\n\n",
    ],
)
def test_an_announced_step_is_under_way(previous):
    """An announcement without an end, or a turn without a word yet, means that work is running."""
    assert mid_step(previous)
    assert intervenes("the port is 8080", previous)


@pytest.mark.parametrize("previous", ["", DONE, YES_NO, "Let me know what you think.", "| a | b |\n| 1 | 2 |"])
def test_a_finished_turn_is_not_under_way(previous):
    """Reports, questions and tables end a step."""
    assert not mid_step(previous)
    assert not intervenes("add a settings page", previous)


def test_an_outcry_intervenes_and_a_pasted_log_does_not():
    """Few words of protest step into work; pasted output argues about what is finished, and a command orders."""
    assert intervenes("no, stop, that's the wrong file", "The schema has three tables.")
    assert not intervenes("```\nERROR: relation users does not exist, statement failed\n```", DONE)
    assert not intervenes("/undo", DONE)


def test_weights_stand_for_features_that_exist():
    """Every kind of feature that has a weight is one the reader gives, and a message's features come once each."""
    rows = load_weights().rows
    kinds = {name[:2] for _, previous, text in EXAMPLES for name, _ in read_features(text, previous)}
    assert {name[:2] for name in rows} <= kinds | {name[:2] for name in rows if name.startswith("^")}
    for _, previous, text in EXAMPLES:
        names = [name for name, _ in read_features(text, previous)]
        assert len(names) == len(set(names))
    assert all(len(row) == 5 for row in rows.values())


def test_nothing_is_loaded_before_the_first_message():
    """Importing the classifier reads no weights and makes no table of moves, so commands that judge nothing start fast."""
    script = (
        "from sidecar.capture import classifier, intent, intent_moves, intent_weights as weights\n"
        "assert weights.load_weights.cache_info().currsize == 0\n"
        "assert intent_moves._tables.cache_info().currsize == 0\n"
        "intent.classify_intent('no', 'Done.')\n"
        "assert weights.load_weights.cache_info().currsize == 1\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("text", "moves"),
    [
        ("I would have thought we can reuse it", {"expect", "dup"}),
        ("i\u2019ll take it from here", {"takeover"}),
        ("also please rename the flag", {"order", "orderbare", "newwork"}),
        ("let's do it", {"order", "goahead", "newwork"}),
        ("how about a list instead?", {"counter"}),
        ("still failing on my machine", {"stillsee", "fails", "tested"}),
        ("parse_line() drops getName at line 12", {"idents", "lineref"}),
        ("isn't this off?!", {"isnt", "outburst"}),
        ("the README is fine", set()),
    ],
)
def test_moves_are_found(text, moves):
    """Phrases and shapes name what is done with a message, whatever the apostrophe; capitals of file names shout not."""
    found = find_moves(text)
    assert moves <= found.keys()
    assert "shouted" not in found


def test_moves_that_are_counted_come_as_often_as_they_are_said():
    """Findings pile up; a counter-proposal is one however often it is said; what is far down is not read."""
    assert find_moves("silently inconsistent, potentially misleading")["finding"] == 4
    assert find_moves("instead, rather, instead")["counter"] == 1
    assert find_moves("x" * MAX_READ + " instead of this") == {}
