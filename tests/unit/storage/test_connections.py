"""The connection log as it is kept: replaced by key, bounded, and read back as it was."""

from dataclasses import replace

from app.core.network import Connection, Purpose, Rule
from app.storage.connections import ConnectionStore
from app.storage.database import Database

PASSED = Connection("a", 1_700_000_000.25, "huggingface.co:443", Purpose.SEARCH, "Search pressed", Rule.PRESSED, 5, 6)
REFUSED = Connection("b", 1_700_000_001.0, "example.com", Purpose.UNKNOWN, "", Rule.UNASKED, detail="in a thread")


def test_what_is_kept_is_read_back_the_newest_first(machine: Database) -> None:
    store = ConnectionStore(machine)
    store.keep([PASSED, REFUSED])
    assert store.newest() == [REFUSED, PASSED]
    assert store.newest(1) == [REFUSED]
    store.clear()
    assert store.newest() == []


def test_an_entry_is_replaced_as_it_goes_on(machine: Database) -> None:
    store = ConnectionStore(machine)
    store.keep([PASSED])
    store.keep([REFUSED, replace(PASSED, received_bytes=900)])
    assert [one.received_bytes for one in store.newest()] == [0, 900]


def test_refusals_without_end_do_not_push_out_what_passed(machine: Database) -> None:
    store = ConnectionStore(machine, most=3)
    store.keep([PASSED])
    store.keep([replace(REFUSED, key=f"r{number}", at=REFUSED.at + number) for number in range(10)])
    assert [one.key for one in store.newest()] == ["r9", "r8", "r7", "a"]


def test_a_name_that_is_no_unicode_or_without_end_can_be_kept(machine: Database) -> None:
    store = ConnectionStore(machine)
    store.keep([replace(REFUSED, host="\udcff" + "x" * 10_000)])
    [found] = store.newest()
    assert len(found.host) == 500


def test_a_rule_of_a_newer_version_is_read_as_a_refusal(machine: Database) -> None:
    store = ConnectionStore(machine)
    store.keep([REFUSED])
    with machine.transaction() as connection:
        connection.execute("UPDATE connections SET rule = 'other', purpose = 'other'")
    assert store.newest() == [REFUSED]
