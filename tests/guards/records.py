"""Fails a test in which something was logged at WARNING or above, unless the test says that it expects that."""

import logging
from collections.abc import Iterator

import pytest

_heard: list[logging.LogRecord] = []


def pytest_configure() -> None:
    """Listen where records are made: a logger that passes nothing on to the root is heard too."""
    make_record = logging.getLogRecordFactory()

    def listen(*args: object, **kwargs: object) -> logging.LogRecord:
        record = make_record(*args, **kwargs)
        if record.levelno >= logging.WARNING:
            _heard.append(record)
        return record

    logging.setLogRecordFactory(listen)


@pytest.fixture(autouse=True)
def no_unexpected_records(request: pytest.FixtureRequest) -> Iterator[None]:
    """Mark a test with `expects_log_records` where warnings are the point; it should then look at them itself."""
    _heard.clear()
    yield
    if _heard and request.node.get_closest_marker("expects_log_records") is None:
        lines = [f"{record.levelname} {record.name}: {record.getMessage()}" for record in _heard]
        pytest.fail("unexpected log records:\n" + "\n".join(lines), pytrace=False)
