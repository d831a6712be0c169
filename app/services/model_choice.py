"""Turns the parameters that a user chose for a model into JSON values and back; only what differs is kept."""

import logging
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from app.core.declared import declarations, read_declared
from app.core.errors import InvalidParameterError
from app.core.generation import SamplingParameters, TokenBias
from app.core.model import LoadParameters, LoraAdapter
from app.core.plain_json import plain

_log = logging.getLogger(__name__)


_ADVISED = ("context_length", "gpu_layers", "expert_layers_on_cpu", "kv_cache_type")


def advice_in(parameters: LoadParameters) -> dict[str, object]:
    """The values among the load parameters that a plan advises."""
    return {name: plain(getattr(parameters, name)) for name in _ADVISED}


def load_values(parameters: LoadParameters, advised: LoadParameters) -> dict[str, object]:
    """The load parameters that differ from the defaults, without the path and the chat template.

    Where anything differs from what is `advised`, all that can be advised is written down: advice changes with the
    computer's free memory, and what the user saw and chose does not.
    """
    values = _declared_values(parameters, LoadParameters(path=parameters.path))
    for name in _ADVISED:
        values.pop(name, None)
    if parameters.adapters:
        values["adapters"] = [[str(adapter.path), adapter.scale] for adapter in parameters.adapters]
    if parameters.draft_model is not None:
        values["draft_model"] = str(parameters.draft_model)
    if values or advice_in(parameters) != advice_in(advised):
        values |= advice_in(parameters)
    return values


def load_parameters(path: Path, values: Mapping[str, object], chat_template: str | None) -> LoadParameters:
    """The load parameters of stored values; what makes no sense becomes the default."""
    draft = values.get("draft_model")
    return read_declared(
        LoadParameters,
        values,
        path=path,
        adapters=_adapters(values.get("adapters")),
        draft_model=Path(draft) if isinstance(draft, str) else None,
        chat_template=chat_template,
    )


def sampling_values(parameters: SamplingParameters, recommended: SamplingParameters) -> dict[str, object]:
    """The sampling parameters that differ from the model's recommended ones."""
    values = _declared_values(parameters, recommended)
    if "logit_bias" in values:
        values["logit_bias"] = [[bias.token, bias.bias] for bias in parameters.logit_bias]
    return values


def sampling_parameters(values: Mapping[str, object], recommended: SamplingParameters) -> SamplingParameters:
    """The recommended parameters with stored values put in; what makes no sense is left out."""
    merged = {f.name: getattr(recommended, f.name) for f in fields(SamplingParameters)}
    merged.update(values)
    if "logit_bias" in values:
        merged["logit_bias"] = _biases(values["logit_bias"])
    return read_declared(SamplingParameters, merged)


def hinted(hints: tuple[tuple[str, int | float], ...]) -> SamplingParameters | None:
    """The sampling that a file's header recommends; None when it has no hint that makes sense."""
    defaults = SamplingParameters()
    values: dict[str, object] = {name: _as_kind(value, getattr(defaults, name)) for name, value in hints}
    found = read_declared(SamplingParameters, values)
    return found if any(getattr(found, name) == value for name, value in values.items()) else None


def _as_kind(value: float, default: object) -> object:
    """A number as its parameter has it: writers of headers are not strict about 1 and 1.0, or 1 and true."""
    if isinstance(default, bool):
        return bool(value)
    if isinstance(default, int) and float(value).is_integer():
        return int(value)
    return value


def _declared_values(parameters: Any, against: Any) -> dict[str, object]:
    values: dict[str, object] = {}
    for declaration in declarations(type(parameters)):
        value = getattr(parameters, declaration.name)
        if value != getattr(against, declaration.name):
            values[declaration.name] = plain(value)
    return values


def _adapters(stored: object) -> tuple[LoraAdapter, ...]:
    pairs = stored if isinstance(stored, list) else []
    return tuple(
        LoraAdapter(Path(pair[0]), float(pair[1]))
        for pair in pairs
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) and isinstance(pair[1], int | float)
    )


def _biases(stored: object) -> tuple[TokenBias, ...]:
    biases = []
    for pair in stored if isinstance(stored, list) else []:
        try:
            token, bias = pair
            biases.append(TokenBias(token, float(bias)))
        except (TypeError, ValueError, InvalidParameterError) as error:
            _log.warning("a stored logit bias makes no sense and is left out: %s", type(error).__name__)
    return tuple(biases)
