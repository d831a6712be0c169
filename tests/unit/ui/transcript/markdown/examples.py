"""The kept examples of Markdown, each with a name."""

from pathlib import Path

_FOLDER = Path(__file__).parents[4] / "data" / "markdown"
_BETWEEN = "\n%%%\n"


def examples() -> dict[str, str]:
    """All examples, by their file's name and their number in it from 1."""
    return {
        f"{path.stem}-{number}": text.removesuffix("\n")
        for path in sorted(_FOLDER.glob("*.txt"))
        for number, text in enumerate(path.read_text(encoding="utf-8").split(_BETWEEN), 1)
    }
