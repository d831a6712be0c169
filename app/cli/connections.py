"""`inglenook connections`: the offline switch and the log of what was allowed through the gate and what it refused."""

import json
from datetime import datetime

import click

from app.bootstrap import Options, assemble_models
from app.cli import exit_codes
from app.cli.library import printable
from app.cli.tables import table_lines
from app.core.network import REASONS, Connection, NetworkMode
from app.core.quantities import data_size
from app.services.connections import values

_HEAD = ("TIME", "HOST", "PURPOSE", "PRESSED", "RECEIVED", "SENT", "RESULT")
_RIGHT = (4, 5)
_STATES = {
    NetworkMode.UNTIL_ASKED: "Offline until the first press or command that needs the network.",
    NetworkMode.ONLINE: "Online: what is pressed or typed may use the network, and nothing else.",
    NetworkMode.OFFLINE: "Offline: whatever needs the network is refused. `inglenook connections --go-online` ends it.",
}


def print_connections(options: Options, as_json: bool, go: str | None, clear: bool) -> int:
    """Change what is to be changed, then print the log, the newest entry last. Raises StorageError."""
    with assemble_models(options) as models:
        network = models.network
        if go is not None:
            network.choose(NetworkMode(go))
            network.keep_mode()
        if clear:
            network.clear()
        found = network.newest()[::-1]
        mode = network.mode
    if as_json:
        click.echo(json.dumps({"mode": mode.value, "connections": [values(one) for one in found]}, ensure_ascii=False))
        return exit_codes.DONE
    click.echo(_STATES[mode])
    if not found:
        click.echo("No connection was made, and none was refused.")
        return exit_codes.DONE
    for line in table_lines(_HEAD, [_row(one) for one in found], _RIGHT):
        click.echo(printable(line))
    return exit_codes.DONE


def _row(one: Connection) -> tuple[str, ...]:
    return (
        datetime.fromtimestamp(one.at).astimezone().isoformat(sep=" ", timespec="seconds"),
        one.host,
        one.purpose.value or "–",
        one.press or "–",
        data_size(one.received_bytes) if one.allowed else "–",
        data_size(one.sent_bytes) if one.allowed else "–",
        REASONS[one.rule],
    )
