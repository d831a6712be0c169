"""The gate by itself, told of attempts as Python's hook tells it of them: deny by default, in every thread."""

import threading
from collections.abc import Generator

import pytest

from app.core.errors import NetworkForbiddenError, OfflineChosenError
from app.core.network import NetworkMode, Purpose, Rule
from app.network.gate import MOST_PENDING, Gate
from app.network.passage import Passage
from app.network.press import carried, current_press, pressed
from app.network.programs import refusing_quietly, starting

HUB = "huggingface.co"
SOCKET = object()


@pytest.fixture
def gate() -> Gate:
    return Gate()


def look_up(gate: Gate, host: str, port: int = 443) -> None:
    gate.judge("socket.getaddrinfo", (host, port, 0, 0, 0))


def connect(gate: Gate, host: str, port: int = 443) -> None:
    gate.judge("socket.connect", (SOCKET, (host, port)))


def opened(gate: Gate, *hosts: str) -> Passage:
    with pressed("Search pressed"):
        passage = gate.open(Purpose.SEARCH, HUB)
    for host in hosts:
        passage.admit(host, 443)
    return passage


def refused(gate: Gate) -> list[tuple[str, Rule]]:
    return [(one.host, one.rule) for one in gate.take() if not one.allowed]


def test_nothing_passes_by_default(gate: Gate) -> None:
    for event, arguments in (
        ("socket.getaddrinfo", ("example.com", 80, 0, 0, 0)),
        ("socket.connect", (SOCKET, ("127.0.0.1", 80))),
        ("socket.sendto", (SOCKET, ("192.0.2.1", 53))),
        ("socket.bind", (SOCKET, ("0.0.0.0", 80))),
        ("subprocess.Popen", ("curl", ["curl"], None, None)),
    ):
        with pytest.raises(NetworkForbiddenError, match="nothing that was pressed needs it") as caught:
            gate.judge(event, arguments)
        assert isinstance(caught.value, OSError), "libraries know what to do with that"
    assert refused(gate) == [
        ("example.com:80", Rule.UNASKED),
        ("127.0.0.1:80", Rule.UNASKED),
        ("192.0.2.1:53", Rule.UNASKED),
        ("0.0.0.0:80", Rule.UNASKED),
        ("curl", Rule.PROGRAM),
    ]


def test_a_press_lets_its_host_through_and_no_other(gate: Gate) -> None:
    passage = opened(gate, HUB)
    with gate.passing(passage):
        look_up(gate, "HuggingFace.co")
        connect(gate, "192.0.2.7")
        for host, port in (("telemetry.example.com", 443), (HUB, 8080)):
            with pytest.raises(NetworkForbiddenError):
                look_up(gate, host, port)
        with pytest.raises(NetworkForbiddenError):
            connect(gate, "192.0.2.7", 22)
        with pytest.raises(NetworkForbiddenError):
            gate.judge("socket.bind", (SOCKET, ("", 443)))
    with pytest.raises(NetworkForbiddenError):
        look_up(gate, HUB)


def test_an_address_is_not_reached_before_a_name_was_looked_up(gate: Gate) -> None:
    with gate.passing(opened(gate, HUB)), pytest.raises(NetworkForbiddenError):
        connect(gate, "192.0.2.7")


def test_a_mirror_on_loopback_is_one_host_of_many(gate: Gate) -> None:
    passage = opened(gate)
    passage.admit("127.0.0.1", 8000)
    with gate.passing(passage):
        look_up(gate, "127.0.0.1", 8000)
        connect(gate, "127.0.0.1", 8000)
        with pytest.raises(NetworkForbiddenError):
            connect(gate, "127.0.0.1", 8001)


def test_a_redirect_is_followed_only_once_its_host_is_admitted(gate: Gate) -> None:
    passage = opened(gate, HUB)
    with gate.passing(passage):
        with pytest.raises(NetworkForbiddenError):
            look_up(gate, "cdn.example.com")
        passage.admit("cdn.example.com", 443)
        look_up(gate, "cdn.example.com")
        connect(gate, "192.0.2.9")


def test_another_thread_is_not_let_through(gate: Gate) -> None:
    seen: list[BaseException] = []

    def reach() -> None:
        try:
            look_up(gate, HUB)
        except NetworkForbiddenError as error:
            seen.append(error)

    with gate.passing(opened(gate, HUB)):
        thread = threading.Thread(target=reach, name="planted")
        thread.start()
        thread.join()
    assert len(seen) == 1
    assert [one.detail for one in gate.take() if not one.allowed] == ["socket.getaddrinfo in the thread planted"]


def test_a_passage_that_has_ended_or_is_of_another_gate_opens_nothing(gate: Gate) -> None:
    passage = opened(gate, HUB)
    with gate.passing(passage):
        passage.end()
        with pytest.raises(NetworkForbiddenError):
            look_up(gate, HUB)
    with gate.passing(opened(Gate(wants_press=False), HUB)), pytest.raises(NetworkForbiddenError):
        look_up(gate, HUB)


def test_without_a_press_nothing_is_opened(gate: Gate) -> None:
    with pytest.raises(OfflineChosenError, match="nobody pressed"):
        gate.open(Purpose.SEARCH, HUB)
    assert refused(gate) == [(HUB, Rule.NO_PRESS)]
    assert gate.mode is NetworkMode.UNTIL_ASKED


def test_the_first_press_goes_online(gate: Gate) -> None:
    opened(gate, HUB)
    assert gate.mode is NetworkMode.ONLINE


def test_once_the_user_is_offline_a_press_is_refused_with_the_way_back(gate: Gate) -> None:
    gate.set_mode(NetworkMode.OFFLINE)
    with pytest.raises(OfflineChosenError, match=r"Offline is on.*go online"):
        opened(gate)
    [entry] = gate.take()
    assert (entry.press, entry.purpose, entry.rule) == ("Search pressed", Purpose.SEARCH, Rule.OFFLINE)


def test_going_offline_breaks_off_what_is_open_and_lets_nothing_of_it_through(gate: Gate) -> None:
    broken: list[str] = []
    passage = opened(gate)
    passage.admit(HUB, 443, lambda: broken.append(HUB))
    with gate.passing(passage):
        look_up(gate, HUB)
        gate.set_mode(NetworkMode.OFFLINE)
        assert broken == [HUB]
        assert passage.is_broken
        for attempt in (look_up, connect):
            with pytest.raises(NetworkForbiddenError):
                attempt(gate, HUB)
    assert {rule for _, rule in refused(gate)} == {Rule.OFFLINE}


def test_a_run_that_is_held_offline_stays_so(gate: Gate) -> None:
    gate.hold_offline()
    gate.set_mode(NetworkMode.ONLINE)
    with pytest.raises(OfflineChosenError):
        opened(gate)


def test_a_child_gets_no_network_whatever_is_pressed(gate: Gate) -> None:
    told: list[str] = []
    gate.hold_offline(is_child=True)
    gate.on_refused_child = lambda refused: told.append(refused.host)
    with pytest.raises(OfflineChosenError):
        opened(gate)
    with pytest.raises(NetworkForbiddenError):
        connect(gate, "127.0.0.1", 1)
    assert told == ["127.0.0.1:1"]
    assert [rule for _, rule in refused(gate)] == [Rule.CHILD, Rule.CHILD]


def test_a_program_starts_where_our_own_code_says_so(gate: Gate) -> None:
    def start(program: str) -> None:
        gate.judge("subprocess.Popen", (program, [program], None, None))

    with starting("/usr/bin/python3"):
        start("/usr/bin/python3")
        with pytest.raises(NetworkForbiddenError):
            start("/usr/bin/curl")
    with pytest.raises(NetworkForbiddenError):
        start("/usr/bin/python3")
    with starting(""), pytest.raises(NetworkForbiddenError):
        start("")


def test_what_a_library_is_known_to_try_is_refused_without_an_entry(gate: Gate) -> None:
    with refusing_quietly():
        with pytest.raises(NetworkForbiddenError):
            gate.judge("subprocess.Popen", ("/usr/bin/gcc", ["gcc"], None, None))
        with pytest.raises(NetworkForbiddenError):
            connect(gate, "192.0.2.1")
    assert refused(gate) == [("192.0.2.1:443", Rule.UNASKED)]


def test_only_a_pair_of_sockets_may_speak_with_itself(gate: Gate) -> None:
    with gate.pairing():
        gate.judge("socket.bind", (SOCKET, ("127.0.0.1", 0)))
        connect(gate, "127.0.0.1", 40000)
        with pytest.raises(NetworkForbiddenError):
            connect(gate, "192.0.2.1")
    with pytest.raises(NetworkForbiddenError):
        connect(gate, "127.0.0.1", 40000)


def test_what_passed_is_noted_with_its_bytes_and_replaced_as_it_goes_on(gate: Gate) -> None:
    passage = opened(gate, HUB)
    passage.count(sent=120)
    passage.admit("cdn.example.com", 443)
    passage.count(received=5000, sent=80)
    first = gate.take()
    passage.count(received=1000)
    passage.end()
    passage.end()
    last = gate.take()
    assert [one.key for one in first] == [one.key for one in last]
    assert [(one.host, one.sent_bytes, one.received_bytes) for one in last] == [
        ("huggingface.co:443", 120, 0),
        ("cdn.example.com:443", 80, 6000),
    ]
    assert all(one.allowed and one.press == "Search pressed" for one in last)
    assert gate.take() == []


def test_a_proxy_counts_as_a_host_and_is_named(gate: Gate) -> None:
    passage = opened(gate, HUB)
    passage.admit_way("proxy.example.com", 3128)
    with gate.passing(passage):
        look_up(gate, "proxy.example.com", 3128)
        connect(gate, "192.0.2.3", 3128)
    assert [one.detail for one in gate.take()] == ["through the proxy proxy.example.com:3128"]


def test_what_a_library_tries_without_end_does_not_fill_the_memory(gate: Gate) -> None:
    for _ in range(MOST_PENDING + 10):
        with pytest.raises(NetworkForbiddenError):
            connect(gate, "192.0.2.1")
    assert len(gate.take()) == MOST_PENDING


def test_the_outermost_press_stands() -> None:
    with pressed("inglenook plan"), pressed("Look up pressed"):
        assert current_press() == "inglenook plan"
    assert current_press() == ""


def test_a_generator_is_carried_through_every_step_and_leaves_nothing_behind() -> None:
    seen: list[str] = []
    ended: list[bool] = []

    def steps() -> Generator[int, None, None]:
        try:
            for number in range(3):
                seen.append(current_press())
                yield number
        finally:
            ended.append(True)

    carried_steps = carried("Download pressed", steps())
    assert next(carried_steps) == 0
    assert current_press() == ""
    assert list(carried_steps) == [1, 2]
    assert seen == ["Download pressed"] * 3
    assert ended == [True]
