"""What the window says of the network, in words."""

from datetime import datetime

from app.core.network import REASONS, Connection, NetworkMode, Rule
from app.core.quantities import data_size

CARD = {
    NetworkMode.UNTIL_ASKED: ("Offline", "nothing leaves this computer"),
    NetworkMode.ONLINE: ("Online", "but only when you press"),
    NetworkMode.OFFLINE: ("Offline", "nothing leaves this computer"),
}
BUSY = ("Online for downloads", "only the model hub is contacted")
"""What the card in the sidebar says: in bold, and after it."""

STATE = {
    NetworkMode.UNTIL_ASKED: "Offline until you press something that needs the network, such as Search or Download: "
    "that press goes online.",
    NetworkMode.ONLINE: "Online: Search, Download and the like may contact the model hub when you press them. Nothing "
    "is sent by itself.",
    NetworkMode.OFFLINE: "Offline, as you chose. Whatever needs the network is refused, whoever tries.",
}
HELD = "Offline for as long as Inglenook runs now: it was started so, with --offline."
TITLES = {
    NetworkMode.UNTIL_ASKED: "Offline",
    NetworkMode.ONLINE: "Online",
    NetworkMode.OFFLINE: "Offline",
}
_SWITCHES = {
    NetworkMode.UNTIL_ASKED: "Stay offline",
    NetworkMode.ONLINE: "Go offline",
    NetworkMode.OFFLINE: "Go online",
}
NOTHING = "No connection was made, and none was refused. Whatever reaches out, or tries to, is listed here."
NOTHING_LIKE_IT = "No connection is like that."


def switch_words(mode: NetworkMode) -> str:
    """The button that changes it."""
    return _SWITCHES[mode]


def time_words(at: float) -> str:
    """A time (seconds since 1970) as this computer's clock showed it."""
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def columns_of(one: Connection) -> tuple[str, ...]:
    """One entry of the log, by the columns of the table."""
    return (
        time_words(one.at),
        one.host,
        one.purpose.value or "–",
        one.press or "–",
        data_size(one.received_bytes) if one.allowed else "–",
        data_size(one.sent_bytes) if one.allowed else "–",
        REASONS[one.rule],
    )


def explained(one: Connection) -> str:
    """What is known of an entry beside its columns."""
    if one.allowed:
        return one.detail
    hint = {
        Rule.UNASKED: "A part of Inglenook or a library tried this. Nothing was sent.",
        Rule.PROGRAM: "A part of Inglenook or a library tried to start this program. It was not started.",
        Rule.CHILD: "A process of Inglenook that gets no network tried this. Nothing was sent.",
    }.get(one.rule, "Nothing was sent.")
    return f"{hint}\n{one.detail}".strip()
