"""A user's grammar: refused with its place where llama.cpp would hang, die or say nothing, taken where it is good."""

import os
from collections.abc import Callable, Iterator

import llama_cpp.llama_cpp as llama
import pytest

from app.core.errors import OutputFormatError
from app.engine import bindings
from app.engine.forms.gbnf import check_grammar
from tests.included import INCLUDED_MODEL

MANY_WAYS = "root ::= r0\n" + "\n".join(f'r{i} ::= r{i + 1} | r{i + 1} "x"' for i in range(40)) + '\nr40 ::= "a"'

BAD = [
    ('root ::= "a', "line 1, column 10"),
    ("root ::= [a-z", "line 1, column 10"),
    ('root ::= ("a" | "b"', "line 1, column 10"),
    ('root ::= "a"\n\nword ::= other', "line 3, column 10"),
    ('start ::= "a"', '"root"'),
    ("", '"root"'),
    ('root = "a"', '"::="'),
    ('root ::= "\\q"', "\\q"),
    ('root ::= "\\x4"', "\\x"),
    ("root ::= *", "nothing before"),
    ('root ::= ""*', "nothing before"),
    ("root ::= a_b", "not expected"),
    ('root ::= "a" # first\n  | "b"', "line 2, column 3"),
    ('root ::= "a"{2001}', "too many"),
    ('root ::= ("a" "b"?){1500}', "too many"),
    ('root ::= "a"{}', "number of repetitions"),
    ('root ::= "a"{99999999999999999999}', "number of repetitions"),
    ("root ::= <[x]>", "token"),
    ('root ::= "a" "\0"', "cannot be used"),
    ("root ::= root", "never come to an end"),
    ('root ::= "a" root', "never come to an end"),
    ('root ::= root "a" | "b"', "begins with itself"),
    ('root ::= ("")*', "may be empty"),
    ('root ::= "x" ("a" | "")+', "may be empty"),
    # llama.cpp fills the memory with these, or runs for ages:
    ('root ::= e root "x" | "y"\ne ::= f\nf ::= "" | "z"', "begins with itself"),
    ('root ::= "a"{5,2}', "at least 5 and at most 2"),
    (MANY_WAYS, "too many ways"),
    # and dies of this:
    ("root ::= " + "(" * 200_000 + '"a"' + ")" * 200_000, "nested"),
    ("root ::= " + '"a" ' * 200_000, "longer than"),
]

GOOD = [
    'root ::= "yes" | "no"',
    'root ::= ("a"\n  | [b-d]+ ) (ws root)?\nws ::= [ \\t]*\n# the end',
    'root ::= item ("," item){0,20}\nitem ::= [^",\\n]{1,30} | "\\"" ([^"\\\\] | "\\\\" .)* "\\""',
    'root ::= | "a"',
    'root ::= "\\x41\\u00e9\\U0001F600\\t\\r\\n\\\\\\[\\]\\-"',
    "root ::= !<[5]> . <[7]>",
    'root ::= ("a"?)* "b"{3} "c"{2,} "d"{0,0}',
    "root ::= r0\n" + "\n".join(f"r{i} ::= r{i + 1}" for i in range(3000)) + '\nr3000 ::= "a"',
]


@pytest.fixture(scope="module")
def accepted() -> Iterator[Callable[[str], bool]]:
    """Whether llama.cpp takes a grammar."""
    bindings.make_ready()
    parameters = llama.llama_model_default_params()
    parameters.vocab_only = True
    model = llama.llama_model_load_from_file(os.fsencode(INCLUDED_MODEL), parameters)
    vocabulary = llama.llama_model_get_vocab(model)

    def accepts(grammar: str) -> bool:
        sampler = llama.llama_sampler_init_grammar(vocabulary, grammar.encode(), b"root")
        if sampler:
            llama.llama_sampler_free(sampler)
        return bool(sampler)

    yield accepts
    llama.llama_model_free(model)


@pytest.mark.parametrize(("grammar", "words"), BAD, ids=lambda value: repr(value)[:30])
def test_a_bad_grammar_is_refused_with_its_place(grammar: str, words: str) -> None:
    with pytest.raises(OutputFormatError) as caught:
        check_grammar(grammar)
    assert words in caught.value.sentence
    assert "line" in caught.value.sentence or "longer" in caught.value.sentence


@pytest.mark.real_model
@pytest.mark.parametrize("grammar", GOOD, ids=lambda value: repr(value)[:30])
def test_a_good_grammar_is_taken_here_and_by_llama_cpp(grammar: str, accepted: Callable[[str], bool]) -> None:
    check_grammar(grammar)
    assert accepted(grammar)
