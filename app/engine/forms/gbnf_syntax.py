"""The syntax of GBNF as llama.cpp reads it, every fault with its place."""

from dataclasses import dataclass, field

from app.core.errors import OutputFormatError

_CHARACTERS = 500_000
_DEPTH = 100
_REPETITIONS = 2000  # llama.cpp's own limit, kept to so that the place can be named

_DIGITS = "0123456789"
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")
_HEX = frozenset("0123456789abcdefABCDEF")
_HEX_LENGTHS = {"x": 2, "u": 4, "U": 8}
_PLAIN_ESCAPES = frozenset('trn\\"[]-')


@dataclass(slots=True)
class Item:
    """A part of a sequence: a reference to a rule (or a group), or characters when `target` is None."""

    target: str | None
    minimum: int = 1
    copies: int = 1
    endless: bool = False


@dataclass(slots=True)
class Rule:
    """Where a rule (or a group) begins, and its alternatives."""

    at: int
    alternatives: list[list[Item]] = field(default_factory=list)


def grammar_fault(text: str, at: int, reason: str) -> OutputFormatError:
    """The error for a grammar that is wrong at a character."""
    line = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    return OutputFormatError(f"The grammar is not valid at line {line}, column {column}: {reason}.")


class GrammarParser:
    """The syntax of GBNF, as llama.cpp reads it."""

    def __init__(self, text: str) -> None:
        if len(text) > _CHARACTERS:
            raise OutputFormatError(f"The grammar is longer than {_CHARACTERS:,} characters.")
        self._text = text
        self._at = 0
        self._rules: dict[str, Rule] = {}
        self._references: dict[str, int] = {}
        self._symbols = 0  # as llama.cpp counts them, for its limit

    def rules(self) -> dict[str, Rule]:
        """Every rule, groups among them under names that no rule can have."""
        for character in ("\0", *map(chr, range(0xD800, 0xE000))):
            if character in self._text:
                raise self._fault("this character cannot be used", self._text.index(character))
        self._space(lines=True)
        while self._at < len(self._text):
            self._rule()
        if "root" not in self._rules:
            raise self._fault('there is no rule named "root", with which an answer begins', 0)
        for name, at in self._references.items():
            if name not in self._rules:
                raise self._fault(f'there is no rule named "{name}"', at)
        return self._rules

    def _rule(self) -> None:
        at = self._at
        name = self._name()
        self._space(lines=False)
        if not self._text.startswith("::=", self._at):
            raise self._fault('"::=" is expected after the name of a rule')
        self._at += 3
        self._space(lines=True)
        self._symbol(name, at)
        self._rules[name] = Rule(at, self._alternatives(0))
        if self._at < len(self._text) and self._peek() not in "\r\n":
            raise self._fault(f'"{self._peek()}" is not expected here')
        self._space(lines=True)

    def _alternatives(self, depth: int) -> list[list[Item]]:
        found = [self._sequence(depth)]
        while self._peek() == "|":
            self._at += 1
            self._space(lines=True)
            found.append(self._sequence(depth))
        return found

    def _sequence(self, depth: int) -> list[Item]:
        items: list[Item] = []
        repeatable = False
        weight = 1
        while True:
            symbols = self._symbols
            item = self._item(depth)
            if item is not None:
                weight = max(1, self._symbols - symbols) if self._text[self._at - 1] == ")" else 1
                repeatable = bool(item)
                items.extend(item)
            elif self._peek() and self._peek() in "*+?{":
                if not repeatable:
                    raise self._fault("there is nothing before this to repeat")
                weight *= self._repeat(items[-1], weight)
            else:
                return items
            self._space(lines=depth > 0)

    def _item(self, depth: int) -> list[Item] | None:
        """The next part, an empty list for an empty text, or None where none begins."""
        character = self._peek()
        if character == '"':
            return [Item(None)] if self._delimited('"') else []
        if character == "[":
            return [Item(None)] if self._delimited("]") else []
        if character == ".":
            self._at += 1
            return [Item(None)]
        if character and character in "<!":
            self._token()
            return [Item(None)]
        if character in _WORD:
            at = self._at
            name = self._name()
            self._references.setdefault(name, at)
            self._symbol(name, at)
            return [Item(name)]
        return [self._group(depth)] if character == "(" else None

    def _group(self, depth: int) -> Item:
        at = self._at
        if depth >= _DEPTH:
            raise self._fault(f"parentheses are nested more than {_DEPTH} deep")
        self._at += 1
        self._space(lines=True)
        self._symbols += 1
        rule = Rule(at, self._alternatives(depth + 1))
        if self._peek() != ")":
            raise self._fault("a parenthesis is not closed", at)
        self._at += 1
        self._rules[f"({at}"] = rule
        return Item(f"({at}")

    def _repeat(self, item: Item, weight: int) -> int:
        """Read a repetition onto `item`; how many copies of it llama.cpp makes."""
        at = self._at
        minimum, maximum = self._bounds()
        if maximum is not None and maximum < minimum:
            raise self._fault(f"it cannot be repeated at least {minimum} and at most {maximum} times", at)
        copies = max(1, maximum or minimum)
        if minimum > _REPETITIONS or weight * copies >= _REPETITIONS:
            raise self._fault(f"that many repetitions are too many (with all inside them, below {_REPETITIONS:,})", at)
        self._symbols += 1 if maximum is None else maximum - minimum
        item.minimum = min(item.minimum, minimum)
        item.copies *= copies
        item.endless = item.endless or maximum is None
        return copies

    def _bounds(self) -> tuple[int, int | None]:
        character = self._peek()
        self._at += 1
        if character != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[character]
        minimum = self._number()
        maximum: int | None = minimum
        if self._peek() == ",":
            self._at += 1
            self._space(lines=False)
            maximum = self._number() if self._peek() in _DIGITS and self._peek() else None
        if self._peek() != "}":
            raise self._fault('"}" is expected')
        self._at += 1
        return minimum, None if maximum is not None and maximum > _REPETITIONS else maximum

    def _number(self) -> int:
        self._space(lines=False)
        at = self._at
        while self._peek() and self._peek() in _DIGITS:
            self._at += 1
        if at == self._at or self._at - at > 9:
            raise self._fault("a number of repetitions is expected", at)
        value = int(self._text[at : self._at])
        self._space(lines=False)
        return value

    def _token(self) -> None:
        at = self._at
        self._at += self._peek() == "!"
        end = self._text.find(">", self._at)
        if self._peek() != "<" or end < 0:
            raise self._fault("a token is written as <text> or <[number]>", at)
        inside = self._text[self._at + 1 : end]
        if inside.startswith("[") and not (inside[1:-1].isdecimal() and inside.endswith("]") and len(inside) < 11):
            raise self._fault("a token is written as <text> or <[number]>", at)
        self._at = end + 1

    def _delimited(self, closing: str) -> bool:
        """Read a text or a class of characters; whether there is anything in it."""
        start = self._at
        self._at += 1
        if closing == "]" and self._peek() == "^":
            self._at += 1
        inside = self._at
        while self._peek() != closing:
            if not self._peek():
                raise self._fault(f"{self._text[start]} is not closed", start)
            self._character()
        self._at += 1
        return self._at - 1 > inside

    def _character(self) -> None:
        if self._peek() != "\\":
            self._at += 1
            return
        kind = self._text[self._at + 1 : self._at + 2]
        digits = self._text[self._at + 2 : self._at + 2 + _HEX_LENGTHS.get(kind, 0)]
        known = kind in _PLAIN_ESCAPES or (kind in _HEX_LENGTHS and len(digits) == _HEX_LENGTHS[kind])
        if not kind or not known or not set(digits) <= _HEX:
            raise self._fault(f"\\{kind} is no escape sequence")
        self._at += 2 + len(digits)

    def _name(self) -> str:
        at = self._at
        while self._peek() in _WORD:
            self._at += 1
        if at == self._at:
            raise self._fault("the name of a rule is expected (letters, digits and hyphens)")
        return self._text[at : self._at]

    def _symbol(self, name: str, at: int) -> None:
        known = name in self._rules or self._references.get(name, at) != at
        self._symbols += not known

    def _space(self, *, lines: bool) -> None:
        while (character := self._peek()) and character in (" \t#\r\n" if lines else " \t#"):
            self._at += 1
            while character == "#" and self._peek() and self._peek() not in "\r\n":
                self._at += 1

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _fault(self, reason: str, at: int | None = None) -> OutputFormatError:
        return grammar_fault(self._text, self._at if at is None else at, reason)
