"""Conversations of all kinds of blocks, for tests to scroll, select and search."""

from app.core.conversation import Message, Role
from tests.ui.messages import answer, message

PARTS = """Here is a first paragraph with a few words in it, some of them **bold**, some *leaning*, some `code` \
and a [link](https://example.org/page), so that it breaks into several lines at the width of the column.

## A heading number {n}

- first item
- second item
  1. inner one
  2. inner two

> A quoted sentence.
>
> Another one.

```python
def answer_{n}():
    return "a line that is wider than the column " + "by far, " * 3 + "so that it must be moved sideways to be read"
```

| Left | Right |
|:-----|------:|
| apple | {n} |
| pear | 22 |

The last words of answer {n}."""


def mixed_answer(number: int) -> Message:
    """An answer with a block of most kinds."""
    return answer(PARTS.format(n=number), number)


def mixed_conversation(count: int) -> list[Message]:
    """`count` messages: short questions, and answers of all kinds of blocks."""
    return [
        mixed_answer(number) if number % 2 == 0 else message(number, Role.USER, f"Question {number}, please?")
        for number in range(1, count + 1)
    ]
