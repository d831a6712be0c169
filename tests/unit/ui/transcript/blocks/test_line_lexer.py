"""Code is lexed line by line with the same outcome as Pygments has for the whole text."""

from typing import NoReturn

import pytest
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name

from app.ui.transcript.blocks.line_lexer import LONGEST_LINE, LineLexer, line_lexer
from app.ui.transcript.blocks.token_kinds import TokenKind, kind_of

SAMPLES = {
    "python": '''\
import os
def retry(call, *, tries: int = 5) -> None:
    """A docstring
    over lines."""
    x = f"{call!r} {1 + 2:>4}" + r'\\d'
    s = """multi
  {line} # no comment
"""; y = 1
    @decorated
    class A(B): pass
    match x:
        case [1, *rest]: return None  # a comment
    return 0x1F + 1_000.5e3
''',
    "javascript": """\
/* a
 * comment `with` "quotes"
 */ const x = `template ${a + `inner ${b}
 more`} end
 over lines`; // done
async function f(a, {b, c = /re[/]gex/g}) { return a / b / c; }
class A extends B { #p = 0n; get x() { return this.#p } }
""",
    "typescript": """\
/** doc
 * @param x */
export interface A<T extends B> { readonly x?: T[]; }
const f = async <T,>(x: T): Promise<T> => { return `a${x}
b`; };
enum C { A = 1, B }
""",
    "jsx": """\
/* c
 */ const A = () => <div className="a">{x}</div>;
""",
    "bash": """\
#!/bin/bash
for f in *.txt; do echo "hello $f
over" 'single
quoted'; done # comment
cat <<EOF
here $x
EOF
if [[ -n $x ]]; then y=$((1 + 2)); fi
""",
    "c": """\
#include <stdio.h>
#define X(a) \\
   ((a) + 1)
/* a comment
   over lines "x" */
int main(int argc, char **argv) {
    printf("hello /* no comment %d\\n", 0x10); // c
    return 0;
}
""",
    "cpp": """\
#include <vector>
/* a
*/ template <typename T> class A : public B {
  virtual int f() const override { return 1'000; }
};
""",
    "java": '''\
/** doc
 * x */
@Override public class A<T> { int f(int x) { return x + 1; } /* y */
 String s = """
  text "block"
  """; }
''',
    "go": """\
package main
/* c
 c */
var s = `raw
"string" /* no */
`
func main() { fmt.Println("x", 'a', 1.5) } // c
""",
    "rust": """\
/* a /* nested */
 b */ fn main<'a>(x: &'a str) -> u8 {
    let s = "multi
    line"; let r = r#"raw "x"
    y"#; let c = 'c'; 1_u8
}
""",
    "sql": """\
-- c
/* a
 b */ SELECT 'it''s
 over', count(*) FROM "t" WHERE x IN (1, 2.5);
""",
    "html": """\
<!DOCTYPE html>
<!-- a
 comment -->
<html><head><style>
 body { color: red; /* c
 c */ }
</style><script>
 // js
 const x = `a
 b`; function f() { return 1; }
</script></head>
<body class="a
 b" id='x'>text &amp; "quoted"</body></html>
""",
    "css": """\
/* c
 c */ @media (max-width: 10px) { a:hover, #id > .c { color: #fff; margin: 1.5em "x"; } }
""",
    "json": """\
{
  "a": [1, true, null, "x"],
  "b": {"c": -1.5e3}
}
""",
    "yaml": """\
# c
a: 1
b:
  - x: "multi
      line"
  - |
    literal: no
    more
c: &anchor {d: [1, 2], e: 'x'}
""",
    "ruby": """\
# c
=begin
doc
=end
def f(x) = "a #{x + 1}" + 'b' + :sym.to_s
class A < B; attr_reader :x; end
""",
    "lua": """\
--[[ a
b ]] local x = [[ long
string ]] -- c
function f(a) return a .. "x" end
""",
    "kotlin": '''\
/* c
 c */ fun f(x: Int): String = """raw
 ${x}""" // c
''',
    "swift": '''\
/* c
 c */ func f(_ x: Int) -> String { return "a \\(x)" }
let s = """
 a
 """
''',
    "haskell": """\
{- c
 c -} module X where
f :: Int -> Int
f x = x + 1 -- c
""",
    "csharp": '''\
/* c
*/ public class A { string s = @"a
 b ""c"""; int F(int x) => x; } // c
''',
    "powershell": """\
<# c
 c #> function Get-X { param([int]$a) Write-Host "a $a" } # c
""",
    "toml": '''\
# c
[a.b]
x = """
multi
""" # c
y = 2024-01-01
''',
    "diff": """\
--- a
+++ b
@@ -1 +1 @@
-x
+y
 z
""",
    "xml": """\
<?xml version="1.0"?>
<!-- c
 c --><a b="x
y"><![CDATA[ z
 ]]></a>
""",
    "make": """\
CC = gcc
# c
all: x.o
	$(CC) -o $@ $<
""",
    "console": """\
$ ls -l
total 0
$ echo "x"
""",
}


def kinds_by_line(lexer: LineLexer, text: str) -> list[list[TokenKind]]:
    """The kind of every character of every line."""
    state = lexer.first_state
    found = []
    for line in text.split("\n"):
        runs, state = lexer.lex(line, state)
        kinds = [TokenKind.PLAIN] * len(line)
        for run in runs:
            assert 0 <= run.start < run.end <= len(line)
            kinds[run.start : run.end] = [run.kind] * (run.end - run.start)
        found.append(kinds)
    return found


def kinds_of_whole(language: str, text: str) -> list[list[TokenKind]]:
    kinds: list[TokenKind] = []
    for _, token, value in get_lexer_by_name(language).get_tokens_unprocessed(text):
        kinds += [kind_of(token)] * len(value)
    lines = []
    start = 0
    for line in text.split("\n"):
        lines.append(kinds[start : start + len(line)])
        start += len(line) + 1
    return lines


def visible(lines: list[list[TokenKind]], text: str) -> list[str]:
    """Lines with the kind of each character that is seen; the colour of a space is not."""
    return [
        " ".join(f"{letter}:{kind.name}" for letter, kind in zip(line, kinds, strict=True) if letter != " ")
        for line, kinds in zip(text.split("\n"), lines, strict=True)
    ]


@pytest.mark.parametrize("language", SAMPLES)
def test_lines_one_by_one_are_as_the_whole(language: str) -> None:
    text = SAMPLES[language]
    assert visible(kinds_by_line(line_lexer(language), text), text) == visible(kinds_of_whole(language, text), text)


def test_the_samples_have_colours() -> None:
    for language, text in SAMPLES.items():
        kinds = {kind for line in kinds_by_line(line_lexer(language), text) for kind in line}
        assert len(kinds) > 1, language


def test_lexing_can_be_taken_up_at_any_line() -> None:
    lexer = line_lexer("python")
    state = lexer.first_state
    lines = SAMPLES["python"].split("\n")
    states = []
    for line in lines:
        states.append(state)
        state = lexer.lex(line, state)[1]
    for line, before in reversed(list(zip(lines, states, strict=True))):
        again = lexer.lex(line, before)
        assert again == lexer.lex(line, before)
    assert lexer.lex("over lines.", states[3])[0][0].kind is TokenKind.STRING


def test_what_is_not_closed_yet_goes_on_over_lines() -> None:
    kinds = kinds_by_line(line_lexer("javascript"), "/* a\nreturn 1;\n*/ return")
    assert set(kinds[0]) == set(kinds[1]) == {TokenKind.COMMENT}
    assert kinds[2][-1] is TokenKind.KEYWORD


def test_javascript_in_a_page_is_coloured_as_such_before_its_end_has_come() -> None:
    kinds = kinds_by_line(line_lexer("html"), "<script>\nconst x = 1;\nreturn x;")
    assert kinds[1][0] is TokenKind.KEYWORD
    assert kinds[2][0] is TokenKind.KEYWORD


def test_php_needs_no_opening_tag() -> None:
    kinds = kinds_by_line(line_lexer("php"), '$x = "a";\nreturn $x;')
    assert kinds[0][5] is TokenKind.STRING
    assert kinds[1][0] is TokenKind.KEYWORD


@pytest.mark.parametrize("word", ["py", "Python3", "{.python}", "python,ignore", "language-python", "pyi"])
def test_other_words_for_a_language(word: str) -> None:
    assert line_lexer(word).lex("return", line_lexer(word).first_state)[0][0].kind is TokenKind.KEYWORD


@pytest.mark.parametrize("word", ["js", "ts", "sh", "c++", "rs", "golang", "yml", "kt", "c#", "jsonc"])
def test_short_words_are_known(word: str) -> None:
    assert line_lexer(word) is not line_lexer("")


@pytest.mark.parametrize("word", ["", "text", "nosuchlanguage", "../../etc/passwd", "x" * 10_000, "\ud800", "\0"])
def test_without_a_known_language_all_is_plain(word: str) -> None:
    lexer = line_lexer(word)
    assert lexer.lex('def f(): return "x"', lexer.first_state)[0] == ()


def test_a_line_that_is_too_long_is_plain_and_the_next_goes_on() -> None:
    lexer = line_lexer("python")
    state = lexer.lex('x = """a', lexer.first_state)[1]
    runs, after = lexer.lex("y" * (LONGEST_LINE + 1), state)
    assert runs == ()
    assert lexer.lex('z"""', after)[0][0].kind is TokenKind.STRING


@pytest.mark.parametrize("language", ["python", "javascript", "c", "html", "yaml", "ruby", "json", "bash", "markdown"])
def test_any_line_is_taken(language: str) -> None:
    lexer = line_lexer(language)
    state = lexer.first_state
    for piece in ["(", "[{", "\\", "'", '"', "`", "/*", "<!--", "\0", "\ud800", "😀", "\t", "$(", "<<EOF "]:
        for line in (piece, piece * (LONGEST_LINE // len(piece))):
            runs, state = lexer.lex(line, state)
            assert all(0 <= run.start < run.end <= len(line) for run in runs)
            assert len(state.stack) <= 70


class _Stumbling(Lexer):
    """A lexer with a fault, as a few of Pygments' have."""

    name = "Stumbling"

    def get_tokens_unprocessed(self, text: str) -> NoReturn:
        raise LookupError(text)


@pytest.mark.expects_log_records
def test_a_lexer_that_fails_leaves_plain_text(caplog: pytest.LogCaptureFixture) -> None:
    lexer = LineLexer(_Stumbling())
    assert lexer.lex("x", lexer.first_state)[0] == ()
    assert lexer.lex("y", lexer.first_state)[0] == ()
    assert [record.message for record in caplog.records] == ["the lexer for Stumbling failed and is not asked again"]
