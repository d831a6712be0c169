"""What a model's makers say of it: the text of its card."""

import re

CARD = "README.md"
MOST_CARD_BYTES = 1_000_000
# https://huggingface.co/docs/hub/model-cards: YAML between two lines of three dashes
_FRONT_MATTER = re.compile(r"\A\ufeff?\s*---[ \t]*\r?\n(?:.*?\r?\n)??---[ \t]*(?:\r?\n|\Z)", re.DOTALL)


def without_front_matter(text: str) -> str:
    """The Markdown behind the facts for machines; all of it when they have no end."""
    return _FRONT_MATTER.sub("", text, count=1).strip()
