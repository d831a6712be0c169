"""A regular expression of a JSON schema as GBNF: every text of the grammar matches, written as inside a JSON string."""

from collections.abc import Callable

_Ranges = list[tuple[int, int]]

_LAST = 0x10FFFF
_SURROGATES = (0xD800, 0xDFFF)
_ESCAPED = {0x22: r"\"", 0x5C: "\\\\", 0x08: r"\b", 0x0A: r"\n", 0x0C: r"\f", 0x0D: r"\r", 0x09: r"\t"}
_DIGIT: _Ranges = [(0x30, 0x39)]
_WORD: _Ranges = [(0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)]
_BLANK: _Ranges = [(0x20, 0x20)]
_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _BLANK}
_BREAKS: _Ranges = [(0x00, 0x1F)]
_CONTROLS = {"t": 0x09, "n": 0x0A, "r": 0x0D, "f": 0x0C}
_NESTED = 20


class PatternUnsupportedError(ValueError):
    """The expression uses what a grammar cannot say: looking around, references back, word borders, flags."""


class PatternGrammar:
    """Turns an expression into GBNF; `name_rule` makes a rule of a body, `longest` bounds endless repetition."""

    def __init__(self, pattern: str, name_rule: Callable[[str], str], longest: int) -> None:
        self._pattern = pattern
        self._name_rule = name_rule
        self._longest = longest
        self._at = 0
        self._depth = 0

    def body(self) -> str:
        """What stands between the quotes. A missing anchor counts as one: what is found whole is found anywhere.

        Raises PatternUnsupportedError.
        """
        body = self._alternatives()
        if self._at < len(self._pattern):
            raise PatternUnsupportedError(f"at {self._at}")
        return body

    def _alternatives(self) -> str:
        found = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            found.append(self._sequence())
        return found[0] if len(found) == 1 else "(" + " | ".join(found) + ")"

    def _sequence(self) -> str:
        parts: list[str] = []
        if self._depth == 0 and self._peek() == "^":
            self._at += 1
        while (character := self._peek()) and character not in "|)":
            if self._depth == 0 and character == "$" and self._pattern[self._at + 1 : self._at + 2] in ("", "|"):
                self._at += 1
                break
            parts.append(self._repeated(self._part()))
        return " ".join(parts) or '""'

    def _part(self) -> str:
        character = self._next()
        if character == "(":
            return self._group()
        if character == "[":
            return _one_of(self._class())
        if character == ".":
            return _one_of(_complement(_BREAKS))
        if character == "\\":
            return _one_of(self._escape())
        if character in "^$*+?{":
            raise PatternUnsupportedError(f"{character} at {self._at}")
        return _one_of([(ord(character), ord(character))])

    def _group(self) -> str:
        if self._peek() == "?":
            if not self._pattern.startswith("?:", self._at):
                raise PatternUnsupportedError(f"group at {self._at}")
            self._at += 2
        self._depth += 1
        if self._depth > _NESTED:
            raise PatternUnsupportedError("nested too deeply")
        body = self._alternatives()
        self._depth -= 1
        if self._next() != ")":
            raise PatternUnsupportedError("an open group")
        return f"({body})"

    def _repeated(self, part: str) -> str:
        character = self._peek()
        if not character or character not in "*+?{":
            return part
        low, high = self._bounds()
        if self._peek() and self._peek() in "?+*":
            if self._peek() != "?":
                raise PatternUnsupportedError(f"{self._peek()} at {self._at}")
            self._at += 1  # to be lazy changes what is found, not whether
        high = max(low, self._longest) if high is None else high
        if high < low or high > 1900 or high == 0:
            raise PatternUnsupportedError("a repetition out of bounds")
        return f"{self._name_rule(part)}{{{low},{high}}}"

    def _bounds(self) -> tuple[int, int | None]:
        character = self._next()
        if character != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[character]
        end = self._pattern.find("}", self._at)
        low, comma, high = self._pattern[self._at : end].partition(",")
        if end < 0 or not low.isdecimal() or (high and not high.isdecimal()):
            raise PatternUnsupportedError(f"{{ at {self._at}")
        self._at = end + 1
        return int(low), (int(high) if high else None) if comma else int(low)

    def _class(self) -> _Ranges:
        negated = self._peek() == "^"
        self._at += negated
        found: _Ranges = []
        first = True
        while first or self._peek() != "]":
            first = False
            low = self._class_part()
            if self._peek() == "-" and self._pattern[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                high = self._class_part()
                if len(low) != 1 or len(high) != 1 or low[0][0] != low[0][1] or high[0][0] < low[0][0]:
                    raise PatternUnsupportedError("a range of classes")
                low = [(low[0][0], high[0][1])]
            found += low
        self._at += 1
        return _complement([*found, *_BREAKS]) if negated else found

    def _class_part(self) -> _Ranges:
        character = self._next()
        return self._escape() if character == "\\" else [(ord(character), ord(character))]

    def _escape(self) -> _Ranges:
        character = self._next()
        if character.lower() in _CLASSES:
            ranges = _CLASSES[character.lower()]
            return ranges if character.islower() else _complement([*ranges, *_BREAKS])
        if character in _CONTROLS:
            return [(_CONTROLS[character], _CONTROLS[character])]
        if character in "ux":
            digits = self._pattern[self._at : self._at + (4 if character == "u" else 2)]
            self._at += len(digits)
            try:
                code = int(digits, 16)
            except ValueError as error:
                raise PatternUnsupportedError(f"\\{character}{digits}") from error
            return [(code, code)]
        if character.isalnum():
            raise PatternUnsupportedError(f"\\{character}")
        return [(ord(character), ord(character))]

    def _peek(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _next(self) -> str:
        character = self._peek()
        if not character:
            raise PatternUnsupportedError("an unfinished expression")
        self._at += 1
        return character


def _complement(ranges: _Ranges) -> _Ranges:
    found: _Ranges = []
    start = 0
    for low, high in sorted([*ranges, _SURROGATES]):
        if low > start:
            found.append((start, low - 1))
        start = max(start, high + 1)
    return [*found, (start, _LAST)] if start <= _LAST else found


def _one_of(ranges: _Ranges) -> str:
    """One character of the ranges as JSON writes it: some need a backslash, other control characters are left out."""
    escaped = [code for code in _ESCAPED if any(low <= code <= high for low, high in ranges)]
    plain = _without_escaped(ranges)
    found = ["[" + "".join(_range(low, high) for low, high in plain) + "]"] if plain else []
    found += ['"' + _ESCAPED[code].replace("\\", "\\\\").replace('"', '\\"') + '"' for code in escaped]
    if not found:
        raise PatternUnsupportedError("a class without characters")
    return found[0] if len(found) == 1 else "(" + " | ".join(found) + ")"


def _without_escaped(ranges: _Ranges) -> _Ranges:
    taken = [(0x00, 0x1F), (0x22, 0x22), (0x5C, 0x5C), _SURROGATES]
    found: _Ranges = []
    for low, high in ranges:
        start = low
        for first, last in taken:
            if last < start or first > high:
                continue
            if first > start:
                found.append((start, first - 1))
            start = last + 1
        if start <= high:
            found.append((start, high))
    return found


def _range(low: int, high: int) -> str:
    return _code(low) if low == high else f"{_code(low)}-{_code(high)}"


def _code(code: int) -> str:
    return chr(code) if code < 0x7F and chr(code).isalnum() else f"\\U{code:08X}"
