"""Reads a GBNF grammar before llama.cpp does, and refuses what it would refuse without a place, hang on, or die of."""

from collections.abc import Callable

from app.engine.forms.gbnf_syntax import GrammarParser, Item, Rule, grammar_fault

# Found by trial with llama.cpp 0.5.0: hidden left recursion, {5,2} and many ways to the same first character run
# without end, 200,000 open parentheses overflow the stack (GrammarParser's limit).
_WAYS = 2_000_000


def check_grammar(text: str) -> None:
    """Raise OutputFormatError, which names the line, unless llama.cpp can safely use the grammar."""
    _Meaning(text, GrammarParser(text).rules()).check()


class _Meaning:
    """What the rules say together."""

    def __init__(self, text: str, rules: dict[str, Rule]) -> None:
        self._text = text
        self._rules = rules
        self._empty = self._fixpoint(lambda item, known: item.minimum == 0 or item.target in known)
        self._ending = self._fixpoint(
            lambda item, known: item.minimum == 0 or item.target is None or item.target in known
        )

    def check(self) -> None:
        """Raise OutputFormatError for a rule that never ends or begins with itself, or for too many ways to begin."""
        for name, rule in self._rules.items():
            if name not in self._ending:
                raise grammar_fault(self._text, rule.at, "what begins here can never come to an end")
            if any(
                i.endless and i.target and [] in self._rules[i.target].alternatives
                for s in rule.alternatives
                for i in s
            ):
                raise grammar_fault(self._text, rule.at, "something that may be empty is repeated here without an end")
        ways: dict[str, int] = {}
        for name in self._rules:
            self._count_ways(name, ways)

    def _count_ways(self, start: str, ways: dict[str, int]) -> None:
        """How many steps llama.cpp takes to the first characters of each rule; without recursion, for long chains."""
        open_rules: dict[str, None] = {}
        todo = [start]
        while todo:
            name = todo[-1]
            begins = self._begins(name)
            fresh = [target for target, _ in begins if target not in ways]
            if name in ways:
                todo.pop()
            elif not fresh:
                ways[name] = sum(copies * (1 + ways[target]) for target, copies in begins)
                if ways[name] > _WAYS:
                    raise grammar_fault(
                        self._text, self._rules[name].at, "there are too many ways to begin what is meant here"
                    )
                open_rules.pop(name, None)
                todo.pop()
            else:
                open_rules[name] = None
                for target in fresh:
                    if target in open_rules:
                        raise grammar_fault(self._text, self._rules[target].at, "what begins here begins with itself")
                todo.extend(fresh)

    def _begins(self, name: str) -> list[tuple[str, int]]:
        """What a rule may begin with, and how often it is looked at for that."""
        found = []
        for sequence in self._rules[name].alternatives:
            for item in sequence:
                if item.target is not None:
                    empty = item.target in self._empty
                    found.append((item.target, item.copies if empty else 1))
                if item.minimum > 0 and (item.target is None or item.target not in self._empty):
                    break
        return found

    def _fixpoint(self, holds: Callable[[Item, set[str]], bool]) -> set[str]:
        """The rules with an alternative of which `holds` is true for every item, given those already found."""
        users: dict[str, list[str]] = {}
        for name, rule in self._rules.items():
            for target in {item.target for sequence in rule.alternatives for item in sequence if item.target}:
                users.setdefault(target, []).append(name)
        known: set[str] = set()
        todo = list(self._rules)
        while todo:
            name = todo.pop()
            if name not in known and any(all(holds(i, known) for i in s) for s in self._rules[name].alternatives):
                known.add(name)
                todo.extend(users.get(name, ()))
        return known
