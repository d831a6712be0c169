"""Lets a file stand where a command does, as file managers give it: `inglenook FILE.gguf`."""

from pathlib import Path

import click

_OPEN = "open"


class GroupOrFile(click.Group):
    """A group whose command `open` is meant when the first word is no command but a file."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` begin with, and its own arguments."""
        opening = self.get_command(ctx, _OPEN)
        if self.get_command(ctx, args[0]) is None and opening is not None and _is_file(args[0]):
            return _OPEN, opening, args
        return super().resolve_command(ctx, args)


def _is_file(word: str) -> bool:
    # One that ends so but is not there is still no misspelt command: `open` says what is wrong.
    return word.lower().endswith(".gguf") or Path(word).is_file()
