"""How a reply is to be made: what the composer and the settings say at the moment of sending."""

from dataclasses import dataclass

from app.core.generation import OutputFormat
from app.core.settings import OverflowPolicy


@dataclass(frozen=True, slots=True)
class ReplyOptions:
    """`thinking` None: the model has no switch for it."""

    output: OutputFormat = OutputFormat()
    thinking: bool | None = None
    overflow: OverflowPolicy = OverflowPolicy.TRIM
