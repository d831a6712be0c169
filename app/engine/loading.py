"""How a model file becomes a model and a context in memory (imports llama_cpp: import late)."""

import ctypes
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import llama_cpp.llama_cpp as llama

from app.core.cancel import CancelToken
from app.core.errors import ModelFileError, ModelLoadError
from app.core.machine import Device
from app.core.model import FlashAttention, KvCacheType, LoadParameters, LoraAdapter, RopeScaling, Speculation
from app.engine import bindings
from app.engine.devices import AddressedDevice
from app.engine.gpu_choice import plain, use_only

Handle = int  # a C pointer, as ctypes returns it


_GGML_TYPE_BF16 = 30  # ggml.h; llama-cpp-python 0.3.36 does not name it

_KV_TYPES = {
    KvCacheType.F16: llama.GGML_TYPE_F16,
    KvCacheType.Q8_0: llama.GGML_TYPE_Q8_0,
    KvCacheType.Q4_0: llama.GGML_TYPE_Q4_0,
}
_FLASH = {
    FlashAttention.AUTO: llama.LLAMA_FLASH_ATTN_TYPE_AUTO,
    FlashAttention.ON: llama.LLAMA_FLASH_ATTN_TYPE_ENABLED,
    FlashAttention.OFF: llama.LLAMA_FLASH_ATTN_TYPE_DISABLED,
}
_ROPE = {
    RopeScaling.MODEL: llama.LLAMA_ROPE_SCALING_TYPE_UNSPECIFIED,
    RopeScaling.NONE: llama.LLAMA_ROPE_SCALING_TYPE_NONE,
    RopeScaling.LINEAR: llama.LLAMA_ROPE_SCALING_TYPE_LINEAR,
    RopeScaling.YARN: llama.LLAMA_ROPE_SCALING_TYPE_YARN,
}


def default_threads() -> int:
    """All cores below four, else all but one, which is left for the window and the system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores if cores < 4 else cores - 1


def settled(parameters: LoadParameters, trained_context_length: int, has_gpu: bool) -> LoadParameters:
    """The parameters with what is left to the engine filled in. Raises ModelLoadError for what contradicts itself."""
    stretched = parameters.rope_scaling in (RopeScaling.LINEAR, RopeScaling.YARN) or parameters.rope_frequency_scale > 0
    length = parameters.context_length
    if trained_context_length > 0 and not stretched:
        length = min(length, trained_context_length)
    flash = parameters.flash_attention
    if parameters.kv_cache_type is not KvCacheType.F16:
        if flash is FlashAttention.OFF:
            raise ModelLoadError(
                f"A KV cache of type {parameters.kv_cache_type} needs flash attention. Turn that on, or choose f16."
            )
        flash = FlashAttention.ON
    elif flash is FlashAttention.AUTO and not has_gpu:
        # Drafts need it to be exact. Else, where nothing was measured: llama.cpp's long-proven way.
        flash = FlashAttention.ON if parameters.drafts_ahead else FlashAttention.OFF
    return replace(
        parameters,
        context_length=length,
        flash_attention=flash,
        gpu_layers=parameters.gpu_layers if has_gpu else 0,
        speculation=Speculation.ON if parameters.drafts_ahead else Speculation.OFF,
        threads=parameters.threads or default_threads(),
    )


def used_gpus(parameters: LoadParameters, gpus: Sequence[Device]) -> Sequence[Device]:
    """Those that a model's layers are on: without a split, a main device takes them all."""
    if parameters.main_device and not parameters.device_split:
        return [gpu for gpu in gpus if gpu.name == parameters.main_device]
    return gpus


def load_model(
    parameters: LoadParameters,
    gpus: Sequence[AddressedDevice],
    cancel: CancelToken,
    on_progress: Callable[[float], None],
) -> Handle:
    """Read the model for `gpus`; `on_progress` gets fractions.

    Raises ModelFileError, ModelLoadError, CancelledError.
    """

    def report(fraction: float, _user_data: object) -> bool:
        on_progress(min(max(fraction, 0.0), 1.0))
        return not cancel.cancelled

    callback = llama.llama_progress_callback(report)  # lives as long as the load
    wanted = model_parameters(parameters, gpus)
    wanted.progress_callback = callback
    model = llama.llama_model_load_from_file(os.fsencode(parameters.path), wanted)
    if model:
        return int(model)
    cancel.raise_if_cancelled()
    raise _load_error(parameters, bindings.last_error())


def model_parameters(parameters: LoadParameters, gpus: Sequence[AddressedDevice]) -> Any:
    """llama.cpp's own parameters for reading a model. Raises ModelLoadError for devices that there are not."""
    wanted = llama.llama_model_default_params()
    use_only(wanted, gpus)
    devices = plain(gpus)
    wanted.load_mode = _load_mode(parameters)
    if parameters.gpu_layers is not None:
        wanted.n_gpu_layers = counted_layers(parameters.gpu_layers)
    keep_experts_on_cpu(wanted, parameters.expert_layers_on_cpu)
    split = _device_split(parameters, devices)
    if split is not None:
        wanted.tensor_split = split
    if parameters.main_device:
        wanted.main_gpu = _gpu_index(parameters.main_device, devices)
        if split is None:
            wanted.split_mode = llama.LLAMA_SPLIT_MODE_NONE  # everything on the one that was named
    return wanted


def counted_layers(gpu_layers: int) -> int:
    """llama.cpp's n_gpu_layers for so many of a model's layers: it counts the output too, and puts it there first."""
    return gpu_layers + 1 if gpu_layers > 0 else 0


class _Override(ctypes.Structure):
    """llama_model_tensor_buft_override in llama.h; the binding has it and does not use it."""

    _fields_ = (("pattern", ctypes.c_char_p), ("buffer_type", ctypes.c_void_p))


def keep_experts_on_cpu(wanted: Any, layers: int) -> None:
    """Let llama_model_params keep the experts of the first `layers` layers in system memory."""
    if layers <= 0:
        return
    processor = bindings.function("ggml_backend_cpu_buffer_type", ctypes.c_void_p)()
    layers = min(layers, int(llama.llama_max_tensor_buft_overrides()) - 1)
    patterns = [rf"blk\.{number}\.ffn_(up|down|gate|gate_up)_(ch|)exps".encode() for number in range(layers)]
    # The last one has neither pattern nor type: it ends the list.
    overrides = (_Override * (layers + 1))(*(_Override(pattern, processor) for pattern in patterns))
    wanted.tensor_buft_overrides = ctypes.cast(overrides, ctypes.c_void_p)
    wanted.overrides_kept = overrides  # they must live until the model is loaded


def draft_parameters(large: LoadParameters) -> LoadParameters:
    """How the draft model of `large` is loaded."""
    # Which GPU does what is said for the large model; a small one lies where llama.cpp puts it.
    return replace(
        large,
        path=large.draft_model or large.path,
        draft_model=None,
        adapters=(),
        speculation=Speculation.OFF,
        chat_template=None,
        main_device="",
        device_split=(),
        expert_layers_on_cpu=0,
    )


def keeps_bf16_keys(parameters: LoadParameters) -> bool:
    """Whether the keys of an f16 cache are kept as bf16, which takes as much memory.

    From 512 tokens on a processor sums up the attention of a single token in another order than that of several when
    keys and values are both f16 (ggml-cpu's flash attention splits the cache among the threads then), and a draft could
    change the answer. With different types it does not. It is not done otherwise: prompts are read slower.
    """
    exact = parameters.gpu_layers == 0 and parameters.flash_attention is FlashAttention.ON
    return exact and parameters.drafts_ahead and parameters.kv_cache_type is KvCacheType.F16


def make_context(model: Handle, parameters: LoadParameters) -> Handle:
    """A context for settled() parameters. Raises ModelLoadError."""
    wanted = llama.llama_context_default_params()
    wanted.n_ctx = parameters.context_length
    wanted.n_batch = wanted.n_ubatch = parameters.batch_tokens
    # Rows of logits that can be asked for in one batch: one, not one for each prompt token; more to verify a draft.
    wanted.n_outputs_max = parameters.outputs
    wanted.n_threads = wanted.n_threads_batch = parameters.threads
    wanted.flash_attn_type = _FLASH[parameters.flash_attention]
    wanted.type_k = wanted.type_v = _KV_TYPES[parameters.kv_cache_type]
    if keeps_bf16_keys(parameters):
        wanted.type_k = _GGML_TYPE_BF16
    wanted.swa_full = parameters.full_sliding_window
    wanted.rope_scaling_type = _ROPE[parameters.rope_scaling]
    wanted.rope_freq_base = parameters.rope_frequency_base
    wanted.rope_freq_scale = parameters.rope_frequency_scale
    wanted.no_perf = True
    context = llama.llama_init_from_model(model, wanted)
    if not context:
        raise ModelLoadError(
            f"There is not enough memory for {parameters.path.name} with a context of {parameters.context_length:,} "
            "tokens. Close other programs, choose a shorter context, or open a smaller model.",
            bindings.last_error(),
        )
    return int(context)


def attach_adapters(model: Handle, context: Handle, adapters: Sequence[LoraAdapter]) -> None:
    """Put LoRA adapters on a context; llama.cpp frees them with the model. Raises ModelFileError, ModelLoadError."""
    if not adapters:
        return
    handles = (llama.llama_adapter_lora_p_ctypes * len(adapters))()
    for place, adapter in enumerate(adapters):
        if not adapter.path.is_file():
            raise ModelFileError(f"The LoRA adapter {adapter.path} does not exist. Choose another file or remove it.")
        handle = llama.llama_adapter_lora_init(model, os.fsencode(adapter.path))
        if not handle:
            raise ModelLoadError(
                f"{adapter.path.name} is not a LoRA adapter for this model. Remove it, or choose another.",
                bindings.last_error(),
            )
        handles[place] = handle
    scales = (ctypes.c_float * len(adapters))(*(adapter.scale for adapter in adapters))
    if llama.llama_set_adapters_lora(context, handles, len(adapters), scales) != 0:
        raise ModelLoadError("The LoRA adapters cannot be used with this model.", bindings.last_error())


def _load_mode(parameters: LoadParameters) -> int:
    if parameters.mmap:
        return int(llama.LLAMA_LOAD_MODE_MMAP_MLOCK if parameters.mlock else llama.LLAMA_LOAD_MODE_MMAP)
    return int(llama.LLAMA_LOAD_MODE_MLOCK if parameters.mlock else llama.LLAMA_LOAD_MODE_NONE)


def _gpu_index(name: str, devices: Sequence[Device]) -> int:
    names = [device.name for device in devices]
    if name not in names:
        known = ", ".join(names) or "there is none"
        raise ModelLoadError(f"There is no GPU named {name} (known: {known}). Choose another main device.")
    return names.index(name)


def _device_split(parameters: LoadParameters, devices: Sequence[Device]) -> Any:
    """The C array of each device's share; None when nothing was chosen."""
    if not parameters.device_split:
        return None
    count = len(devices)
    if len(parameters.device_split) > count or min(parameters.device_split) < 0 or sum(parameters.device_split) <= 0:
        raise ModelLoadError(
            f"The device split has {len(parameters.device_split)} shares for {count} GPUs. Give each GPU a share of 0 "
            "or more, and at least one of them more than 0."
        )
    shares = (ctypes.c_float * llama.llama_max_devices())()
    for place, share in enumerate(parameters.device_split):
        shares[place] = share
    return shares


def _load_error(parameters: LoadParameters, line: str) -> ModelFileError | ModelLoadError:
    """llama.cpp's last error line in words."""
    path = parameters.path
    reason = line.rsplit("error loading model: ", maxsplit=1)[-1].strip() if line else "llama.cpp gave no reason"
    lowered = line.lower()
    if "not within the file bounds" in lowered or "corrupted or incomplete" in lowered:
        return ModelFileError(f"The model file {path} is incomplete. Download it again.", line)
    if "unknown model architecture" in lowered:
        return ModelLoadError(
            f"{path.name} needs a newer Inglenook: its architecture is not known here ({reason}).", line
        )
    if "allocate" in lowered or "out of memory" in lowered:
        return ModelLoadError(
            f"There is not enough memory to load {path.name}. Close other programs, or open a smaller model.", line
        )
    return ModelLoadError(f"{path} could not be loaded: {reason}. Try another file.", line)
