"""The form of the answer: chosen below the field, kept with its conversation, and refused where it cannot be."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from app.core.cancel import CancelToken
from app.core.generation import GenerationEvent, OutputFormat, OutputKind, SamplingParameters
from app.core.model import LoadParameters, ModelInfo
from app.core.prompt import GenerationRequest
from app.engine.fake import FakeEngine, FakeScript
from app.ui.chat.drafts import Drafts
from app.ui.chat.format_source_dialog import FormatSourceDialog
from app.ui.transcript.markdown.content import Code
from tests.ui.driving import OpenWindow

Open = Callable[..., OpenWindow]
SCHEMA = '{"type": "object"}'


class WatchedEngine(FakeEngine):
    """The fake, whose requests are kept; its model has a switch for thinking."""

    def __init__(self) -> None:
        super().__init__(FakeScript(reply="ok"))
        self.requests: list[GenerationRequest] = []

    def load(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> ModelInfo:
        info = replace(super().load(parameters, cancel, on_progress), has_thinking_switch=True)
        self._model = info
        return info

    def generate(self, request: GenerationRequest, cancel: CancelToken) -> Iterator[GenerationEvent]:
        self.requests.append(request)
        yield from super().generate(request, cancel)


@pytest.fixture
def engine() -> WatchedEngine:
    return WatchedEngine()


@pytest.fixture
def one(open_window: Open, engine: WatchedEngine) -> OpenWindow:
    opened = open_window(engine=engine)
    opened.wait_for_model()
    return opened


def choose(one: OpenWindow, kind: OutputKind) -> None:
    one.page.composer.format_button.actions_by_kind[kind].trigger()


def source_dialog(one: OpenWindow) -> FormatSourceDialog:
    found = one.dialog()
    assert isinstance(found, FormatSourceDialog)
    return found


def test_json_is_one_click_away_and_said_on_the_button(one: OpenWindow, engine: WatchedEngine) -> None:
    button = one.page.composer.format_button
    assert button.text() == "Text ▾"
    choose(one, OutputKind.JSON)
    assert button.text() == "JSON ▾"
    assert button.accessibleName() == "Form of the answer: JSON"
    one.ask("Tell me")
    one.wait_until_idle()
    assert engine.requests[-1].output == OutputFormat(OutputKind.JSON)


def test_a_schema_is_written_in_a_dialog(one: OpenWindow, engine: WatchedEngine) -> None:
    choose(one, OutputKind.SCHEMA)
    dialog = source_dialog(one)
    QTest.keyClicks(dialog.text, SCHEMA)
    dialog.apply_button.click()
    assert one.page.composer.format_button.text() == "JSON schema ▾"
    one.ask("Tell me")
    one.wait_until_idle()
    assert engine.requests[-1].output == OutputFormat(OutputKind.SCHEMA, SCHEMA)
    choose(one, OutputKind.TEXT)
    choose(one, OutputKind.SCHEMA)
    assert source_dialog(one).text.toPlainText() == SCHEMA, "what was written is there again"
    source_dialog(one).close()


def test_the_dialog_refuses_what_is_no_json_and_keeps_it(one: OpenWindow) -> None:
    choose(one, OutputKind.SCHEMA)
    dialog = source_dialog(one)
    dialog.apply_button.click()
    assert dialog.problem.startswith("There is nothing here yet.")
    dialog.text.setPlainText('{"type": ')
    assert dialog.problem == ""
    dialog.apply_button.click()
    assert dialog.problem.startswith("The schema is not JSON: line 1, column 9")
    assert dialog.text.toPlainText() == '{"type": '
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert one.page.composer.format_button.text() == "Text ▾", "nothing was chosen"
    assert one.page.composer.format_button.actions_by_kind[OutputKind.TEXT].isChecked()


def test_a_grammar_is_read_from_a_file(one: OpenWindow, tmp_path: Path) -> None:
    grammar = tmp_path / "answer.gbnf"
    grammar.write_text('root ::= "yes" | "no"', encoding="utf-8")
    choose(one, OutputKind.GRAMMAR)
    dialog = source_dialog(one)
    dialog.open_button.click()
    chooser = one.dialog()
    assert isinstance(chooser, QFileDialog)
    assert chooser.nameFilters()[0] == "Grammars (*.gbnf)"
    chooser.close()
    dialog.open_file(str(tmp_path / "gone.gbnf"))
    assert "gone.gbnf cannot be read" in dialog.problem
    (tmp_path / "picture.gbnf").write_bytes(b"\xff\xfe\x00")
    dialog.open_file(str(tmp_path / "picture.gbnf"))
    assert "it is not text in UTF-8" in dialog.problem
    dialog.open_file(str(grammar))
    assert dialog.problem == ""
    dialog.apply_button.click()
    assert one.page.composer.output == OutputFormat(OutputKind.GRAMMAR, 'root ::= "yes" | "no"')


def write(one: OpenWindow, kind: OutputKind, source: str) -> None:
    choose(one, kind)
    dialog = source_dialog(one)
    dialog.text.setPlainText(source)
    dialog.apply_button.click()
    assert dialog.problem == ""


def test_the_dialog_refuses_what_is_no_schema_and_names_the_place(one: OpenWindow) -> None:
    choose(one, OutputKind.SCHEMA)
    dialog = source_dialog(one)
    dialog.text.setPlainText('{"properties": {"age": {"type": "integr"}}}')
    dialog.apply_button.click()
    assert dialog.problem.startswith("The schema is not valid at $.properties.age.type: 'integr'")
    dialog.close()
    assert one.page.composer.format_button.text() == "Text ▾"


@pytest.mark.parametrize(
    ("kind", "source", "words"),
    [
        (OutputKind.SCHEMA, '{"$ref": "https://example.org/other.json"}', "The schema "),
        (OutputKind.GRAMMAR, "root ::= (", "The grammar "),
    ],
)
def test_what_the_engine_refuses_is_told_and_given_back(
    one: OpenWindow, kind: OutputKind, source: str, words: str
) -> None:
    write(one, kind, source)
    one.ask("Tell me")
    one.wait_until_idle()
    (sentence,) = one.page.notices.sentences
    assert sentence.startswith(words)
    assert one.page.composer.text == "Tell me"
    assert one.page.is_empty
    assert one.stored() == [], "nothing was saved"
    assert one.page.composer.output == OutputFormat(kind, source), "to be mended"
    one.page.show_conversation(one.services.conversations.create("Another", "").id)
    one.page.show_new_chat()
    assert one.page.composer.text == "Tell me"
    assert one.page.composer.output == OutputFormat(kind, source)


def test_an_answer_without_the_form_is_said_to_have_missed_it(one: OpenWindow, engine: WatchedEngine) -> None:
    write(one, OutputKind.SCHEMA, '{"type": "object", "required": ["city"]}')
    engine.script = replace(engine.script, reply='{"town": "Porto"}')
    one.ask("Where?")
    one.wait_until_idle()
    fault = "This answer does not fit the schema: at $: 'city' is a required property."
    assert one.answer_row().fault == fault
    first = one.page.shown_id
    assert first is not None
    one.page.show_new_chat()
    one.page.show_conversation(first)
    assert one.answer_row().fault == fault, "also later"
    engine.script = replace(engine.script, reply='{"city": "*Porto*"}')
    one.ask("And again?")
    one.wait_until_idle()
    assert one.answer_row().fault == ""
    assert one.answer_row().blocks == [Code("json", '{\n  "city": "*Porto*"\n}')], "it is no Markdown"
    assert one.answer_row().text == '{"city": "*Porto*"}', "copied as the model wrote it"


def test_an_answer_of_a_fixed_form_that_was_cut_off_is_not_continued(one: OpenWindow, engine: WatchedEngine) -> None:
    engine.script = replace(engine.script, reply='{"a": 1, "b": 2, "c": 3}')
    one.window.loader.change_sampling(SamplingParameters(max_tokens=3))
    one.wait_until_idle()
    choose(one, OutputKind.JSON)
    one.ask("Tell me")
    one.wait_until_idle()
    row = one.answer_row()
    assert row.fault.startswith("This answer is not the JSON object that was asked for: it reached the token limit")
    assert not one.answer_foot().buttons.continue_button.isVisible(), "a grammar has no memory of the text before"


def test_the_form_stays_with_its_conversation(one: OpenWindow) -> None:
    button = one.page.composer.format_button
    choose(one, OutputKind.JSON)
    one.ask("First")
    one.wait_until_idle()
    first = one.page.shown_id
    assert first is not None
    one.page.show_new_chat()
    assert button.text() == "Text ▾"
    one.ask("Second")
    one.wait_until_idle()
    one.page.show_conversation(first)
    assert button.text() == "JSON ▾"
    choose(one, OutputKind.TEXT)
    one.page.show_new_chat()
    one.page.show_conversation(first)
    assert button.text() == "Text ▾"


def test_nothing_of_a_deleted_chat_comes_back() -> None:
    drafts = Drafts()
    drafts.keep(1, "not sent")
    drafts.keep_format(1, OutputFormat(OutputKind.JSON))
    drafts.give_back_format(1, OutputFormat(OutputKind.GRAMMAR))
    assert drafts.format_of(1) == OutputFormat(OutputKind.JSON), "what was chosen since counts"
    drafts.forget(1)
    assert drafts.take(1) == ""
    assert drafts.format_of(1) == OutputFormat()


def test_a_deleted_chat_takes_its_form_along(one: OpenWindow) -> None:
    choose(one, OutputKind.JSON)
    one.ask("First")
    one.wait_until_idle()
    first = one.page.shown_id
    assert first is not None
    one.page.forget(first)
    assert one.page.composer.format_button.text() == "Text ▾"
    one.page.show_conversation(first)
    assert one.page.composer.format_button.text() == "Text ▾", "nothing is left of it in the page"


def test_thinking_is_a_switch_where_the_model_has_one(one: OpenWindow, engine: WatchedEngine) -> None:
    button = one.page.composer.think_button
    assert button.isVisible()
    assert button.isChecked()
    one.ask("Slowly")
    one.wait_until_idle()
    assert engine.requests[-1].thinking is True
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    one.ask("Quickly")
    one.wait_until_idle()
    assert engine.requests[-1].thinking is False


def test_without_such_a_switch_there_is_no_button(open_window: Open) -> None:
    opened = open_window(FakeScript(reply="ok"))
    opened.wait_for_model()
    assert not opened.page.composer.think_button.isVisible()
    assert opened.page.composer.thinking is None
