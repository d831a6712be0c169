"""On which of several GPUs a model is."""

from pathlib import Path

import pytest

from app.core.machine import Device, DeviceKind
from app.core.model import LoadParameters
from app.engine.loading import used_gpus

GPUS = [Device(f"CUDA{number}", f"Card {number}", "CUDA", DeviceKind.GPU, 8, 8) for number in range(3)]


@pytest.mark.parametrize(
    ("main_device", "split", "names"),
    [
        ("", (), ["CUDA0", "CUDA1", "CUDA2"]),
        ("CUDA1", (), ["CUDA1"]),
        ("CUDA1", (1.0, 1.0, 1.0), ["CUDA0", "CUDA1", "CUDA2"]),
    ],
)
def test_a_main_device_takes_the_whole_model_unless_it_is_split(
    main_device: str, split: tuple[float, ...], names: list[str]
) -> None:
    parameters = LoadParameters(Path("model.gguf"), main_device=main_device, device_split=split)
    assert [gpu.name for gpu in used_gpus(parameters, GPUS)] == names
