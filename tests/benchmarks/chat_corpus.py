"""Answers such as a language model writes, the same at every run, for measuring what reads and shows them."""

import random
import re
from dataclasses import dataclass
from itertools import count

from app.core.conversation import Role

_TOKEN = re.compile(r" ?[A-Za-z]{1,6}| ?\d{1,3}|\n+| +|[^A-Za-z\d\s]{1,3}")
_WORDS = """
    harbour lantern ledger meadow orchard parcel quarry ribbon saddle timber valley window copper border market winter
    letter figure corner morning engine signal record margin pattern surface balance measure account question answer
    carry gather settle arrange follow compare because although whenever between under toward quiet narrow early plain
    bright common second distant several which where until still often rather almost
"""
_FORMULAS = (
    r"\frac{a + b}{2}",
    r"E = m c^2",
    r"x_{n+1} = x_n - \frac{f(x_n)}{f'(x_n)}",
    r"\sum_{k=0}^{n} \binom{n}{k} = 2^n",
    r"\int_0^1 x^2 \, dx = \frac{1}{3}",
)
_PROGRAM = '''def distances(places, start):
    """The length of the shortest way from `start` to every place."""
    known = {start: 0.0}
    waiting = [(0.0, start)]
    while waiting:
        length, place = heappop(waiting)
        for neighbour, step in places[place].items():  # every road out of here
            total = length + step
            if total < known.get(neighbour, inf):
                known[neighbour] = total
                heappush(waiting, (total, neighbour))
    return known

'''
_PROGRAMS = {
    "python": _PROGRAM,
    "rust": 'fn main() {\n    let total: u64 = (1..=10).map(|n| n * n).sum();\n    println!("{total}");\n}\n',
    "sql": "SELECT place, count(*) AS visits\nFROM journeys\nWHERE year = 2024\nGROUP BY place ORDER BY visits DESC;\n",
    "json": '{\n  "name": "lantern",\n  "sizes": [1, 2, 3],\n  "lit": true\n}\n',
}


def tokens(text: str) -> list[str]:
    """A text in pieces about as long as a model's tokens (3.9 characters in the mean); together they are the text."""
    return _TOKEN.findall(text)


def answer(token_count: int = 8000, seed: int = 7) -> str:
    """A mixed answer: headings, paragraphs, lists, tables, code, mathematics and quotes."""
    writer = _Writer(seed)
    parts = [writer.paragraph()]
    length = len(tokens(parts[0]))
    for number in count(1):
        if length >= token_count:
            break
        parts.append(writer.section(number))
        length += len(tokens(parts[-1])) + 1
    return _cut("\n\n".join(parts), token_count)


def one_code(lines: int = 10_000) -> str:
    """A single block of code that is not closed."""
    program = _PROGRAM.splitlines()
    return "```python\n" + "\n".join(program[number % len(program)] for number in range(lines))


def one_table(rows: int = 500) -> str:
    """A single table of four columns."""
    return _Writer(3).table(rows)


def one_list(items: int = 2000) -> str:
    """A single list, every fifth item with two of its own."""
    return _Writer(3).listing(items)


def one_paragraph(length: int = 36_000) -> str:
    """A single paragraph without a line break, of so many characters."""
    writer = _Writer(3)
    text = ""
    while len(text) < length:
        text += writer.sentence() + " "
    return text[:length].rstrip()


@dataclass(frozen=True, slots=True)
class Turn:
    """A message of a history."""

    role: Role
    text: str


def history(messages: int = 300, seed: int = 1) -> list[Turn]:
    """A conversation of so many messages; answers have about 250 tokens."""
    writer = _Writer(seed)
    turns = []
    for number in range(messages):
        if number % 2 == 0:
            turns.append(Turn(Role.USER, writer.paragraph(2)))
        else:
            turns.append(Turn(Role.ASSISTANT, f"{writer.paragraph(2)}\n\n{writer.block()}\n\n{writer.paragraph(2)}"))
    return turns


def _cut(text: str, token_count: int) -> str:
    return "".join(tokens(text)[:token_count])


class _Writer:
    """Writes Markdown out of a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._words = _WORDS.split()

    def section(self, number: int) -> str:
        """A heading and five blocks."""
        heading = f"## {number}. {self._word().title()} and {self._word()}"
        return "\n\n".join([heading, *(self.block() for _ in range(5))])

    def block(self) -> str:
        """A block of any kind, most often a paragraph."""
        kinds = ("paragraph", "listing", "code", "table", "formula", "quote")
        match self._random.choices(kinds, (42, 16, 15, 9, 9, 9))[0]:
            case "listing":
                return self.listing(self._random.randint(3, 7), is_ordered=self._random.random() < 0.4).rstrip()
            case "code":
                language = self._random.choice(sorted(_PROGRAMS))
                return f"```{language}\n{_PROGRAMS[language]}```"
            case "table":
                return self.table(self._random.randint(3, 8)).rstrip()
            case "formula":
                return f"$$\n{self._random.choice(_FORMULAS)}\n$$"
            case "quote":
                return "> " + self.paragraph(2)
        return self.paragraph()

    def paragraph(self, sentences: int = 0) -> str:
        """Some sentences."""
        return " ".join(self.sentence() for _ in range(sentences or self._random.randint(2, 5)))

    def sentence(self, length: int = 0) -> str:
        """Words, often with one that is emphasised, code, a link or a formula."""
        words = [self._word() for _ in range(length or self._random.randint(7, 18))]
        place = self._random.randrange(len(words))
        word = words[place]
        words[place] = self._random.choice(
            (
                word,
                f"**{word}**",
                f"*{word}*",
                f"`{word}_{self._word()}()`",
                f"[{word}](https://example.org/{word})",
                f"${self._random.choice(_FORMULAS)}$",
                f"{word} ({self._random.randint(2, 99)} %)",
            )
        )
        text = " ".join(words)
        return text[0].upper() + text[1:] + "."

    def listing(self, items: int, is_ordered: bool = False) -> str:
        """A list, every fifth item with two of its own."""
        lines = []
        for number in range(1, items + 1):
            lines.append(f"{number}. {self.sentence()}" if is_ordered else f"- {self.sentence()}")
            if number % 5 == 0:
                lines += [f"    - {self.sentence(5)}" for _ in range(2)]
        return "\n".join(lines) + "\n"

    def table(self, rows: int) -> str:
        """A table of four columns."""
        heading = " | ".join(self._word().title() for _ in range(4))
        lines = [f"| {heading} |", "| :--- | ---: | :---: | --- |"]
        lines += ["| " + " | ".join(self._cell() for _ in range(4)) + " |" for _ in range(rows)]
        return "\n".join(lines) + "\n"

    def _cell(self) -> str:
        figure = f"{self._random.uniform(0, 99):.2f}"
        return self._random.choice(
            (f"{self._word()} {self._word()}", figure, f"`{self._word()}`", f"**{self._word()}**")
        )

    def _word(self) -> str:
        return self._random.choice(self._words)
