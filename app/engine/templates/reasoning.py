"""How a model's reasoning is told from its answer while both stream, and neither shows the marks between them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

# A part of a marker that models have as one token, for example "<think>", "[THINK]", "<|channel>" or "◁think▷".
_TOKEN_LIKE = re.compile(r"<[^<>]+>|\[[^\[\]]+\]|◁[^◁▷]+▷")

HARMONY_TOKENS = ("<|start|>", "<|channel|>", "<|message|>", "<|constrain|>", "<|end|>", "<|return|>", "<|call|>")


@dataclass(frozen=True, slots=True)
class ReasoningMarkers:
    """What stands before and after the reasoning; a closing ends what any of the openings began.

    `harmony`: channels instead, as gpt-oss writes them. `wrappers` are pairs around the answer and not part of it.
    """

    openings: tuple[str, ...]
    closings: tuple[str, ...]
    harmony: bool = False
    wrappers: tuple[tuple[str, str], ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Tokens that must become text, control tokens too, so that the splitter sees them."""
        if self.harmony:
            return HARMONY_TOKENS
        markers = (*self.openings, *self.closings, *(mark for pair in self.wrappers for mark in pair))
        return tuple(dict.fromkeys(token for marker in markers for token in _TOKEN_LIKE.findall(marker)))


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of what the model wrote, which is reasoning or answer."""

    text: str
    is_reasoning: bool


class ReasoningSplitter:
    """Fed with text as it streams, gives out pieces without markers.

    A block counts as reasoning at the start of the answer only. `opens_inside`: the prompt ends in the reasoning.
    `mid_text`: it ends in the middle of reasoning or answer, so no block begins and spaces at the start count.
    """

    def __init__(self, markers: ReasoningMarkers | None, opens_inside: bool = False, mid_text: bool = False) -> None:
        self._way: _Plain | _Block | _Harmony
        if markers is None:
            self._way = _Plain()
        elif markers.harmony:
            self._way = _Harmony(opens_inside)
        else:
            self._way = _Block(markers, opens_inside, mid_text)

    @property
    def is_inside(self) -> bool:
        """Whether the model is reasoning now."""
        return self._way.is_inside

    def feed(self, text: str) -> list[Piece]:
        """What is certain with this text; what may be a marker's beginning is held back."""
        return _merged(self._way.feed(text))

    def rest(self) -> list[Piece]:
        """What was held back at the end."""
        return _merged(self._way.rest())


class _Plain:
    is_inside = False

    def feed(self, text: str) -> list[Piece]:
        return [Piece(text, False)]

    def rest(self) -> list[Piece]:
        return []


class _Block:
    """One block before the answer. The steps: before it, entering, inside, after it, the answer."""

    def __init__(self, markers: ReasoningMarkers, opens_inside: bool, mid_text: bool) -> None:
        self._markers = markers
        self._wrappers = dict(markers.wrappers)
        self._closing = ""  # of the wrapper that the answer is in
        self._held = ""
        if mid_text:
            self._step = self._inside if opens_inside else self._answer
        else:
            self._step = self._entering if opens_inside else self._before

    @property
    def is_inside(self) -> bool:
        return self._step in (self._entering, self._inside)

    def feed(self, text: str) -> list[Piece]:
        self._held += text
        out: list[Piece] = []
        while True:
            before = self._step, len(self._held)
            out += self._step()
            if (self._step, len(self._held)) == before:
                return out

    def rest(self) -> list[Piece]:
        held, self._held = self._held, ""
        if self.is_inside:
            return [Piece((held.lstrip() if self._step == self._entering else held).rstrip(), True)]
        if self._closing and held.strip() == self._closing:
            return []
        return [Piece(held.lstrip() if self._step == self._after else held, False)]

    def _before(self) -> list[Piece]:
        begun = self._held.lstrip()
        if opening := _leading(begun, self._markers.openings):
            self._held = begun[len(opening) :]
            self._step = self._entering
        elif closing := _leading(begun, self._markers.closings):  # of a block that the model left out
            self._held = begun[len(closing) :]
            self._step = self._after
        elif not _may_become(begun, (*self._markers.openings, *self._markers.closings)):
            self._step = self._answer
        return []

    def _entering(self) -> list[Piece]:
        begun = self._held.lstrip()
        if opening := _leading(begun, self._markers.openings):  # the prompt opened it, and the model does so again
            self._held = begun[len(opening) :]
        elif not _may_become(begun, self._markers.openings):
            self._held = begun
            self._step = self._inside
        return []

    def _inside(self) -> list[Piece]:
        text = self._held
        at, marker = _first(text, self._markers.closings)
        if marker:
            self._held = text[at + len(marker) :]
            self._step = self._after
            return [Piece(text[:at].rstrip(), True)]
        sure = text[: len(text) - _overlap(text, self._markers.closings)].rstrip()
        self._held = text[len(sure) :]
        return [Piece(sure, True)]

    def _after(self) -> list[Piece]:
        begun = self._held.lstrip()
        if wrapper := _leading(begun, tuple(self._wrappers)):
            self._held = begun[len(wrapper) :]
            self._closing = self._wrappers[wrapper]
        elif not _may_become(begun, tuple(self._wrappers)):
            self._held = begun
            self._step = self._answer
        return []

    def _answer(self) -> list[Piece]:
        text = sure = self._held
        if self._closing:
            ended = text.rstrip()
            held = len(text) - len(ended) + len(self._closing)
            if not ended.endswith(self._closing):
                held = _overlap(text, (self._closing,))
            sure = text[: len(text) - held].rstrip()
        self._held = text[len(sure) :]
        return [Piece(sure, False)]


class _Harmony:
    """Messages in channels: a header names the channel, "final" is the answer, any other is reasoning."""

    def __init__(self, opens_inside: bool) -> None:
        self.is_inside = opens_inside
        self._held = ""
        self._header: str | None = None  # what stands after <|channel|>; None in a message's body
        self._names_channel = False
        self._begun = True  # spaces at the start of a message are left out
        self._spoken = {True: False, False: False}

    def feed(self, text: str) -> list[Piece]:
        self._held += text
        out = []
        while True:
            at, marker = _first(self._held, HARMONY_TOKENS)
            if not marker:
                break
            out += self._text(self._held[:at])
            self._held = self._held[at + len(marker) :]
            self._mark(marker)
        sure = len(self._held) - _overlap(self._held, HARMONY_TOKENS)
        out += self._text(self._held[:sure])
        self._held = self._held[sure:]
        return out

    def rest(self) -> list[Piece]:
        held, self._held = self._held, ""
        return self._text(held)

    def _mark(self, marker: str) -> None:
        if marker == "<|message|>":
            channel = (self._header or "").split()
            self.is_inside = bool(channel) and channel[0] != "final"
            self._header, self._begun = None, False
        elif marker == "<|constrain|>":
            self._names_channel = False
        elif marker in ("<|start|>", "<|channel|>"):
            self._header, self._names_channel = "", marker == "<|channel|>"
        else:
            self._header, self._begun, self.is_inside = None, False, False

    def _text(self, text: str) -> list[Piece]:
        if self._header is not None:
            self._header += text if self._names_channel else ""
            return []
        if not self._begun:
            text = text.lstrip()
            if text and self._spoken[self.is_inside]:
                text = "\n\n" + text
        if not text:
            return []
        self._begun = self._spoken[self.is_inside] = True
        return [Piece(text, self.is_inside)]


def _merged(pieces: Sequence[Piece]) -> list[Piece]:
    out: list[Piece] = []
    for piece in pieces:
        if out and out[-1].is_reasoning == piece.is_reasoning:
            out[-1] = Piece(out[-1].text + piece.text, piece.is_reasoning)
        elif piece.text:
            out.append(piece)
    return out


def _first(text: str, markers: Sequence[str]) -> tuple[int, str]:
    """Where the first marker stands, and which; (0, "") when there is none."""
    found = [(at, marker) for marker in markers if (at := text.find(marker)) >= 0]
    return min(found, default=(0, ""))


def _leading(text: str, markers: Sequence[str]) -> str:
    return next((marker for marker in markers if text.startswith(marker)), "")


def _may_become(text: str, markers: Sequence[str]) -> bool:
    """Whether more text may make this begin with a marker."""
    return any(marker.startswith(text) for marker in markers) or not text


def _overlap(text: str, markers: Sequence[str]) -> int:
    """The length of the longest ending of `text` that begins one of the markers and is shorter than it."""
    longest = 0
    for marker in markers:
        at = text.find(marker[0], max(len(text) - len(marker) + 1, 0))
        while at >= 0 and not marker.startswith(text[at:]):
            at = text.find(marker[0], at + 1)
        longest = max(longest, len(text) - at if at >= 0 else 0)
    return longest
