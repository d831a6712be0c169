"""Reasoning and answer come apart the same however the text is cut, and no marker is ever shown."""

import random

import pytest

from app.engine.templates.markers import find_markers, open_at_end, written_on
from app.engine.templates.reasoning import ReasoningMarkers, ReasoningSplitter

THINK = ReasoningMarkers(("<think>",), ("</think>",))
WRAPPED = ReasoningMarkers(("<think>",), ("</think>",), wrappers=(("<response>", "</response>"),))
HARMONY = ReasoningMarkers(("<|channel|>analysis<|message|>",), ("<|end|>",), harmony=True)

FINAL = "<|start|>assistant<|channel|>final<|message|>"
CASES = [
    (THINK, False, "<think>\nI weigh it.\n\nTwice.\n</think>\n\nYes: a < b.", "I weigh it.\n\nTwice.", "Yes: a < b."),
    (THINK, False, "\n <think>short</think>Yes", "short", "Yes"),
    (THINK, False, "<think>\n\n</think>\n\nYes", "", "Yes"),
    (THINK, False, "  Yes, <think> is a tag and </think> too.", "", "  Yes, <think> is a tag and </think> too."),
    (THINK, False, "<think>a</think>b<think>c</think>", "a", "b<think>c</think>"),
    (THINK, False, "<thinner> than </think>", "", "<thinner> than </think>"),
    (THINK, False, "</think>\n\nYes", "", "Yes"),
    (THINK, False, "<think>cut off in </thi", "cut off in </thi", ""),
    (THINK, False, "<thi", "", "<thi"),
    (THINK, False, " \n", "", " \n"),
    (THINK, True, "I weigh it.\n</think>\n\nYes </think> again.", "I weigh it.", "Yes </think> again."),
    (THINK, True, "<think>\nonce more</think>Yes", "once more", "Yes"),
    (THINK, True, "never finished \n ", "never finished", ""),
    (WRAPPED, False, "<think>a</think>\n<response> b </response c>\n</response>\n", "a", "b </response c>"),
    (WRAPPED, False, "<think>a</think>\n<resp> b", "a", "<resp> b"),
    (WRAPPED, False, "<think>a</think><response>b</response> is a tag", "a", "b</response> is a tag"),
    (HARMONY, False, f"<|channel|>analysis<|message|>I weigh it.<|end|>{FINAL}Yes.<|return|>", "I weigh it.", "Yes."),
    (HARMONY, False, f"<|channel|>final<|message|>A <b> and <|x|>.{FINAL}More", "", "A <b> and <|x|>.\n\nMore"),
    (
        HARMONY,
        False,
        "<|channel|>analysis<|message|>One.<|end|>\n<|start|>assistant to=functions.f<|channel|>commentary json "
        f'<|constrain|>json<|message|>{{"a": 1}}<|call|>{FINAL}Yes',
        'One.\n\n{"a": 1}',
        "Yes",
    ),
    (HARMONY, True, f" more.<|end|>{FINAL}Yes", " more.", "Yes"),
    (HARMONY, False, "Plain words", "", "Plain words"),
    (HARMONY, False, "<|channel|>final", "", ""),
    (None, False, "<think>a</think>b", "", "<think>a</think>b"),
]


def split(splitter: ReasoningSplitter, pieces: list[str]) -> tuple[str, str]:
    out = [piece for text in pieces for piece in splitter.feed(text)] + splitter.rest()
    assert all(piece.text for piece in out), "no empty pieces"
    return (
        "".join(piece.text for piece in out if piece.is_reasoning),
        "".join(piece.text for piece in out if not piece.is_reasoning),
    )


@pytest.mark.parametrize(("markers", "inside", "text", "reasoning", "answer"), CASES)
def test_every_cut_gives_the_same_reasoning_and_answer(
    markers: ReasoningMarkers | None, inside: bool, text: str, reasoning: str, answer: str
) -> None:
    assert split(ReasoningSplitter(markers, inside), [text]) == (reasoning, answer)
    assert split(ReasoningSplitter(markers, inside), list(text)) == (reasoning, answer)
    for seed in range(40):
        cut, pieces, at = random.Random(seed), [], 0
        while at < len(text):
            size = cut.choice((1, 1, 2, 3, 5, 8, 13))
            pieces.append(text[at : at + size])
            at += size
        assert split(ReasoningSplitter(markers, inside), pieces) == (reasoning, answer), pieces


def test_pieces_come_while_the_model_writes() -> None:
    splitter = ReasoningSplitter(THINK)
    assert [p.text for p in splitter.feed("<think>\nI weigh it")] == ["I weigh it"]
    assert splitter.is_inside
    assert [p.text for p in splitter.feed(" well </")] == [" well"], "what may be the closing waits"
    assert [(p.text, p.is_reasoning) for p in splitter.feed("think>Yes")] == [("Yes", False)]
    assert not splitter.is_inside


def test_harmony_tells_where_it_is() -> None:
    splitter = ReasoningSplitter(HARMONY)
    splitter.feed("<|channel|>analysis<|message|>Hm")
    assert splitter.is_inside
    splitter.feed("<|end|><|start|>assistant<|channel|>final<|message|>Yes")
    assert not splitter.is_inside


@pytest.mark.parametrize(("inside", "reasoning", "answer"), [(False, "", " <think>x"), (True, " <think>x", "")])
def test_in_the_middle_of_a_text_no_block_begins_and_spaces_count(inside: bool, reasoning: str, answer: str) -> None:
    assert split(ReasoningSplitter(THINK, inside, mid_text=True), [" <think>", "x"]) == (reasoning, answer)


@pytest.mark.parametrize(
    ("source", "opening", "texts"),
    [
        ("{{ '<think>\n' }}", "<think>", ("<think>", "</think>")),
        ("content.split('</think>')[-1]", "<think>", ("<think>", "</think>")),
        ("[THINK]...[/THINK]", "[THINK]", ("[THINK]", "[/THINK]")),
        ("'<seed:think>'", "<seed:think>", ("<seed:think>", "</seed:think>")),
        ("text.split('<channel|>')", "<|channel>thought", ("<|channel>", "<channel|>")),
        ("<|START_THINKING|> <|START_RESPONSE|> <|END_RESPONSE|>", "<|START_THINKING|>", None),
        ("'<reasoning>'", "<reasoning>", ("<reasoning>", "</reasoning>")),
        ("<|begin_of_thought|>", "<|begin_of_thought|>", ("<|begin_of_thought|>", "<|end_of_thought|>")),
        ("Here are my reasoning steps:", "Here are my reasoning steps:", ("[BEGIN FINAL RESPONSE]",)),
    ],
)
def test_the_markers_are_those_of_the_template(source: str, opening: str, texts: tuple[str, ...] | None) -> None:
    markers = find_markers(source)
    assert markers is not None
    assert markers.openings == (opening,)
    assert not markers.harmony
    expected = ("<|START_THINKING|>", "<|END_THINKING|>", "<|START_RESPONSE|>", "<|END_RESPONSE|>")
    assert markers.texts == (expected if texts is None else texts)


def test_a_template_with_channels_is_harmony_and_one_without_marks_has_none() -> None:
    markers = find_markers("<|start|>assistant<|channel|>final<|message|>")
    assert markers is not None
    assert markers.harmony
    assert {"<|start|>", "<|channel|>", "<|message|>", "<|end|>"} <= set(markers.texts)
    assert find_markers("<|im_start|>user") is None


@pytest.mark.parametrize(
    ("source", "reasoning", "text"),
    [
        ("<think>", "I weigh it.", "Yes"),
        ("[THINK]", "I weigh it.", "Yes"),
        ("<channel|>", "I weigh it.", "Yes"),
        ("<|channel|><|message|>", "I weigh it.", "Yes"),
        ("<|channel|><|message|>", "", "Yes"),
        ("<|channel|><|message|>", "I weigh it.", ""),
        ("<think>", "I weigh it.", ""),
        ("<think>", "", "Yes"),
    ],
)
def test_what_is_written_down_again_reads_back_the_same(source: str, reasoning: str, text: str) -> None:
    markers = find_markers(source)
    written = written_on(markers, "", False, reasoning, text)
    assert split(ReasoningSplitter(markers), [written]) == (reasoning, text)
    assert open_at_end(markers, written) == (bool(reasoning) and not text)
