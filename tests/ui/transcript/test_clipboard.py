"""What another program gets when text of the transcript is copied."""

import subprocess
import sys

from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.ui.transcript.clipboard import (
    PlainParts,
    copy,
    mime_data,
    selected_html,
    selected_markdown,
    selected_text,
)
from app.ui.transcript.copy_text import copy_text
from app.ui.transcript.markdown.content import Code, Container, ContainerKind, Heading, Paragraph, Span
from app.ui.transcript.markdown.export import Part, whole

ITEM = Container(ContainerKind.ITEM, 1, "•")
BOLD = Paragraph((Span("Wait a little "), Span("longer", bold=True), Span(" each time.")), (ITEM,))
CODE = Code("python", "import time\n\ntime.sleep(5)\n# *done*")


def test_a_document_gets_html_and_a_text_gets_markdown(qtbot: QtBot) -> None:
    copy([whole((Paragraph((Span("How?"),)),)), whole((BOLD,))])
    data = QGuiApplication.clipboard().mimeData()
    assert data.text() == "How?\n\n- Wait a little **longer** each time."
    assert data.data("text/markdown").data() == data.text().encode()
    assert data.html() == "<p>How?</p><ul><li>Wait a little <strong>longer</strong> each time.</li></ul>"


def test_nothing_selected_leaves_the_clipboard_alone(qtbot: QtBot) -> None:
    copy_text("kept")
    copy([(), ()])
    assert QGuiApplication.clipboard().text() == "kept"


def test_a_piece_of_one_block_is_that_piece_alone() -> None:
    assert selected_markdown([(Part(BOLD, 7, 21),)]) == "little **longer** "
    assert selected_markdown([(), (Part(Heading(2, (Span("Why it fails"),)), 4, 6),)]) == "it"
    assert selected_markdown([(Part(BOLD, 4, 7),)]) == " a "
    assert selected_markdown([(Part(BOLD, 6, 7),)]) == " "
    assert selected_html([(Part(BOLD, 14, 18),)]) == "<p><strong>long</strong></p>"


def test_code_by_itself_is_copied_to_be_run() -> None:
    assert selected_markdown([whole((CODE,))]) == CODE.text
    assert selected_markdown([(Part(CODE, 13, 26),)]) == "time.sleep(5)"
    assert selected_markdown([whole((BOLD, CODE))]).endswith(f"\n\n```python\n{CODE.text}\n```")


def test_plain_text_is_what_is_read() -> None:
    assert selected_text([whole((BOLD,)), whole((CODE,))]) == f"• Wait a little longer each time.\n\n{CODE.text}"


def test_halves_of_characters_do_not_reach_the_clipboard(qtbot: QtBot) -> None:
    data = mime_data([whole((Paragraph((Span("a\ud800b\x00"),)),))])
    assert data.text().startswith("a\ufffdb")
    assert data.html() == "<p>a\ufffdb\ufffd</p>"


def test_what_is_no_markdown_is_copied_as_it_stands() -> None:
    lines = PlainParts((*whole((Paragraph((Span("2 * 3 * 4"),)),)), Part(Paragraph((Span("<b> and more"),)), 0, 3)))
    assert selected_markdown([lines]) == selected_text([lines]) == "2 * 3 * 4\n<b>"
    assert selected_html([lines]) == "<p>2 * 3 * 4<br>&lt;b&gt;</p>"
    assert (
        selected_markdown([PlainParts(lines[:1]), whole((BOLD,))])
        == "2 * 3 * 4\n\n- Wait a little **longer** each time."
    )


def test_very_much_is_copied_as_plain_text() -> None:
    data = mime_data([whole((Paragraph((Span("**word** " * 40_000),)),))])
    assert data.formats() == ["text/plain"]
    assert data.text().startswith("**word** **word**")


def test_a_program_that_ends_with_its_data_on_the_clipboard_ends_well() -> None:
    program = (
        "from PySide6.QtWidgets import QApplication\n"
        "from app.ui.transcript.clipboard import copy\n"
        "from app.ui.transcript.markdown.content import Paragraph, Span\n"
        "from app.ui.transcript.markdown.export import whole\n"
        "application = QApplication([])\n"
        "copy([whole((Paragraph((Span('How?'),)),))])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
