"""What speed reports of this computer say of its speed: how far from the prediction each measurement was."""

import math
from collections.abc import Sequence

from app.core.machine import Machine
from app.core.memory import PROCESSOR
from app.core.speed import SpeedReport
from app.fit.speed import Factors, Measurements, predicted_reading, predicted_writing

_WRITING = "tg128"
_READING = "pp512"

_Key = tuple[tuple[str, ...], int]


def measurements_of(machine: Machine, reports: Sequence[SpeedReport]) -> Measurements:
    """The factors of `reports`, the newest first: of each model its newest, of each device the mean of its models.

    Reports of before active bytes were noted, or of a model that was spread over processor and GPU, say nothing here.
    """
    writing: dict[_Key, float] = {}
    reading: dict[_Key, float] = {}
    for report in reports:
        devices = _devices(report, machine)
        if not devices or not report.model.active_bytes:
            continue
        key = (devices, report.model.active_bytes)
        rates = {result.test.name: result.rate.median for result in report.results}
        weights = float(report.model.active_weights)
        model = report.model
        written = predicted_writing(model.active_bytes, weights, model.layer_count, devices, machine)
        read = predicted_reading(float(report.model.reading_weights), devices, machine)
        if written and rates.get(_WRITING, 0.0) > 0:
            writing.setdefault(key, rates[_WRITING] / written)
        if read and rates.get(_READING, 0.0) > 0:
            reading.setdefault(key, rates[_READING] / read)
    return Measurements(_factors(writing), _factors(reading))


def _factors(models: dict[_Key, float]) -> Factors:
    logs: dict[tuple[str, ...], list[float]] = {}
    for (devices, _), factor in models.items():
        logs.setdefault(devices, []).append(math.log(factor))
    return Factors(models, {devices: math.exp(sum(values) / len(values)) for devices, values in logs.items()})


def _devices(report: SpeedReport, machine: Machine) -> tuple[str, ...]:
    """The devices that a report's model was on; empty when it was on some in part, or on others than are here."""
    layers = report.model.load.gpu_layers
    if layers == 0:
        return (PROCESSOR,)
    if layers is not None and layers < report.model.layer_count:
        return ()
    if report.model.load.main_device:
        return (report.model.load.main_device,)
    names = tuple(device.name for device in machine.gpus)
    return names if set(names) <= {device.name for device in report.machine.devices} else ()
