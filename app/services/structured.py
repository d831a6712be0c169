"""Answers of a given form: a schema looked at before it is used, an answer checked, and what a second try changes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from app.core.conversation import Message, MessageState
from app.core.errors import OutputFormatError
from app.core.generation import MAX_SEED, OutputFormat, OutputKind, SamplingParameters, StopReason

if TYPE_CHECKING:
    from jsonschema.exceptions import SchemaError, ValidationError

# jsonschema is imported where a schema is used, because the window would be on screen 50 ms later for it.

_TIGHTEST = 2
_RETRY_TEMPERATURE = 0.7  # the likeliest answer was no valid one: a second try must be another
_SHOWN = 200
_MISSED = {
    OutputKind.JSON: "is not the JSON object that was asked for",
    OutputKind.SCHEMA: "does not fit the schema",
    OutputKind.GRAMMAR: "is not a whole text of the grammar",
}
_CUT = {
    StopReason.MAX_TOKENS: "it reached the token limit before it was complete",
    StopReason.CONTEXT_FULL: "the context was full before it was complete",
    StopReason.STOP_STRING: "a stop string ended it before it was complete",
    StopReason.CANCELLED: "it was stopped before it was complete",
}


def require_valid_schema(output: OutputFormat) -> None:
    """Raise OutputFormatError, which names the place, for what is no schema; other forms are the engine's to check."""
    if output.kind is not OutputKind.SCHEMA:
        return
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import Draft202012Validator, validator_for

    schema = output.schema()
    try:
        kind = validator_for(schema, default=Draft202012Validator)
        kind.check_schema(schema)  # type: ignore[arg-type]  # the stub has forgotten true and false
    except SchemaError as error:
        raise OutputFormatError(
            f"The schema is not valid at {error.json_path}: {_words(error)}.", str(error)
        ) from error
    except RecursionError as error:
        raise OutputFormatError("The schema is nested too deeply.") from error


def answer_fault(output: OutputFormat, text: str, stop_reason: StopReason | None) -> str | None:
    """Why a finished answer does not have its form, as the end of a sentence; None when it has."""
    if output.kind is OutputKind.TEXT:
        return None
    if output.kind is OutputKind.GRAMMAR:
        return _CUT.get(stop_reason) if stop_reason else None
    try:
        value = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        return (_CUT.get(stop_reason) if stop_reason else None) or f"it is not JSON ({error})"
    if output.kind is OutputKind.JSON:
        return None if isinstance(value, dict) else "it is no object"
    return _schema_fault(output.schema(), value)


def fault_note(message: Message) -> str:
    """A sentence under a finished answer that does not have the form it was asked for; empty when it has."""
    if message.provenance is None or message.state is not MessageState.COMPLETE:
        return ""
    output = message.provenance.output
    fault = answer_fault(output, message.text, message.stop_reason)
    return f"This answer {_MISSED[output.kind]}: {fault}." if fault else ""


def tries(output: OutputFormat, sampling: SamplingParameters) -> Iterator[tuple[OutputFormat, SamplingParameters]]:
    """What to ask for, and again while the answer is not valid: tighter, with another seed and never greedily."""
    yield output, sampling
    if output.kind is OutputKind.TEXT:
        return
    for tightness in range(output.tightness + 1, _TIGHTEST + 1):
        seed = None if sampling.seed is None else (sampling.seed + tightness) % (MAX_SEED + 1)
        temperature = sampling.temperature or _RETRY_TEMPERATURE
        yield replace(output, tightness=tightness), replace(sampling, seed=seed, temperature=temperature)


def _schema_fault(schema: Any, value: Any) -> str | None:
    from jsonschema.exceptions import best_match
    from jsonschema.validators import Draft202012Validator, validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    kind = validator_for(schema, default=Draft202012Validator)
    # With a registry of our own, nothing is fetched for a reference that leads out of the schema.
    validator = kind(schema, registry=Registry(), format_checker=kind.FORMAT_CHECKER)
    try:
        error = best_match(validator.iter_errors(value))
    except Unresolvable as unresolvable:
        return f"its schema refers to what is not in it ({unresolvable})"
    return None if error is None else f"at {error.json_path}: {_words(error)}"


def _words(error: "SchemaError | ValidationError") -> str:
    """jsonschema's message, made short; a wrong type gets words of its own, as that message says nothing."""
    from jsonschema.exceptions import SchemaError

    if isinstance(error, SchemaError) and error.absolute_path and error.absolute_path[-1] == "type":
        return f"{error.instance!r} is no type of JSON"
    message = str(error.message).rstrip(".")
    return message if len(message) <= _SHOWN else message[: _SHOWN - 1] + "…"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")
