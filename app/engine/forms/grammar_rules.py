"""The rules of a grammar while it is made: what is the same is one rule."""

import re
from collections.abc import Callable

from app.engine.forms.schema_merging import UnsatisfiableError

SPACE = '" "?'  # after a colon or a comma; more room is where small models lose themselves
_RULE_NAMES = re.compile(r"\br[0-9]+\b")
_TEXTS = re.compile(r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]')


class GrammarRules:
    """Makes expressions of expressions, and rules of what is used again."""

    def __init__(self) -> None:
        self._rules: dict[str, str] = {}  # body to name

    def text(self, root: str) -> str:
        """The rules that `root` needs."""
        bodies = {name: body for body, name in self._rules.items()}
        needed: dict[str, str] = {}
        todo = [("root", root)]
        while todo:
            name, body = todo.pop()
            if name not in needed:
                needed[name] = body
                todo += [(word, bodies[word]) for word in _RULE_NAMES.findall(_TEXTS.sub("", body))]
        return "".join(f"{name} ::= {body}\n" for name, body in needed.items())

    @staticmethod
    def alternatives(make: Callable[[], str]) -> list[str]:
        """What `make` gives, or nothing where nothing satisfies it."""
        try:
            return [make()]
        except UnsatisfiableError:
            return []

    def choice(self, found: list[str]) -> str:
        """One of these. Raises UnsatisfiableError when there are none."""
        if not found:
            raise UnsatisfiableError
        distinct = list(dict.fromkeys(found))
        return distinct[0] if len(distinct) == 1 else self.named(" | ".join(distinct))

    def named(self, body: str) -> str:
        """The name of a rule with this body."""
        return body if _RULE_NAMES.fullmatch(body) else self._rules.setdefault(body, f"r{len(self._rules)}")

    def members(self, pairs: list[tuple[str, bool]]) -> str:
        """Pairs in their order, each with a comma before it but the first."""
        after = first = '""'
        for pair, needed in reversed(pairs):
            with_comma = f'"," {SPACE} {pair}' + ("" if after == '""' else f" {after}")
            begun = pair + ("" if after == '""' else f" {after}")
            first = self.named(begun if needed else f"{begun} | {first}")
            after = self.named(with_comma if needed else f"{with_comma} | {after}")
        return f'"{{" {first} "}}"' if pairs else '"{}"'

    def several(self, opening: str, item: str, closing: str, least: int, most: int) -> str:
        """Items between brackets, with commas."""
        name = self.named(item)
        more = f" ({comma()} {name}){{{max(0, least - 1)},{most - 1}}}" if most > 1 else ""
        inside = f"{name}{more}" if least else f"({name}{more})?"
        return f'"{opening}" {inside} "{closing}"'


def comma() -> str:
    """What stands between two items."""
    return f'"," {SPACE}'
