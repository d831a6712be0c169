"""Where characters as people see them, and words, begin and end in a text; without Qt."""

from enum import Enum, auto
from unicodedata import category

_ZERO_WIDTH_JOINER = "\u200d"
_LONGEST_CLUSTER = 64  # a letter under thousands of accents is cut here
_LONGEST_WORD = 20_000  # to each side of the place: what takes milliseconds


def next_boundary(text: str, place: int) -> int:
    """The end of the character at `place` as people see it: a flag, or a letter with its accents, is one."""
    end = min(place + 1, len(text))
    last = min(len(text), place + _LONGEST_CLUSTER)
    while end < last and _joins(text, place, end):
        end += 1
    return end


def previous_boundary(text: str, place: int) -> int:
    """The start of the character before `place` as people see it."""
    earliest = max(0, place - _LONGEST_CLUSTER)
    start = max(0, place - 1)
    while start > earliest and not _surely_begins(text[start]):
        start -= 1
    while (end := next_boundary(text, start)) < place:
        start = end
    return start


def word_at(text: str, place: int) -> tuple[int, int]:
    """Start and end of the word at or just before `place`; else of the spaces or of the single character there."""
    if place < len(text) and _kind(text[place]) in _IN_WORDS:
        return _run(text, place)
    if place > 0 and (place == len(text) or _kind(text[place - 1]) in _IN_WORDS):
        return _run(text, place - 1)
    return _run(text, place) if text else (0, 0)


def next_word(text: str, place: int) -> int:
    """Where the next word or mark after `place` begins; the text's end when there is none."""
    if place >= len(text):
        return len(text)
    end = _run(text, place)[1]
    return _run(text, end)[1] if end < len(text) and text[end].isspace() else end


def previous_word(text: str, place: int) -> int:
    """Where the word or mark before `place` begins; the text's start when there is none."""
    if place <= 0:
        return 0
    start = _run(text, place - 1)[0]
    return _run(text, start - 1)[0] if start > 0 and text[start].isspace() else start


class _Kind(Enum):
    SPACE = auto()
    LETTER = auto()
    IDEOGRAPH = auto()
    OTHER = auto()


_IN_WORDS = (_Kind.LETTER, _Kind.IDEOGRAPH)


def _kind(character: str) -> _Kind:
    if character.isspace():
        return _Kind.SPACE
    if "\u3040" <= character <= "\u309f" or "\u3400" <= character <= "\u9fff" or character >= "\U00020000":
        return _Kind.IDEOGRAPH if character.isalpha() else _Kind.OTHER
    if character.isalnum() or character in "_\u200c\u200d" or category(character).startswith("M"):
        return _Kind.LETTER
    return _Kind.OTHER


def _run(text: str, place: int) -> tuple[int, int]:
    kind = _kind(text[place])
    if kind in (_Kind.IDEOGRAPH, _Kind.OTHER):
        start = previous_boundary(text, place + 1)
        return start, next_boundary(text, start)
    start, end = place, place + 1
    while start > max(0, place - _LONGEST_WORD) and _goes_on(text, start - 1, kind):
        start -= 1
    while end < min(len(text), place + _LONGEST_WORD) and _goes_on(text, end, kind):
        end += 1
    return start, end


def _goes_on(text: str, place: int, kind: _Kind) -> bool:
    """Whether the character at `place` belongs to a run of `kind` beside it: an apostrophe or a decimal point does."""
    if _kind(text[place]) is kind:
        return True
    if kind is _Kind.SPACE or not 0 < place < len(text) - 1:
        return False
    before, after = text[place - 1], text[place + 1]
    if text[place] in "'’":
        return before.isalpha() and after.isalpha()
    return text[place] in ".," and before.isdigit() and after.isdigit()


def _surely_begins(character: str) -> bool:
    return character.isascii() and character != "\n"


def _joins(text: str, start: int, place: int) -> bool:
    """Whether the character at `place` belongs to the one that began at `start`."""
    character, before = text[place], text[place - 1]
    if before == "\r" and character == "\n":
        return True
    if before in "\r\n" or character in "\r\n":
        return False
    if before == _ZERO_WIDTH_JOINER:
        return not character.isascii()
    if _is_flag_letter(character):
        return place - start == 1 and _is_flag_letter(before)
    return _extends(character) or _is_same_syllable(before, character)


def _extends(character: str) -> bool:
    return (
        character == _ZERO_WIDTH_JOINER
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # colours of skin
        or "\U000e0020" <= character <= "\U000e007f"  # tags: the flags of Scotland and Wales
        or category(character).startswith("M")
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _is_same_syllable(before: str, character: str) -> bool:
    """Whether two of Hangul's parts make one syllable (Unicode Standard Annex 29, rules GB6 to GB8)."""
    if "\u1100" <= before <= "\u115f":
        return "\u1100" <= character <= "\u11a7" or "\uac00" <= character <= "\ud7a3"
    if "\u1160" <= before <= "\u11a7" or ("\uac00" <= before <= "\ud7a3" and (ord(before) - 0xAC00) % 28 == 0):
        return "\u1160" <= character <= "\u11ff"
    return ("\u11a8" <= before <= "\u11ff" or "\uac00" <= before <= "\ud7a3") and "\u11a8" <= character <= "\u11ff"
