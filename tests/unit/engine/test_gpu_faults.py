"""The engine leaves a GPU that fails: at the load, and in the middle of an answer."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama
import pytest

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.errors import DecodeError, GenerationError, ModelLoadError
from app.core.generation import Chunk, SamplingParameters
from app.core.machine import Device, DeviceKind
from app.core.model import Backend, LoadParameters
from app.core.prompt import GenerationRequest, PromptMessage
from app.engine import gpu_choice, instance
from app.engine.devices import AddressedDevice
from app.engine.llama import LlamaEngine
from app.engine.loading import load_model
from tests.included import included_parameters

pytestmark = pytest.mark.real_model

GPU = AddressedDevice(Device("Vulkan0", "A card", "Vulkan", DeviceKind.GPU, 10**9, 10**9), "")
QUESTION = GenerationRequest(
    (PromptMessage(Role.USER, "What is the capital of France?"),), SamplingParameters(temperature=0, max_tokens=8)
)


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> None:
    """A card is found, though the processor computes in its place."""
    found = lambda backend: () if backend is Backend.CPU else (GPU,)  # noqa: E731
    monkeypatch.setattr(gpu_choice, "gpus_of", found)
    monkeypatch.setattr(instance, "gpus_of", found)
    monkeypatch.setattr(gpu_choice, "use_only", lambda _wanted, _gpus: None)
    monkeypatch.setattr("app.engine.loading.use_only", lambda _wanted, _gpus: None)


def load(engine: LlamaEngine, **changes: Any) -> None:
    """Load the included model."""
    engine.load(replace(included_parameters(), context_length=256, threads=1, **changes), CancelToken(), lambda _: None)


def answer(engine: LlamaEngine) -> str:
    """What it answers."""
    return "".join(e.text for e in engine.generate(QUESTION, CancelToken()) if isinstance(e, Chunk))


@pytest.mark.usefixtures("card")
@pytest.mark.expects_log_records
def test_a_model_that_the_gpu_does_not_take_is_loaded_on_the_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    real = load_model

    def refusing(parameters: LoadParameters, gpus: Any, *rest: Any) -> int:
        if gpus:
            raise ModelLoadError("There is not enough memory.", "ErrorOutOfDeviceMemory")
        return real(parameters, gpus, *rest)

    monkeypatch.setattr(instance, "load_model", refusing)
    engine = LlamaEngine()
    load(engine)
    assert engine.model is not None
    assert engine.model.gpu_fault == (
        "SmolLM2-135M-Instruct.Q4_1 could not be loaded on the GPU. It runs on the processor instead."
    )
    assert engine.model.device.startswith("CPU, ")
    with pytest.raises(ModelLoadError):
        load(engine, path=Path("/nowhere.gguf"), backend=Backend.CPU)
    engine.unload()


@pytest.mark.expects_log_records
def test_a_backend_that_is_not_here_leaves_the_processor() -> None:
    engine = LlamaEngine()
    load(engine, backend=Backend.CUDA)
    assert engine.model is not None
    assert engine.model.gpu_fault.startswith("CUDA was chosen as the backend, and it reaches no GPU here")
    assert engine.model.gpu_fault.endswith("It runs on the processor instead.")
    assert engine.model.load.gpu_layers == 0
    engine.unload()


@pytest.mark.usefixtures("card")
@pytest.mark.expects_log_records
def test_a_gpu_that_fails_in_mid_answer_is_left_and_the_next_answer_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = LlamaEngine()
    load(engine)
    assert engine.model is not None
    assert engine.model.device.startswith("all layers on A card")
    real, calls = llama.llama_decode, []

    def failing(context: Any, batch: Any) -> int:
        calls.append(batch)
        return -3 if len(calls) > 3 else int(real(context, batch))

    monkeypatch.setattr(llama, "llama_decode", failing)
    with pytest.raises(GenerationError, match=r"The GPU failed while .* It runs on the processor now: try"):
        answer(engine)
    monkeypatch.undo()
    assert engine.model.device.startswith("CPU, ")
    assert engine.model.gpu_fault.endswith("It runs on the processor now.")
    assert "Paris" in answer(engine)
    engine.unload()


@pytest.mark.expects_log_records
def test_on_the_processor_a_failure_stays_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = LlamaEngine()
    load(engine)
    monkeypatch.setattr(llama, "llama_decode", lambda _context, _batch: -3)
    with pytest.raises(DecodeError):
        answer(engine)
    monkeypatch.undo()
    assert engine.model is not None
    engine.unload()
