"""Parts of a message as Markdown, plain text and HTML."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.ui.transcript.markdown.content import (
    Alignment,
    Block,
    Code,
    Container,
    ContainerKind,
    Heading,
    Image,
    MathBlock,
    Paragraph,
    Span,
    Table,
    reading_text,
)
from app.ui.transcript.markdown.export import Part, html, markdown, plain_text, whole
from app.ui.transcript.markdown.stream_parser import parse_blocks

ITEM = Container(ContainerKind.ITEM, 0, "•")
TALL = Table(
    (Alignment.LEFT, Alignment.RIGHT),
    ((Span("Name"),), (Span("Size"),)),
    (((Span("a|b"),), (Span("1"),)), ((Span("c", bold=True),), (Span("2"),)), ((Span("d"),), ())),
)


def written_again(source: str) -> str:
    return markdown(whole(parse_blocks(source)))


def part_of(block: Block, words: str) -> Part:
    start = reading_text(block).index(words)
    return Part(block, start, start + len(words))


@pytest.mark.parametrize(
    "source",
    [
        "Some **bold**, *italic*, ~~struck~~ and **_both_** words.",
        "un*believ*able, **a** b*c*",
        "snake_case, 2 * 3, a < b, R&D, 50% [sic], array[0], $5, don't!",
        "A line\\\nand another",
        "## Heading `with code`\n\n###### Small",
        "Title\\\nin two lines\n===",
        "- one\n- two\n  - nested\n  - list\n- three",
        "- one\n\n  more of it\n\n- two",
        "1. one\n2. two\n\n   ```python\n   print(1)\n\n   print(2)\n   ```\n\n3. three",
        "9. nine\n10. ten\n    - inside",
        "3) three\n4) four",
        "- [x] done\n- [ ] to do",
        "- bullets\n\n1. numbers\n\n- bullets",
        "> quoted\n>\n> > deeper\n>\n> - with a list",
        "> one\n\n> another",
        "```\ncode\n```",
        "````md\n```py\nx\n```\n````",
        "~~~a`b\nx\n~~~",
        "| Name | Size |\n| :--- | ---: |\n| a\\|b | `c\\|d` |\n|  | **2** |",
        "$$\nx = \\frac{1}{2}\n$$",
        "The sum $a_1 + b$ and $$x^2$$ too",
        "![a picture](https://example.org/a.png)",
        "[![a picture](https://example.org/a.png)](https://example.org)",
        "See <https://example.org/a?b=1> or [this](https://example.org) and [that](a%20b).",
        "``a`b`` and `` ` ``",
        "one\n\n---\n\ntwo",
        "A note[^1] and another[^long].\n\n[^1]: First.\n\n[^long]: Second\n\n    with more.",
        "\\# no heading\n\n\\- no item\n\n1\\. no item\n\n\\> no quote\n\n\\=",
        "\\*a\\* \\_b\\_ \\`c\\` \\<d> \\&amp; e\\\\\\*",
        "[a\\](b) and \\![c\\](d) and [\\^1] and http\\://a.org",
    ],
)
def test_what_is_written_well_is_written_so_again(source: str) -> None:
    assert written_again(source) == source


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("* one\n* two", "- one\n- two"),
        ("Title\n=====", "# Title"),
        ("    indented", "```\nindented\n```"),
        ("__bold__ and _italic_", "**bold** and *italic*"),
        ("\\(a\\) and $b$", "$a$ and $b$"),
        ("[a][ref]\n\n[ref]: https://example.org", "[a](https://example.org)"),
        ("```py\nno end", "```py\nno end\n```"),
        ("<b>raw</b>", "\\<b>raw\\</b>"),
    ],
)
def test_other_ways_to_write_it_become_the_usual_one(source: str, expected: str) -> None:
    assert written_again(source) == expected


@pytest.mark.parametrize(
    ("block", "words", "expected"),
    [
        (parse_blocks("A **bold move** here")[0], "old mo", "**old mo**"),
        (parse_blocks("A **bold move** here")[0], "bold ", "**bold** "),
        (parse_blocks("See [the page](https://example.org).")[0], "page", "[page](https://example.org)"),
        (parse_blocks("Half $x^2$ of it")[0], "lf x", "lf $x^2$"),
        (parse_blocks("# A title")[0], "title", "# title"),
        (Code("py", "import time\ntime.sleep(1)"), "time\n", "```py\ntime\n```"),
        (Image("https://example.org/a.png", "a red fox"), "red", "red"),
        (MathBlock("x^2"), "x", "$$\nx^2\n$$"),
        (TALL, "c\t2\nd", "|  |  |\n| :--- | ---: |\n| **c** | 2 |\n| d |  |"),
        (TALL, "Size\na", "|  | Size |\n| :--- | ---: |\n| a |  |"),
        (TALL, "a|b", "a|b"),
        (TALL, "Name\tSize", "| Name | Size |\n| :--- | ---: |"),
    ],
)
def test_a_block_that_is_cut_gives_just_its_part(block: Block, words: str, expected: str) -> None:
    # The space that was selected after a bold word is not bold, and at the end of a paragraph it is written by number.
    assert markdown((part_of(block, words),)).replace("&#32;", " ") == expected


def test_parts_of_several_blocks_keep_their_containers() -> None:
    blocks = parse_blocks("Before this\n\n- one item\n- two\n\n> after that")
    parts = (part_of(blocks[0], "this"), *whole(blocks[1:3]), part_of(blocks[3], "after"))
    assert markdown(parts) == "this\n\n- one item\n- two\n\n> after"


def test_plain_text_is_as_read() -> None:
    source = (
        "# Title\n\nSome **bold** and $x^2$[^1]:\n\n1. one\n2. two\n   - [x] done\n\n> quoted\n\n"
        "```py\nx = 1\n\ny\n```\n\n| A | B |\n| --- | --- |\n| 1 | 2 |\n\n![fox](a.png)\n\n[^1]: Note."
    )
    assert plain_text(whole(parse_blocks(source))) == (
        "Title\n\nSome bold and x^2[1]:\n\n1. one\n2. two\n   ☑ done\n\n> quoted\n\nx = 1\n\ny\n\nA\tB\n1\t2\n\n"
        "fox (a.png)\n\n[1] Note."
    )


def test_plain_text_of_a_cut_table_is_what_is_marked() -> None:
    assert plain_text((part_of(TALL, "Size\na|b\t1"),)) == "Size\na|b\t1"


def test_html_says_what_things_are() -> None:
    source = (
        "## Title\n\nA **bold** *word* ~~no~~ `code`\\\n[link](https://example.org/?a=1&b=2).\n\n"
        "- one\n- two\n  1. in\n  2. out\n\n> quoted\n\n3. [x] three\n\n---"
    )
    assert html(whole(parse_blocks(source))) == (
        "<h2>Title</h2><p>A <strong>bold</strong> <em>word</em> <s>no</s> "
        '<code style="font-family: monospace">code</code><br>'
        '<a href="https://example.org/?a=1&amp;b=2">link</a>.</p>'
        "<ul><li>one</li><li>two<ol><li>in</li><li>out</li></ol></li></ul><blockquote><p>quoted</p></blockquote>"
        '<ol start="3"><li>☑ three</li></ol><hr>'
    )


def test_html_of_tables_code_and_mathematics() -> None:
    assert html(whole((TALL,))).count("<td") == 6
    assert "text-align: right" in html(whole((TALL,)))
    assert "<thead>" not in html((part_of(TALL, "c\t2\nd"),))
    assert html(whole((Code("c++", "a<b\n"),))) == (
        '<pre style="font-family: monospace"><code class="language-c++">a&lt;b\n\n</code></pre>'
    )
    assert html(whole(parse_blocks("Now $a<b$\n\n$$\nx^2\n$$"))) == "<p>Now \\(a&lt;b\\)</p><p>\\[x^2\\]</p>"


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script> <img src=https://evil.example/x>",
        "![x](https://evil.example/x.png) text ![y](data:image/png;base64,AAAA)",
        "![x](https://evil.example/x.png)",
        '[a](javascript:alert(1)) [b](file:///etc/passwd) [c](<https://x.example/" onclick="y>)',
        '```"><script>\n</code><script>\n```',
        '| <i> | "q" |\n| --- | --- |\n| <img src=x> | y |',
        "a\x00b\x07c",
    ],
)
def test_html_is_harmless_whatever_the_message_says(source: str) -> None:
    written = html(whole(parse_blocks(source)))
    for forbidden in ("<img", "<script", "<i>", 'href="javascript', 'href="file', 'href="data', '" onclick', "\x00"):
        assert forbidden not in written


def test_an_image_is_a_link_to_it_at_most() -> None:
    assert html(whole(parse_blocks("![a fox](https://example.org/a.png)"))) == (
        '<p><a href="https://example.org/a.png">a fox</a></p>'
    )
    long = "data:image/png;base64," + "A" * 100_000
    assert len(html(whole((Image(long, "a fox"),)))) < 300


def test_containers_in_containers_without_end_are_written() -> None:
    deep = tuple(Container(ContainerKind.QUOTE, number) for number in range(2_000))
    parts = whole((Paragraph((Span("deep"),), deep),))
    assert markdown(parts) == "> " * 2_000 + "deep"
    assert html(parts).count("</blockquote>") == 2_000


# What a message that means mischief, or that a random model writes, is made of.
FRAGMENTS = st.sampled_from(
    [
        *(
            "a",
            "foo",
            "b ",
            " c",
            " ",
            "é",
            "日",
            "“",
            "€",
            "👍",
            "\u00a0",
            "c++",
            "x_y",
            "2*3",
            "'",
            '"',
            ".",
            ":",
            "{",
        ),
        *("*", "**", "_", "__", "~", "~~", "`", "``", "[", "]", "(", ")", "[^1]", "^[", "^", "!", "<", "<b>", ">"),
        *(
            "&",
            "&amp;",
            "&lt",
            "$",
            "$$",
            "\\",
            "\\(",
            "\\[",
            "|",
            "#",
            "-",
            "+ ",
            "1. ",
            "12) ",
            "=",
            "===",
            "---",
            ": ",
        ),
        *("[ ] ", "[x] ", "~~~", "```", "http://a.b", "www.a.b", "a@b.c"),
    ]
)
WORDS = st.lists(FRAGMENTS, min_size=1, max_size=5).map("".join)
LINES = st.lists(
    st.sampled_from(
        [
            *(
                "",
                "",
                "- a",
                "- b",
                "  - c",
                "* d",
                "+ e",
                "- - - n",
                "- 1. k",
                "1. x",
                "2. y",
                "7) z",
                "   1. n",
                "   p",
            ),
            *("-", "1.", "- [ ] task", "- [x] done", "> q", ">> r", "> - s", "  > qq", "       deep", "    code"),
            *("```", "```py", "~~~", "# h", "## h2 #", "---", "***", "===", "a | b", "--- | :-:", "1 | 2 | 3"),
            *("$$", "x^2", "$$y$$", "\\[z\\]", "$5 and $6", "$a$ and $b$", "[^1]: note", "    more", "[^1] ref"),
            *("[ref]: http://x", "[ref] and **bold *it*** text", "text\\", "line  ", "![i](u)", "[![i](u)](v)"),
            *("http://a.b/c d", "www.x.org", "<http://q.r>", "`c` *e* _f_ ~~g~~", "a*b*c __d__ **e**f"),
        ]
    )
    | WORDS,
    max_size=10,
).map("\n".join)
SPANS = st.lists(
    st.builds(
        Span,
        WORDS | st.builds("{}\n{}".format, st.just("a"), WORDS.map("{}b".format)),
        bold=st.booleans(),
        italic=st.booleans(),
        struck=st.sampled_from([False, False, True]),
        link=st.sampled_from(["", "", "", "http://x.y/z", "a (b) c", "x&amp;y\\*z", "<q>"]),
        image=st.sampled_from(["", "", "", "", "http://i.m/g"]),
    )
    | st.builds(Span, WORDS, bold=st.booleans(), code=st.just(True))
    | st.builds(Span, st.sampled_from(["x^2", "a_1 * b"]), italic=st.booleans(), math=st.just(True)),
    min_size=1,
    max_size=5,
).map(tuple)


def comparable(blocks: Sequence[Block]) -> list[Block]:
    """The blocks without what Markdown written anew does not keep.

    That is: which numbers containers have, by which of its two signs an ordered list is marked, whether a fence was
    closed, and where lines are broken in a formula.
    """
    numbers: dict[int, int] = {}
    return [comparable_block(block, numbers) for block in blocks]


def comparable_block(block: Block, numbers: dict[int, int]) -> Block:
    containers = tuple(
        replace(each, number=numbers.setdefault(each.number, len(numbers)), marker=each.marker.replace(")", "."))
        for each in block.containers
    )
    match block:
        case Code():
            return replace(block, containers=containers, is_open=False)
        case Paragraph() | Heading():
            spans = (replace(span, text=" ".join(span.text.split())) if span.math else span for span in block.spans)
            return replace(block, containers=containers, spans=tuple(spans))
        case _:
            return replace(block, containers=containers)


def is_formula_on_its_line(block: Block) -> bool:
    """Whether a displayed formula stands at the start of a line in a paragraph: there it would be read as a block."""
    spans = block.spans if isinstance(block, Paragraph | Heading) else ()
    return any(span.displayed and (at == 0 or spans[at - 1].text.endswith("\n")) for at, span in enumerate(spans))


def assert_is_read_again(blocks: Sequence[Block]) -> None:
    assume(not any(map(is_formula_on_its_line, blocks)))
    assert comparable(parse_blocks(markdown(whole(blocks)))) == comparable(blocks)


@settings(max_examples=120, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(LINES)
def test_what_is_written_is_read_again_as_the_same_blocks(source: str) -> None:
    blocks = parse_blocks(source)
    assume(Paragraph(()) not in blocks)
    assert_is_read_again(blocks)


@settings(max_examples=120, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(SPANS)
def test_what_is_written_in_a_line_is_read_again_as_the_same_spans(spans: tuple[Span, ...]) -> None:
    assert_is_read_again(parse_blocks(markdown(whole((Paragraph(spans),)))))
