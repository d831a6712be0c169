"""What a connection to another computer is: allowed or refused, for what, and by whose press."""

from dataclasses import dataclass
from enum import StrEnum


class NetworkMode(StrEnum):
    """Whether anything may leave this computer."""

    UNTIL_ASKED = "until_asked"  # offline, and the first press that needs the network goes online
    ONLINE = "online"
    OFFLINE = "offline"  # the user said so, and only the user goes online again


class Purpose(StrEnum):
    """What a connection is for, in words for the log."""

    SEARCH = "search"
    FILES = "list of files"
    HEADER = "header of a file"
    DOWNLOAD = "download"
    CARD = "model card"
    ACCOUNT = "account"
    UNKNOWN = ""  # of what nobody allowed


class Rule(StrEnum):
    """Why something was allowed or refused."""

    PRESSED = "pressed"  # the one that allows: a press asked for it
    NO_PRESS = "no_press"  # the hub was to be asked, and nobody had pressed anything
    OFFLINE = "offline"  # offline is on
    UNASKED = "unasked"  # nothing that was pressed needs this host
    PROGRAM = "program"  # another program was to be started
    CHILD = "child"  # a process of ours that gets no network at all


@dataclass(frozen=True, slots=True)
class Connection:
    """One entry of the connection log; `key` tells it from all others, `at` is in seconds since 1970.

    `host` has its port where that is known, and is a program's path where the rule is PROGRAM. `press` is what the user
    pressed or typed. The bytes are those of requests and answers, without what TLS and TCP add. `detail` is for those
    who look closer: what was tried, in which thread.
    """

    key: str
    at: float
    host: str
    purpose: Purpose
    press: str
    rule: Rule
    received_bytes: int = 0
    sent_bytes: int = 0
    detail: str = ""

    @property
    def allowed(self) -> bool:
        """Whether it was let through."""
        return self.rule is Rule.PRESSED


REASONS = {
    Rule.PRESSED: "Allowed",
    Rule.NO_PRESS: "Refused: nothing was pressed",
    Rule.OFFLINE: "Refused: offline",
    Rule.UNASKED: "Refused: not asked for",
    Rule.PROGRAM: "Refused: another program",
    Rule.CHILD: "Refused: a process without network",
}
"""The rules in words."""
