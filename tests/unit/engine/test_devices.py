"""The devices that llama.cpp finds on this computer."""

import psutil

from app.core.machine import DeviceKind
from app.engine.devices import engine_version, list_devices


def test_the_processor_is_there_once_with_the_systems_memory() -> None:
    processors = [device for device in list_devices() if device.kind is DeviceKind.CPU]
    assert len(processors) == 1
    assert processors[0].backend == "CPU"
    assert processors[0].total_bytes == psutil.virtual_memory().total
    assert 0 < processors[0].free_bytes < processors[0].total_bytes


def test_asking_twice_gives_the_same_devices() -> None:
    assert [device.name for device in list_devices()] == [device.name for device in list_devices()]


def test_the_version_names_the_library_and_what_it_is_built_on() -> None:
    assert engine_version().startswith("llama-cpp-python 0.3.36, ggml ")
