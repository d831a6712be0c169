"""Each construct of Markdown becomes the block that it says."""

import pytest

from app.ui.transcript.markdown.content import (
    Block,
    Code,
    Container,
    ContainerKind,
    Heading,
    Image,
    MathBlock,
    Paragraph,
    Rule,
    Span,
    Spans,
    reading_text,
)
from app.ui.transcript.markdown.stream_parser import parse_blocks


def _only(text: str) -> Block:
    (block,) = parse_blocks(text)
    return block


def _spans(text: str) -> Spans:
    block = _only(text)
    assert isinstance(block, Paragraph)
    return block.spans


def _item(number: int, marker: str = "•", checked: bool | None = None, is_loose: bool = False) -> Container:
    return Container(ContainerKind.ITEM, number, marker, checked, is_loose)


def _quote(number: int) -> Container:
    return Container(ContainerKind.QUOTE, number)


def _outline(text: str) -> list[tuple[str, list[str]]]:
    """Each block's text and the marks of what it stands in."""
    return [
        (reading_text(block), [container.marker or ">" for container in block.containers])
        for block in parse_blocks(text)
    ]


def test_nothing_has_no_blocks() -> None:
    assert parse_blocks("") == parse_blocks(" \n\n\t\n") == ()


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("*a*", Span("a", italic=True)),
        ("__a__", Span("a", bold=True)),
        ("***a***", Span("a", bold=True, italic=True)),
        ("~~a~~", Span("a", struck=True)),
        ("`` a`b ``", Span("a`b", code=True)),
        ("[a](https://b.example)", Span("a", link="https://b.example")),
        ("<https://b.example>", Span("https://b.example", link="https://b.example")),
        ("https://b.example/c_d", Span("https://b.example/c_d", link="https://b.example/c_d")),
        ("www.b.example", Span("www.b.example", link="http://www.b.example")),
        ("me@b.example", Span("me@b.example", link="mailto:me@b.example")),
        ("&lt;b&gt;", Span("<b>")),
        ("\\*a\\*", Span("*a*")),
    ],
)
def test_a_span(text: str, span: Span) -> None:
    assert _spans(text) == (span,)


@pytest.mark.parametrize(
    "text", ["~a~", "2 * 3 * 4", "snake_case_name", "<b>a</b>", "<script>alert(1)</script>", "~1~2", "日本~1~2"]
)
def test_what_is_plain_text(text: str) -> None:
    assert _spans(text) == (Span(text),)


def test_looks_add_up_and_neighbours_alike_are_one() -> None:
    assert _spans("a **b *c* `d`** [*e*](f)") == (
        Span("a "),
        Span("b ", bold=True),
        Span("c", bold=True, italic=True),
        Span(" ", bold=True),
        Span("d", bold=True, code=True),
        Span(" "),
        Span("e", italic=True, link="f"),
    )


def test_a_line_break_is_a_space_and_a_hard_one_stays() -> None:
    assert _spans("a\nb  \nc\\\nd") == (Span("a b\nc\nd"),)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "vbscript:x"])
def test_a_dangerous_address_is_no_link(address: str) -> None:
    assert _spans(f"[a]({address})") == (Span(f"[a]({address})"),)


def test_an_entity_cannot_bring_in_what_is_cleaned_away() -> None:
    assert _spans("a&#x202e;b&#0;c") == (Span("a\ufffdb\ufffdc"),)


def test_an_image_alone_is_a_block() -> None:
    assert _only('![some *words*](a.png "title")') == Image("a.png", "some words")
    assert _only("[![a](b.svg)](https://c.example)") == Image("b.svg", "a", "https://c.example")


def test_an_image_in_a_line_is_a_span() -> None:
    assert _spans("see ![this](a.png)") == (Span("see "), Span("this", image="a.png"))


@pytest.mark.parametrize(("text", "level"), [("# a", 1), ("###### a ##", 6), ("a\n===", 1), ("a\n---", 2)])
def test_a_heading(text: str, level: int) -> None:
    assert _only(text) == Heading(level, (Span("a"),))


@pytest.mark.parametrize("text", ["***", "---", " _ _ _", "* * *"])
def test_a_rule(text: str) -> None:
    assert _only(text) == Rule()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```python title=x\na\n\n b\n```", Code("python", "a\n\n b")),
        ("~~~\n```\n~~~", Code("", "```")),
        ("````\n```\n````", Code("", "```")),
        ("```js\na", Code("js", "a", is_open=True)),
        ("```\n\n\n```", Code("", "\n")),
        ("  ```\n   a\n b\n  ```", Code("", " a\nb")),
        ("    a\n\n      b", Code("", "a\n\n  b")),
        ("```a&amp;b\n```", Code("a&b", "")),
    ],
)
def test_code(text: str, code: Code) -> None:
    assert _only(text) == code


@pytest.mark.parametrize("text", ["$$\na\n+ b\n$$", "\\[\na\n+ b\n\\]", "$$ a\n+ b $$", "  $$\na\n+ b\n$$"])
def test_mathematics_on_lines_of_their_own(text: str) -> None:
    assert _only(text) == MathBlock("a\n+ b")


def test_mathematics_may_interrupt_a_paragraph() -> None:
    assert parse_blocks("so\n$$a$$\nand\n\\[\nb\n\\]\nend") == (
        Paragraph((Span("so"),)),
        MathBlock("a"),
        Paragraph((Span("and"),)),
        MathBlock("b"),
        Paragraph((Span("end"),)),
    )


def test_mathematics_without_an_end_are_text() -> None:
    assert _outline("so\n$$\na\n\n- b\n$$ c\nd") == [("so $$ a", []), ("b $$ c d", ["•"])]


def test_mathematics_in_an_item() -> None:
    assert _outline("1. so\n   $$\n   a\n   $$\n2. $$b$$") == [("so", ["1."]), ("a", ["1."]), ("b", ["2."])]


def test_items_have_numbers_and_looseness() -> None:
    assert [block.containers for block in parse_blocks("- a\n- b\n\n- c\n  - d\n\n3) e\n5) f")] == [
        (_item(0),),
        (_item(1),),
        (_item(2, is_loose=True),),
        (_item(2, is_loose=True), _item(3)),
        (_item(4, "3)"),),
        (_item(5, "4)"),),
    ]


def test_blocks_of_one_item_stand_in_the_same() -> None:
    assert parse_blocks("1. a\n\n   b\n   ```\n   c\n   ```\n   > d") == (
        Paragraph((Span("a"),), (_item(0, "1."),)),
        Paragraph((Span("b"),), (_item(0, "1."),)),
        Code("", "c", containers=(_item(0, "1."),)),
        Paragraph((Span("d"),), (_item(0, "1."), _quote(1))),
    )


def test_a_paragraph_ends_a_list_and_the_next_begins_anew() -> None:
    assert _outline("1. a\n2. b\n\nc\n\n1. d") == [("a", ["1."]), ("b", ["2."]), ("c", []), ("d", ["1."])]


def test_a_lazy_line_belongs_to_the_paragraph_before_it() -> None:
    assert _outline("- a\nb\n- c\n> d\ne\n===") == [("a b", ["•"]), ("c", ["•"]), ("d e ===", [">"])]


def test_tasks() -> None:
    blocks = parse_blocks("- [ ] a\n- [x] b\n- [X] c\n- [y] d")
    assert [(block.containers[0].checked, reading_text(block)) for block in blocks] == [
        (False, "a"),
        (True, "b"),
        (True, "c"),
        (None, "[y] d"),
    ]


def test_an_item_without_text_is_an_empty_paragraph() -> None:
    assert parse_blocks("- a\n-\n- b")[1] == Paragraph((), (_item(1),))


def test_an_item_whose_text_comes_in_the_next_line_has_it() -> None:
    assert _outline("-\n  a\n-\n  - b") == [("a", ["•"]), ("b", ["•", "•"])]


def test_two_quotes_and_one_in_another() -> None:
    assert [block.containers for block in parse_blocks("> a\n>> b\n\n> c")] == [
        (_quote(0),),
        (_quote(0), _quote(1)),
        (_quote(2),),
    ]


def test_a_number_in_a_paragraph_is_no_item() -> None:
    assert _outline("in the year\n1984. Really") == [("in the year 1984. Really", [])]


def test_footnotes_come_last_in_the_order_of_their_references() -> None:
    text = "A[^two] b[^one].\n\n[^one]: First,\n    with [^three].\n\n    - item\n\n[^two]: Second.\n\n[^x]: Unused.\n"
    assert _outline(text + "\n[^three]: Third.\n\nend") == [
        ("Atwo bone.", []),
        ("end", []),
        ("Second.", ["two"]),
        ("First, with three.", ["one"]),
        ("item", ["one", "•"]),
        ("Third.", ["three"]),
        ("Unused.", ["x"]),
    ]


def test_a_reference_to_a_footnote_is_a_span() -> None:
    assert parse_blocks("A[^n].\n\n[^n]: b")[0] == Paragraph((Span("A"), Span("n", footnote=True), Span(".")))


def test_a_reference_without_a_footnote_is_text() -> None:
    assert _spans("A[^n].") == (Span("A[^n]."),)


@pytest.mark.parametrize(
    "text",
    [
        "> " * 1000 + "deep",
        "- " * 1000 + "deep",
        "1. > " * 500 + "deep",
        "\n".join("  " * depth + "- deep" for depth in range(1000)),
        "\n".join("> " * depth + "deep" for depth in range(300)),
    ],
    ids=["quotes", "items", "both", "lines of items", "lines of quotes"],
)
def test_a_thousand_containers_are_a_few_and_their_text_stays(text: str) -> None:
    blocks = parse_blocks(text)
    assert max(len(block.containers) for block in blocks) <= 16
    assert sum(reading_text(block).count("deep") for block in blocks) == text.count("deep")


@pytest.mark.parametrize(
    "mark", ["[", "*", "$", "`", "\\(", "![a](<b", "a**b", "<a", "&amp", "~~a", "http://a.b:", "a@b."]
)
def test_text_of_nothing_but_marks_is_shown(mark: str) -> None:
    text = "a " + mark * (50_000 // len(mark))
    assert len("".join(map(reading_text, parse_blocks(text)))) > 10_000


def test_a_megabyte_on_a_line_becomes_paragraphs_of_bounded_length() -> None:
    blocks = parse_blocks("word " * 200_000)
    assert max(len(reading_text(block)) for block in blocks) <= 8192
    assert sum(reading_text(block).count("word") for block in blocks) == 200_000


def test_a_megabyte_of_code_on_a_line_stays_whole() -> None:
    assert _only("```\n" + "x" * 1_000_000) == Code("", "x" * 1_000_000, is_open=True)


def test_null_and_lone_surrogates_are_replaced_everywhere() -> None:
    text = "# a\0\n\n`\ud800`\n\n```p\0\n\udfff\n```\n\n[x](/\0)"
    assert "\0" not in repr(parse_blocks(text))
    assert "\\ud" not in repr(parse_blocks(text))
