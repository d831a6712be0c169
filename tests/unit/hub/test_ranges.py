"""The start of a remote file is fetched in few pieces, each byte once, and never without end."""

import pytest

from app.core.errors import HubFaultError, HubOfflineError
from app.hub.ranges import MOST_BYTES, FileStart

DATA = bytes(range(251)) * 50_000


class Source:
    """Gives ranges of DATA, and remembers which."""

    def __init__(self, data: bytes = DATA) -> None:
        self.data = data
        self.asked: list[tuple[int, int]] = []

    def __call__(self, offset: int, length: int) -> bytes:
        self.asked.append((offset, length))
        return self.data[offset : offset + length]


def test_many_small_ranges_take_few_requests_and_no_byte_comes_twice() -> None:
    source = Source()
    start = FileStart(source, "model.gguf")
    for offset in range(0, 8_000_000, 1000):  # as long as the header of a model with 131,072 words
        assert start(offset, 1000) == DATA[offset : offset + 1000]
    assert len(source.asked) <= 5
    assert [offset for offset, _ in source.asked] == [sum(n for _, n in source.asked[:i]) for i in range(5)]
    assert start.fetched == DATA[: len(start.fetched)]


def test_the_first_request_is_small() -> None:
    source = Source()
    FileStart(source, "model.gguf")(0, 4)
    assert source.asked == [(0, 65536)]


def test_what_was_fetched_is_there_without_another_request() -> None:
    source = Source()
    start = FileStart(source, "model.gguf")
    start(0, 60_000)
    asked = list(source.asked)
    assert start(10, 20) == DATA[10:30]
    assert source.asked == asked


def test_a_jump_ahead_fetches_what_lies_between_because_it_may_be_asked_for() -> None:
    start = FileStart(Source(), "model.gguf")
    assert start(3_000_000, 7) == DATA[3_000_000:3_000_007]
    assert start.fetched[:10] == DATA[:10]


@pytest.mark.parametrize("size", [0, 1, 65535, 65536, 65537, 400_000])
def test_at_the_end_of_the_file_there_is_less_and_then_nothing(size: int) -> None:
    source = Source(DATA[:size])
    start = FileStart(source, "model.gguf")
    assert start(0, size + 10) == DATA[:size]
    asked = list(source.asked)
    assert start(size, 10) == b""
    assert start(size + 100, 10) == b""
    assert source.asked == asked, "the end is known by now"


def test_nothing_is_fetched_far_behind_any_header() -> None:
    source = Source()
    with pytest.raises(HubFaultError, match=r"model\.gguf asks for 67,108,865 bytes .* probably damaged"):
        FileStart(source, "model.gguf")(MOST_BYTES, 1)
    assert source.asked == []


def test_a_failed_request_can_be_made_again() -> None:
    source, failures = Source(), [HubOfflineError("Gone.")]

    def unsteady(offset: int, length: int) -> bytes:
        if failures:
            raise failures.pop()
        return source(offset, length)

    start = FileStart(unsteady, "model.gguf")
    with pytest.raises(HubOfflineError):
        start(0, 4)
    assert start(0, 4) == DATA[:4]
