"""How much memory a model will take, by llama.cpp's own reckoning: a load without allocation (imports llama_cpp)."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import llama_cpp.llama_cpp as llama

from app.core.errors import ModelFileError, ModelLoadError
from app.core.memory import DeviceMemory, MemoryPlan
from app.core.model import LoadParameters
from app.core.shape import ModelShape
from app.engine import bindings
from app.engine.buffers import added, memory_planned
from app.engine.gpu_choice import gpus_of
from app.engine.guards.model_files import read_shape
from app.engine.loading import draft_parameters, make_context, model_parameters, settled


def exact_memory(path: Path, parameters: LoadParameters) -> MemoryPlan:
    """What the model at `path` takes when it is loaded with `parameters`, with its draft model and adapters.

    Its tensors are not read, so it takes a fraction of a second, whatever the file's size, and a sparse file with a
    header will do. A model that is in use is not disturbed: any thread may ask. With a GPU its driver is started in
    this process. Raises ModelFileError and ModelLoadError as loading does; a header that is not sound is refused
    before llama.cpp sees it, though only a trial finds out what else may end the process.
    """
    plan, settled_parameters = _plan(replace(parameters, path=path), read_shape(path))
    if parameters.draft_model is not None and parameters.drafts_ahead:
        drafting = draft_parameters(settled_parameters)
        plan = added(plan, _plan(drafting, read_shape(drafting.path), is_settled=True)[0])
    return _with_adapters(plan, parameters)


def _plan(parameters: LoadParameters, shape: ModelShape, is_settled: bool = False) -> tuple[MemoryPlan, LoadParameters]:
    """The plan, and the parameters as they turn out; those of a draft model are settled with its large one's."""
    bindings.make_ready()
    gpus = gpus_of(parameters.backend)
    with bindings.log_lines.captured(apart=True) as lines:
        wanted = model_parameters(parameters, gpus)
        wanted.no_alloc = True
        wanted.load_mode = llama.LLAMA_LOAD_MODE_NONE
        wanted.kv_overrides = _without_vocabulary(shape)
        model = llama.llama_model_load_from_file(os.fsencode(parameters.path), wanted)
        if not model:
            raise ModelLoadError(f"What {parameters.path.name} will take cannot be told.", _last_error(lines))
        try:
            trained = int(llama.llama_model_n_ctx_train(model))
            parameters = parameters if is_settled else settled(parameters, trained, bool(gpus))
            llama.llama_free(make_context(model, parameters))
        finally:
            llama.llama_model_free(model)
    return memory_planned(lines, [gpu.device.name for gpu in gpus], shape), parameters


def _without_vocabulary(shape: ModelShape) -> Any:
    """Header values that spare llama.cpp the vocabulary, which takes it longest: the logits' number is all that counts.

    Source: llama_vocab::impl::load in src/llama-vocab.cpp. The list ends with an entry without a key.
    """
    overrides: Any = (llama.llama_model_kv_override * 3)()
    overrides[0].tag = llama.LLAMA_KV_OVERRIDE_TYPE_STR
    overrides[0].key = b"tokenizer.ggml.model"
    overrides[0].value.val_str = b"none"
    overrides[1].tag = llama.LLAMA_KV_OVERRIDE_TYPE_INT
    overrides[1].key = f"{shape.architecture}.vocab_size".encode()
    overrides[1].value.val_i64 = shape.vocabulary_size
    return overrides


def _last_error(lines: list[str]) -> str:
    return next((line for line in reversed(lines) if "error" in line.lower()), "")


def _with_adapters(plan: MemoryPlan, parameters: LoadParameters) -> MemoryPlan:
    """The adapters lie with the layers that they change: on the device that has most of the model."""
    try:
        size = sum(adapter.path.stat().st_size for adapter in parameters.adapters)
    except OSError as error:
        raise ModelFileError(f"A LoRA adapter cannot be read: {error.strerror}.", str(error)) from error
    most = max(plan.devices, key=lambda device: device.weights_bytes)
    return added(plan, MemoryPlan((DeviceMemory(most.device, size, 0, 0),)))
