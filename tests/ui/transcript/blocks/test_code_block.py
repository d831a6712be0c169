"""A block of code as it is seen: its box, its colours, what is marked, and where its characters stand."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from app.ui.theme import Appearance
from app.ui.tokens import DARK, LIGHT
from app.ui.transcript.blocks.code_block import CodeBlock
from app.ui.transcript.blocks.painted import Highlight, HighlightKind, Look
from app.ui.transcript.markdown.content import Code, Paragraph

RETRY = """\
def retry(call, tries=5):
    # wait longer
    if tries == "never":
        return call() != 1"""
LONG = "x = " + "very_long_name + " * 20 + "1\nshort"
WIDTH = 700


@pytest.fixture(autouse=True)
def _fonts(appearance: Appearance) -> None:
    """The bundled fonts are there."""


def code_block(text: str, language: str = "python", look: Look | None = None, width: float = WIDTH) -> CodeBlock:
    block = CodeBlock(Code(language, text), look or Look(LIGHT))
    block.lay_out(width)
    return block


def painted(block: CodeBlock, top: float = 0, height: float = 400, marks: Sequence[Highlight] = ()) -> QImage:
    """What is seen between two heights, on magenta ground, once all colours are known."""
    for _ in range(1000):
        image = painted_once(block, top, height, marks)
        if block.is_settled():
            return image
    raise AssertionError("the colours are never known")


def painted_once(block: CodeBlock, top: float, height: float = 400, marks: Sequence[Highlight] = ()) -> QImage:
    image = QImage(int(block.width), int(height), QImage.Format.Format_RGB32)
    image.fill(QColor("magenta"))
    painter = QPainter(image)
    painter.translate(0, -top)
    block.paint(painter, QRectF(0, top, block.width, height), marks)
    painter.end()
    return image


def has_colour(image: QImage, area: QRectF, colour: str) -> bool:
    """Whether some pixel is nearly of a colour; letters are drawn with soft edges."""
    wanted = QColor(colour)
    rect = area.toAlignedRect().intersected(image.rect())
    seen = (
        image.pixelColor(x, y)
        for y in range(rect.top(), rect.bottom() + 1)
        for x in range(rect.left(), rect.right() + 1)
    )
    return any(
        abs(one.red() - wanted.red()) + abs(one.green() - wanted.green()) + abs(one.blue() - wanted.blue()) < 60
        for one in seen
    )


def word_at(block: CodeBlock, text: str, word: str) -> QRectF:
    start = text.index(word)
    return block.rect_at(start).united(block.rect_at(start + len(word) - 1))


@pytest.mark.parametrize("tokens", [LIGHT, DARK])
def test_words_have_the_colours_of_their_kinds(tokens: object) -> None:
    look = Look(LIGHT if tokens is LIGHT else DARK)
    block = code_block(RETRY, look=look)
    image = painted(block)
    wanted = {
        "def": look.tokens.kw,
        "retry": look.tokens.fn,
        "5": look.tokens.num,
        "# wait": look.tokens.com,
        '"never"': look.tokens.str_,
        "tries": look.tokens.text,
    }
    for word, colour in wanted.items():
        assert has_colour(image, word_at(block, RETRY, word), colour), word
    assert not has_colour(image, word_at(block, RETRY, "call"), look.tokens.kw)


def test_the_box_is_as_the_design_has_it() -> None:
    block = code_block("\n".join("x" * 9))
    image = painted(block)
    assert block.height == 222
    assert image.pixelColor(0, 0) == QColor("magenta")  # a round corner
    assert image.pixelColor(350, 0) == QColor(LIGHT.line)
    assert image.pixelColor(350, 1) == QColor(LIGHT.code)
    assert image.pixelColor(350, 27) == QColor(LIGHT.line)
    assert image.pixelColor(350, 221) == QColor(LIGHT.line)
    assert image.pixelColor(350, 222) == QColor("magenta")
    assert has_colour(image, QRectF(14, 4, 60, 20), LIGHT.text_2)  # the language
    assert block.rect_at(0).topLeft() == QPointF(14, 39)
    assert block.rect_at(2).top() - block.rect_at(0).top() == 19


def test_zoom_makes_everything_larger() -> None:
    small, large = code_block(RETRY), code_block(RETRY, look=Look(LIGHT, zoom=2.0), width=1400)
    assert large.rect_at(5).height() == 2 * small.rect_at(5).height()
    assert large.height == pytest.approx(2 * small.height, abs=4)


@pytest.mark.parametrize("is_wrapped", [False, True])
@pytest.mark.parametrize(
    "text",
    [
        RETRY,
        LONG,
        "a\tb\t\tc\n\td",
        "a == b != c <= d => e\n--> |> ===",
        "日本語 = '😀😀' + \"é\"\n😀",
        "",
        "\n\n",
        "x" * 3000,
    ],
)
def test_a_character_is_found_where_it_stands(text: str, is_wrapped: bool) -> None:
    block = code_block(text)
    block.set_wrapped(is_wrapped)
    block.lay_out(WIDTH)
    for place in {*range(min(len(text), 600) + 1), len(text)}:
        rect = block.rect_at(place)
        is_wrapped or block.reveal(place)
        rect = block.rect_at(place)
        assert rect.width() >= 1
        assert -1 <= rect.left() <= WIDTH
        assert block.place_at(QPointF(rect.left() + 0.2, rect.center().y())) == place


def test_ligatures_do_not_move_what_follows() -> None:
    block, other = code_block("a == b"), code_block("a xx b")
    assert [block.rect_at(place) for place in range(7)] == [other.rect_at(place) for place in range(7)]


def test_places_outside_are_the_nearest() -> None:
    block = code_block("one\ntwo")
    assert block.place_at(QPointF(300, -50)) == 0
    assert block.place_at(QPointF(300, 45)) == 3
    assert block.place_at(QPointF(-20, 60)) == 4
    assert block.place_at(QPointF(0, 999)) == 7
    assert block.rect_at(99) == block.rect_at(7)


def test_marks_are_painted_under_the_text() -> None:
    block = code_block(RETRY)
    start = RETRY.index("call")
    marks = [
        Highlight(start, start + 4, HighlightKind.FOUND),
        Highlight(RETRY.index("tries =="), RETRY.index("tries ==") + 5, HighlightKind.FOUND_CURRENT),
        Highlight(RETRY.index("return"), RETRY.index("return") + 6, HighlightKind.SELECTED),
    ]
    image = painted(block, marks=marks)
    found = word_at(block, RETRY, "call")
    assert has_colour(image, found, LIGHT.text)
    assert image.pixelColor(found.topLeft().toPoint() + QPointF(1, 1).toPoint()) == QColor(LIGHT.warn_soft)
    current = word_at(block, RETRY, "tries ==")
    assert image.pixelColor(current.topLeft().toPoint() + QPointF(2, 1).toPoint()) == QColor(LIGHT.warn)
    assert has_colour(image, QRectF(current.left(), current.top(), 30, 19), LIGHT.on_accent)
    chosen = word_at(block, RETRY, "return")
    assert image.pixelColor(chosen.topLeft().toPoint() + QPointF(1, 1).toPoint()) == QColor(LIGHT.accent_soft)
    assert has_colour(image, chosen, LIGHT.kw)


def test_a_selected_line_break_is_seen() -> None:
    block = code_block("one\ntwo")
    end = block.rect_at(3)
    image = painted(block, marks=[Highlight(0, 4, HighlightKind.SELECTED)])
    assert image.pixelColor(int(end.left()) + 2, int(end.top()) + 9) == QColor(LIGHT.accent_soft)
    assert image.pixelColor(int(end.left()) + 12, int(end.top()) + 9) == QColor(LIGHT.code)


def test_long_lines_are_scrolled_sideways() -> None:
    block = code_block(LONG)
    last = LONG.index("\n") - 1
    assert not block.bar_rect().isEmpty()
    assert block.rect_at(last).left() > WIDTH
    bar = block.bar_rect()
    assert block.scroll_by(10_000)
    assert block.rect_at(last).right() < WIDTH
    assert block.bar_rect().left() > bar.left()
    assert not block.scroll_by(10)
    assert block.reveal(0)
    assert block.rect_at(0).left() == 14
    assert not block.reveal(0)
    assert not code_block(RETRY).scroll_by(10)
    assert code_block(RETRY).bar_rect().isEmpty()


def test_the_bar_is_dragged_from_end_to_end() -> None:
    block = code_block(LONG)
    assert block.drag_bar(WIDTH)
    assert block.bar_rect().right() == pytest.approx(WIDTH - 14)
    assert not block.scroll_by(10)
    assert has_colour(painted(block), block.bar_rect(), LIGHT.line)
    assert block.drag_bar(-10)
    assert block.bar_rect().right() == pytest.approx(WIDTH - 24)
    assert not code_block(RETRY).drag_bar(10)


def test_scrolled_text_stays_in_its_box() -> None:
    block = code_block("x" * 200)
    block.scroll_by(500)
    image = painted(block)
    assert has_colour(image, QRectF(1, 40, 12, 15), LIGHT.text)
    assert all(image.pixelColor(0, y) == QColor(LIGHT.line) for y in range(12, 60))


def test_wrapped_lines_stand_below_one_another() -> None:
    block = code_block(LONG)
    before = block.height
    block.scroll_by(100)
    block.set_wrapped(True)
    block.lay_out(WIDTH)
    assert block.height > before
    assert all(0 <= block.rect_at(place).right() <= WIDTH for place in range(len(LONG)))
    block.set_wrapped(False)
    block.lay_out(WIDTH)
    assert block.height == before


def test_code_that_grows_is_painted_as_code_that_is_whole() -> None:
    text = RETRY + "\n" + LONG
    growing = code_block("")
    for end in range(0, len(text) + 1, 3):
        assert growing.update_block(Code("python", text[:end], is_open=True))
        growing.lay_out(WIDTH)
        painted(growing)
    assert growing.update_block(Code("python", text))
    growing.lay_out(WIDTH)
    whole = code_block(text)
    assert growing.height == whole.height
    assert painted(growing) == painted(whole)


def test_what_grows_changes_only_from_its_last_line_on() -> None:
    block = code_block("a\nb\nc")
    block.update_block(Code("python", "a\nb\nc = 1\nd", is_open=True))
    block.lay_out(WIDTH)
    assert block.changed_from() == block.rect_at(4).top()
    block.update_block(Code("rust", "a\nb\nc = 1\nd", is_open=True))
    assert block.changed_from() == 0
    assert not block.update_block(Paragraph(()))


def test_the_end_of_ten_thousand_lines_is_painted_alike() -> None:
    text = 's = """\nno keyword: return\n"""\nreturn 1\n' * 2500 + "return last"
    block = code_block(text)
    painted_once(block, block.height - 400)
    assert not block.is_settled()  # plain text until the colours are known
    image = painted(block, top=block.height - 400)
    rect = block.rect_at(len(text) - len("return last")).translated(0, 400 - block.height)
    assert has_colour(image, rect.adjusted(0, 0, 20, 0), LIGHT.kw)
    in_string = block.rect_at(text.rindex("no keyword: return")).translated(0, 400 - block.height)
    assert has_colour(image, in_string.adjusted(0, 0, 60, 0), LIGHT.str_)


@pytest.mark.parametrize("is_wrapped", [False, True])
@pytest.mark.parametrize(
    "text", ["x" * 1_000_000, "日本 " * 300_000, "\t" * 300_000, "\0\ud800\u202e\r\u2028" * 1000, "😀" * 300_000]
)
def test_any_text_is_painted(text: str, is_wrapped: bool) -> None:
    block = code_block(text, "c")
    block.set_wrapped(is_wrapped)
    block.lay_out(WIDTH)
    painted(block)
    block.scroll_by(1e9)
    painted(block, top=block.height - 400)
    last = block.rect_at(len(text))
    assert last.left() <= WIDTH + 1
    assert 0 < last.bottom() <= block.height


def test_what_has_no_glyph_is_seen_and_turns_nothing_around() -> None:
    hidden, shown = code_block("a = 1 \u202e; b", ""), code_block("a = 1 x; b", "")
    assert hidden.rect_at(9).left() > hidden.rect_at(6).left()
    assert painted(code_block("a\u202eb", "")) != painted(code_block("ab", ""))
    assert shown.rect_at(6).left() == hidden.rect_at(6).left()


def test_what_was_released_is_painted_again() -> None:
    block = code_block(RETRY)
    before = painted(block)
    block.release()
    assert painted(block) == before
