"""A speed report as text: JSON for programs and for the store, Markdown for people."""

import json
import logging
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import Any

from app.core.declared import declarations
from app.core.errors import InvalidParameterError
from app.core.machine import Device, DeviceKind
from app.core.model import LoadParameters, LoraAdapter
from app.core.speed import SpeedEngine, SpeedMachine, SpeedModel, SpeedReport, SpeedResult, SpeedTest, Spread
from app.core.speed_wording import (
    engine_words,
    machine_words,
    model_words,
    range_words,
    rate_words,
    runs_words,
    scaled_words,
    seconds_words,
    size_words,
)

_log = logging.getLogger(__name__)


def as_json(report: SpeedReport) -> str:
    """One JSON object with the keys machine, model, engine and results."""
    machine, model = report.machine, report.model
    document = {
        "machine": asdict(machine),
        "model": {
            "name": model.name,
            "file": model.file_name,
            "size_bytes": model.size_bytes,
            "sha256": model.sha256,
            "quantization": model.quantization,
            "parameters": model.parameter_count,
            "device": model.device,
            "load_parameters": _load_values(model.load),
            "layers": model.layer_count,
            "active_bytes": model.active_bytes,
            "active_weights": model.active_weights,
            "reading_weights": model.reading_weights,
        },
        "engine": asdict(report.engine),
        "results": [_result_values(result) for result in report.results],
    }
    return json.dumps(document, ensure_ascii=False)


def report_from(text: str) -> SpeedReport | None:
    """The report that as_json wrote; None when it cannot be understood, which the log tells."""
    try:
        document = json.loads(text)
        machine, model = document["machine"], document["model"]
        return SpeedReport(
            machine=SpeedMachine(**{**machine, "devices": tuple(_device(d) for d in machine["devices"])}),
            model=SpeedModel(
                name=model["name"],
                file_name=model["file"],
                size_bytes=model["size_bytes"],
                sha256=model["sha256"],
                quantization=model["quantization"],
                parameter_count=model["parameters"],
                device=model["device"],
                load=_load(model["file"], model["load_parameters"]),
                layer_count=int(model.get("layers", 0)),  # reports of before have none of these
                active_bytes=int(model.get("active_bytes", 0)),
                active_weights=int(model.get("active_weights", 0)),
                reading_weights=int(model.get("reading_weights", 0)),
            ),
            engine=SpeedEngine(**document["engine"]),
            results=tuple(_result(values) for values in document["results"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, InvalidParameterError) as error:
        _log.info("a stored speed report is not understood: %s", type(error).__name__)
        return None


def as_markdown(report: SpeedReport) -> str:
    """A table of the results under a line for the model, followed by the machine and the engine."""
    lines = [
        f"**{report.model.name}** on {report.machine.processor}",
        "",
        "| Test | Tokens | Tokens/s, median | Range | First token | Total | Runs |",
        "|---|---|--:|--:|--:|--:|--:|",
        *(_markdown_row(result) for result in report.results),
        "",
        f"- Model: {model_words(report.model)}",
        f"- Machine: {machine_words(report.machine)}",
        f"- Engine: {engine_words(report.engine)}",
    ]
    if report.model.sha256:
        lines.append(f"- SHA-256 of {report.model.file_name}: `{report.model.sha256}`")
    return "\n".join(lines) + "\n"


def _markdown_row(result: SpeedResult) -> str:
    test = result.test
    scaled = scaled_words(test)
    cells = [
        test.title if test.is_task else f"{test.title} (`{test.name}`)",
        f"{size_words(test)} ({scaled})" if scaled else size_words(test),
        rate_words(result.rate.median),
        range_words(result.rate, result.runs),
        seconds_words(result.first_token_seconds),
        seconds_words(result.total_seconds),
        runs_words(result).split(" ", maxsplit=1)[0],
    ]
    return f"| {' | '.join(cells)} |"


def _result_values(result: SpeedResult) -> dict[str, Any]:
    test, rate, first = result.test, result.rate, result.first_token_seconds
    full = test.scaled_from
    return {
        "test": test.name,
        "tokens_per_second": {
            "min": round(rate.minimum, 3),
            "median": round(rate.median, 3),
            "max": round(rate.maximum, 3),
        },
        "time_to_first_token_ms": None if first is None else round(first * 1000, 3),
        "total_ms": round(result.total_seconds * 1000, 3),
        "title": test.title,
        "prompt_tokens": test.prompt_tokens,
        "completion_tokens": test.completion_tokens,
        "depth": test.depth,
        "scaled_from": full and dict(zip(_SIZES, full, strict=True)),
        "runs": result.runs,
    }


_SIZES = ("prompt_tokens", "completion_tokens", "depth")


def _result(values: dict[str, Any]) -> SpeedResult:
    rate, first, full = values["tokens_per_second"], values["time_to_first_token_ms"], values["scaled_from"]
    test = SpeedTest(
        name=values["test"],
        title=values["title"],
        prompt_tokens=values["prompt_tokens"],
        completion_tokens=values["completion_tokens"],
        depth=values["depth"],
        is_task=first is not None,
        scaled_from=full and (full["prompt_tokens"], full["completion_tokens"], full["depth"]),
    )
    return SpeedResult(
        test=test,
        runs=values["runs"],
        rate=Spread(float(rate["min"]), float(rate["median"]), float(rate["max"])),
        first_token_seconds=None if first is None else first / 1000,
        total_seconds=values["total_ms"] / 1000,
    )


def _device(values: dict[str, Any]) -> Device:
    return Device(**{**values, "kind": DeviceKind(values["kind"])})


def _load_values(load: LoadParameters) -> dict[str, Any]:
    """What speed may depend on; the chat template does not belong here, and the file is named beside it."""
    return {
        **{d.name: getattr(load, d.name) for d in declarations(LoadParameters)},
        "adapters": [{"file": adapter.path.name, "scale": adapter.scale} for adapter in load.adapters],
        "draft_model": load.draft_model.name if load.draft_model else None,
    }


def _load(file_name: str, values: dict[str, Any]) -> LoadParameters:
    known: dict[str, Any] = {}
    for declaration in declarations(LoadParameters):
        value, default = values.get(declaration.name, declaration.default), declaration.default
        if isinstance(default, Enum | tuple):
            value = type(default)(value)
        known[declaration.name] = value
    adapters = tuple(LoraAdapter(Path(a["file"]), a["scale"]) for a in values["adapters"])
    draft = Path(values["draft_model"]) if values["draft_model"] else None
    return LoadParameters(Path(file_name), adapters=adapters, draft_model=draft, **known)
