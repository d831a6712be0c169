"""Draws texts at random from a GBNF grammar, as a model without any sense would write them."""

import random
import re
from dataclasses import dataclass, field

_PART = re.compile(r'\s*(?:("(?:\\.|[^"\\])*")|(\[(?:\\.|[^\]\\])*\])|([a-zA-Z0-9-]+)|\{(\d+)(,?)(\d*)\}|([()|?*+.]))')
_ESCAPE = re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}
_ENDLESS = 4


@dataclass
class GrammarTexts:
    """`most` bounds how often a part is repeated where the grammar lets it."""

    grammar: str
    chance: random.Random
    most: int = 6
    _rules: dict[str, str] = field(default_factory=dict)

    def draw(self) -> str:
        """One text of the rule "root"."""
        self._rules = dict(re.split(r"\s*::=\s*", line, maxsplit=1) for line in self.grammar.splitlines() if line)
        return self._rule("root")

    def _rule(self, name: str) -> str:
        parts = [match for match in _PART.finditer(self._rules[name]) if match.group(0).strip()]
        assert "".join(m.group(0) for m in parts).split() == self._rules[name].split(), self._rules[name]
        text, at = self._alternatives(parts, 0)
        assert at == len(parts), self._rules[name]
        return text

    def _alternatives(self, parts: list[re.Match[str]], at: int) -> tuple[str, int]:
        found = []
        while True:
            start = at
            at = self._skip(parts, at)
            found.append((start, at))
            if at == len(parts) or parts[at].group(7) != "|":
                break
            at += 1
        start, end = self.chance.choice(found)
        return self._sequence(parts[start:end]), at

    @staticmethod
    def _skip(parts: list[re.Match[str]], at: int, ends: str = "|)") -> int:
        """Where the first of `ends` outside of parentheses stands."""
        depth = 0
        while at < len(parts):
            sign = parts[at].group(7)
            if depth == 0 and sign and sign in ends:
                return at
            depth += (sign == "(") - (sign == ")")
            at += 1
        return at

    def _sequence(self, parts: list[re.Match[str]]) -> str:
        written = ""
        at = 0
        while at < len(parts):
            end = self._skip(parts, at + 1, ")") + 1 if parts[at].group(7) == "(" else at + 1
            low, high = 1, 1
            after = end
            if end < len(parts) and (parts[end].group(4) or parts[end].group(7) in ("?", "*", "+")):
                low, high = _bounds(parts[end])
                after = end + 1
            for _ in range(self.chance.randint(low, min(high, max(low, self.most)))):
                written += self._alternatives(parts[at + 1 : end - 1], 0)[0] if end > at + 1 else self._one(parts[at])
            at = after
        return written

    def _one(self, part: re.Match[str]) -> str:
        literal, characters, name = part.group(1), part.group(2), part.group(3)
        if literal:
            return _ESCAPE.sub(_unescaped, literal[1:-1])
        if name:
            return self._rule(name)
        assert characters, part.group(0)
        return self._character(characters[1:-1])

    def _character(self, inside: str) -> str:
        negated = inside.startswith("^")
        codes = [
            (_code(low), _code(high or low))
            for low, high in re.findall(
                r"(\\U.{8}|\\x..|\\.|[^\\])(?:-(\\U.{8}|\\x..|\\.|[^\\]))?", inside.removeprefix("^"), re.DOTALL
            )
        ]
        if not negated:
            return chr(self.chance.randint(*self.chance.choice(codes)))
        taken = [code for low, high in codes for code in range(low, min(high, 0x7F) + 1)]
        return chr(self.chance.choice([c for c in (*range(0x20, 0x7F), 0xE9, 0x1F600) if c not in taken]))


def _bounds(part: re.Match[str]) -> tuple[int, int]:
    sign = part.group(7)
    if sign:
        return {"?": (0, 1), "*": (0, _ENDLESS), "+": (1, _ENDLESS)}[sign]
    low = int(part.group(4))
    return low, int(part.group(6)) if part.group(6) else (low + _ENDLESS if part.group(5) else low)


def _code(text: str) -> int:
    return ord(_ESCAPE.sub(_unescaped, text))


def _unescaped(match: re.Match[str]) -> str:
    digits = match.group(1) or match.group(2) or match.group(3)
    return chr(int(digits, 16)) if digits else _CONTROLS.get(match.group(4), match.group(4))
