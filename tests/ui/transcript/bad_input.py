"""What a model, or somebody who speaks through it, could write to break the page: large, deep, wrong and sly."""

import base64
from collections.abc import Callable

_ZWJ = "\N{ZERO WIDTH JOINER}"
_MARKS = "".join(map(chr, range(0x300, 0x36F)))
_KILO, _MEGA = 1_000, 1_000_000


def bad_input(name: str, address: str = "http://127.0.0.1:9", *, part: float = 1.0) -> str:
    """The one of NAMES; `address` is a server's that must never be asked for anything.

    Of the few that take seconds to read only a `part` is made.
    """
    return _HUGE[name](part) if name in _HUGE else _INPUTS[name](address)


def _plain(make: Callable[[], str]) -> Callable[[str], str]:
    return lambda _address: make()


def _data_image(part: float) -> str:
    # An image's head, then what is none.
    head = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
    return f"![a large one](data:image/png;base64,{head}{'A' * int(50 * _MEGA * part)})"


def _html(address: str) -> str:
    return f"""<script>fetch("{address}/script")</script>
<img src="{address}/image.png" onerror="fetch('{address}/error')">
<link rel="stylesheet" href="{address}/style.css"><iframe src="{address}/frame"></iframe>

<b>not bold</b> <a href="javascript:alert(1)">no link</a> <style>@import url({address}/import.css);</style>

<table><tr><td background="{address}/cell.png">no table</td></tr></table>

| <img src="{address}/in-a-cell.png"> |
|---|
| ![x]({address}/in-a-row.png) |

<!-- a remark that is not closed"""


def _links(address: str) -> str:
    return f"""[a script](javascript:fetch('{address}/script')) [a file](file:///etc/passwd) [data](data:text/html,<b>x)
![a remote image]({address}/remote.png) ![a file](file:////127.0.0.1/share/x.png) ![svg](data:image/svg+xml,<svg/>)

![alone]({address}/alone.png)

[![an image as a link]({address}/linked.png)]({address}/link)

![]({address}/{"long/" * 500}x.png)

<{address}/auto> {address}/bare www.example.org [](<>) [x]() ![]() [\x00](http://\x00) [ref][1]

[1]: {address}/reference "title"
[2]: javascript:alert(1)
"""


_TABLES = """| a | b |
|---|---|
| 1 |
| 1 | 2 | 3 |
||

| a | b |
|---|
| 1 | 2 |

| a | b
|:--|--:
1 | 2
| `x | y` | \\| |
| $a|b$ | [x](|) |

|
|-
|

| half | a
|--"""

_SURROGATES = """\ud800 \udc00 \udfff\ud83d **\ud83d** `\udc00`

```\ud800
\udfff\x00
```

| \ud800 |
|---|
| \x00 |

$\ud800$

[\ud800](http://\ud800/) ![\udc00](\udc00.png)

[^\ud800]: \x00

# \udfff

x[^\ud800]"""

_INPUTS: dict[str, Callable[[str], str]] = {
    "unclosed fences": _plain(
        lambda: "```python\nprint(1)\n~~~\n```` \n\n- ```\n  x\n> ```js\n> y\n\nout\n\n$$\nx\n\n`never closed"
    ),
    "half a table": _plain(lambda: _TABLES),
    "invalid LaTeX": _plain(
        lambda: (
            "Inline $\\frac{1}{$, $\\nosuch{x}$, $x^^2$."
            + "\n\n$$\\begin{matrix} a & b \\\\ \\end{nonsense}$$\n\n\\[\\left( x\\]"
            + "\n\n$$"
            + "{" * 900
            + "$$\n\n$"
            + "x^{" * 300
            + "}" * 300
            + "$\n\n$$"
            + "\\sqrt{" * 200
            + "x"
            + "}" * 200
            + "$$"
        )
    ),
    "control characters": _plain(
        lambda: (
            "".join(map(chr, range(0x20)))
            + "\x7f\x80\x85\x9f "
            + "\u202eesrever\u2066x\u2069 \ufffc\ufdd0\ufffe\uffff\u2028\u2029"
            + "\n\n`"
            + "\x00\x1b[31m\x07"
            + "`\n\n```\x00\n\x0b\x0c\x1b]0;title\x07\n```\n\n| \x00 |\n|---|\n| \u202e |\n\n$\x00$"
        )
    ),
    "lone surrogates and NUL": _plain(lambda: _SURROGATES),
    "1 MB on one line": _plain(lambda: "words of some length " * (_MEGA // 21)),
    "1 MB on one line of code": _plain(lambda: "```python\n" + "x = f(1, 'a') + " * (_MEGA // 16) + "\n```"),
    "1 MB on one line without a blank": _plain(lambda: "a" * _MEGA),
    "1,000 quotes in one another": _plain(
        lambda: "\n".join(">" * depth + " deep" for depth in range(1, 1001, 7)) + "\n" + ">" * 1000 + " deepest"
    ),
    "1,000 quotes on one line": _plain(lambda: "> " * 1000 + "deep"),
    "1,000 lists in one another": _plain(lambda: "\n".join("  " * depth + "- deep" for depth in range(1000))),
    "1,000 lists on one line": _plain(lambda: "- " * 1000 + "deep\n\n" + "1. " * 1000 + "deep"),
    "HTML and script": _html,
    "sly links": _links,
    "10,000 links in a paragraph": _plain(lambda: "[link](https://example.org/a) " * 10_000),
    "2,000 list items": _plain(lambda: "\n".join(f"- item *{number}* with `code`" for number in range(2000))),
    "a table of 500 rows": _plain(
        lambda: "| a | b | c |\n|---|:-:|--:|\n" + "| one `1` | *two* and more | 3 |\n" * 500
    ),
    "a table of 200 columns": _plain(
        lambda: "|" + "head|" * 200 + "\n|" + "---|" * 200 + "\n" + ("|" + "a cell|" * 200 + "\n") * 50
    ),
    "dollars": _plain(
        lambda: "$" * 20_000 + "\n\n" + "$a " * 20_000 + "\n\n" + "$$a$ " * 10_000 + "\n\n" + "\\(" * 10_000
    ),
    "formulas": _plain(
        lambda: " ".join(f"$x_{{{number}}}^2$" for number in range(3000)) + "\n\n" + "$$\\frac{a}{b}$$\n\n" * 300
    ),
    "backticks": _plain(
        lambda: (
            "`" * 20_000 + "\n\n" + " ".join("`" * length + "a" for length in range(1, 200)) + "\n\n" + "`a``" * 10_000
        )
    ),
    "stars, brackets and tildes": _plain(
        lambda: (
            "*a **a " * 10_000
            + "\n\n"
            + "[" * 20_000
            + "\n\n"
            + "![" * 10_000
            + "\n\n"
            + "_a__" * 10_000
            + "\n\n"
            + "~~a~" * 10_000
            + "\n\n"
            + "[a](" * 10_000
            + "\n\n"
            + "<" * 20_000
            + "\n\n"
            + "&#" * 10_000
            + "\n\n"
            + "\\" * 20_000
        )
    ),
    "combining marks": _plain(
        lambda: "".join(letter + _MARKS[:60] for letter in "zalgo " * 200) + "\n\n" + "a" + _MARKS * 200
    ),
    "one word of 200 kB": _plain(lambda: "Donaudampfschiff" * (200 * _KILO // 16)),
    "emoji and joiners": _plain(lambda: ("👩" + _ZWJ) * 5000 + " " + "🇩🇪" * 5000 + " " + _ZWJ * 5000 + "👍🏿" * 5000),
    "right to left": _plain(lambda: ("שלום world مرحبا 123 " * 50 + "\n\n") * 20 + "\u200f" * 5000 + "א" * 20_000),
    "headings and rules": _plain(
        lambda: "# " * 5000 + "\n" + "#\n" * 2000 + "---\n\n" * 2000 + "=" * 20_000 + "\n" + "x\n===\n" * 1000
    ),
    "tabs and blanks": _plain(lambda: "\t" * 20_000 + "x\n" + " " * 200_000 + "x\n\n" + "- \t\t\t x\n\t\t- y\n" * 500),
}


def _footnotes(part: float) -> str:
    count = int(5_000 * part)
    references = " ".join(f"x[^{number}]" for number in range(count))
    return references + "\n\n" + "\n".join(f"[^{number}]: Note {number}." for number in range(count))


_HUGE: dict[str, Callable[[float], str]] = {
    "an image of 50 MB": _data_image,
    "5,000 footnotes": _footnotes,
    "100,000 short lines": lambda part: "line\n" * int(100_000 * part),
    "100,000 short lines of code": lambda part: "```python\n" + "x = 1\n" * int(100_000 * part) + "```",
    "100,000 short paragraphs": lambda part: "line\n\n" * int(100_000 * part),
}

NAMES = (*_INPUTS, *_HUGE)
