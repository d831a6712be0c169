"""A machine as JSON: what is written is read again, and what is wrong is named."""

import json
from typing import Any

import pytest

from app.core.errors import InvalidParameterError
from app.core.machine import Device, DeviceKind, Machine, MemoryUse
from app.core.machine_json import machine_from, machine_values

MACHINE = Machine(
    system="Windows",
    processor="A processor",
    cores=8,
    ram_bytes=32 * 10**9,
    ram_free_bytes=20 * 10**9,
    devices=(
        Device("CPU", "A processor", "CPU", DeviceKind.CPU, 32 * 10**9, 20 * 10**9, bandwidth=51_200_000_000),
        Device("CUDA0", "A “GPU”", "CUDA", DeviceKind.GPU, 24 * 10**9, 22 * 10**9, False, True, 10**12, "its maker"),
    ),
    name="mine",
    ram_limit="a container's limit",
    swap_bytes=8 * 10**9,
    swap_free_bytes=7 * 10**9,
    disk_free_bytes=0,
    uses=(MemoryUse("CUDA0", "chrome", 1_900_000_000),),
    doubts=("One thing is not known.",),
)


def values(**changed: Any) -> dict[str, Any]:
    return {**machine_values(MACHINE), **changed}


def device(**changed: Any) -> dict[str, Any]:
    return {**machine_values(MACHINE)["devices"][1], **changed}


def test_what_is_written_is_read_again() -> None:
    assert machine_from(json.loads(json.dumps(machine_values(MACHINE)))) == MACHINE


def test_what_has_a_default_may_be_left_out_and_other_keys_are_left_alone() -> None:
    kept = ("system", "processor", "cores", "ram_bytes", "ram_free_bytes", "devices")
    machine = machine_from({**{key: values()[key] for key in kept}, "engine": "any", "sources": [1]})
    assert (machine.name, machine.uses, machine.doubts, machine.disk_free_bytes) == ("", (), (), None)


def test_a_whole_number_may_be_written_with_an_exponent() -> None:
    machine = machine_from(json.loads(json.dumps(values()).replace("51200000000", "51.2e9")))
    assert machine.devices[0].bandwidth == 51_200_000_000


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ([], "must be an object"),
        (None, "must be an object"),
        ({}, '"system" is missing'),
        (values(system=3), '"system" must be a text'),
        (values(cores="8"), '"cores" must be a whole number and is "8"'),
        (values(cores=True), '"cores" must be a whole number'),
        (values(ram_bytes=-1), '"ram_bytes" must not be negative and is -1'),
        (values(ram_bytes=float("nan")), '"ram_bytes" must be a whole number and is nan'),
        (values(ram_bytes=1.5), '"ram_bytes" must be a whole number and is 1.5'),
        (values(ram_free_bytes=None), '"ram_free_bytes" is missing'),
        (values(disk_free_bytes=[]), '"disk_free_bytes" must be a whole number and is a list'),
        (values(devices={}), '"devices" must be a list and is an object'),
        (values(devices=[3]), '"devices[0]" must be an object of JSON and is 3'),
        (
            values(devices=[device(kind="tpu")]),
            '"devices[0].kind" must be one of cpu, gpu, integrated_gpu, accelerator',
        ),
        (values(devices=[device(total_bytes="24 GB")]), '"devices[0].total_bytes" must be a whole number'),
        (values(devices=[device(unified=1)]), '"devices[0].unified" must be true or false'),
        (values(devices=[device(), device()]), 'two of "devices" have the same name'),
        (values(devices=[device()] * 300), '"devices" has more than 256 parts'),
        (values(uses=[{"device": "CPU", "program": "x"}]), '"uses[0].size_bytes" is missing'),
        (values(doubts=[1]), '"doubts" must be a list of texts'),
        (values(cores=-(10**50)), "a number of more than 40 digits"),
    ],
)
def test_what_is_wrong_is_named(given: object, named: str) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        machine_from(given)
    assert named in caught.value.sentence


def test_what_can_be_read_and_cannot_be_true_is_a_doubt() -> None:
    machine = machine_from(values(devices=[device(free_bytes=30 * 10**9)]))
    assert machine.devices[0].free_bytes == 0
    assert any("more free memory than it has" in doubt for doubt in machine.doubts)


def test_a_name_cannot_move_the_cursor_of_a_terminal() -> None:
    machine = machine_from(values(devices=[device(description="GPU\x1b[2J\n")]))
    assert machine.devices[0].description == "GPU [2J "
