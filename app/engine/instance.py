"""A model in memory with its context, vocabulary and template (imports llama_cpp: import late)."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import llama_cpp.llama_cpp as llama

from app.core.cancel import CancelToken
from app.core.memory import MemoryPlan
from app.core.model import (
    MAX_DRAFT,
    FlashAttention,
    KvCacheType,
    LoadParameters,
    ModelInfo,
    Speculation,
    TemplateSource,
)
from app.core.prompt import PromptMessage
from app.engine import bindings
from app.engine.buffers import added, memory_in_use
from app.engine.context import Context
from app.engine.devices import engine_version
from app.engine.draft_model import DraftModel
from app.engine.drafting import Drafter, PromptLookup
from app.engine.gpu_choice import gpus_of, plain
from app.engine.guards.model_files import read_shape
from app.engine.loading import (
    Handle,
    attach_adapters,
    keeps_bf16_keys,
    load_model,
    settled,
    used_gpus,
)
from app.engine.sampling import SamplerContext
from app.engine.state_sidecar import StateFacts
from app.engine.templates.template import PromptTemplate, RenderedPrompt, template_for
from app.engine.vocabulary import Vocabulary

_Prompt = tuple[RenderedPrompt, list[int]]


class ModelInstance:
    """The handles of one model and one context.

    Raises ModelFileError, ModelLoadError or CancelledError when it cannot be loaded; nothing is left in memory then.
    """

    def __init__(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> None:
        bindings.make_ready()
        bindings.log_lines.recent.clear()
        gpus = gpus_of(parameters.backend)
        self._gpus = plain(gpus)
        self._draft_model: DraftModel | None = None
        self._remembered: tuple[tuple[object, ...], _Prompt] | None = None
        self.context: Context | None = None
        self._model: Handle = 0
        with ExitStack() as undo:
            undo.callback(self.close)
            with bindings.log_lines.captured() as lines:
                self._model = load_model(parameters, gpus, cancel, on_progress)
                trained = int(llama.llama_model_n_ctx_train(self._model))
                self.load = settled(parameters, trained, bool(self._gpus))
                self.vocabulary = Vocabulary(self._model)
                self.context = Context(self._model, self.load)
                attach_adapters(self._model, self.context.handle, self.load.adapters)
            memory = self._memory(lines, parameters.path)
            self.load = replace(self.load, context_length=self.live.length)  # llama.cpp rounds it up
            self.template = self._make_template(parameters.chat_template)
            self.vocabulary.show(self.template.reasoning.texts if self.template.reasoning else ())
            if self.load.draft_model is not None and self.load.drafts_ahead:
                with bindings.log_lines.captured() as lines:
                    self._draft_model = DraftModel(self.load, self.vocabulary, MAX_DRAFT, cancel, on_progress)
                memory = added(memory, self._memory(lines, self.load.draft_model))
            self.info = self._describe(trained, memory)
            undo.pop_all()

    def close(self) -> None:
        """Free everything; harmless when called twice."""
        if self._draft_model is not None:
            self._draft_model.close()
            self._draft_model = None
        if self.context is not None:
            self.context.close()
            self.context = None
        if self._model:
            llama.llama_model_free(self._model)
            self._model = 0

    @property
    def live(self) -> Context:
        """The context, which is there until close()."""
        if self.context is None:
            raise RuntimeError("the model was closed")
        return self.context

    @property
    def on_gpu(self) -> bool:
        """Whether a GPU takes part in it."""
        return bool(self._gpus) and self.load.gpu_layers != 0

    @property
    def sampler_context(self) -> SamplerContext:
        """What a sampler must know of the model."""
        trained = int(llama.llama_model_n_ctx_train(self._model))
        vocabulary = self.vocabulary
        return SamplerContext(
            vocabulary.handle, vocabulary.size, trained, lambda text: vocabulary.tokenize(text, add_special=False)
        )

    @property
    def batches_are_exact(self) -> bool:
        """Whether several tokens decoded at once give bit for bit the logits that each alone gives.

        So it is on processors with flash attention, but for an f16 cache (see keeps_bf16_keys); a test compares the
        bits. Elsewhere llama.cpp computes one token in another order than several, and rounding differs.
        """
        flash = self.load.gpu_layers == 0 and self.load.flash_attention is FlashAttention.ON
        return flash and (self.load.kv_cache_type is not KvCacheType.F16 or keeps_bf16_keys(self.load))

    def drafter(self) -> Drafter | None:
        """A fresh drafter for one completion; None where drafting is off or a wrong draft could not be taken back."""
        if self._keeps_a_running_state():
            return None
        if self._draft_model is not None:
            return self._draft_model
        return PromptLookup(MAX_DRAFT) if self.load.speculation is Speculation.ON else None

    def prompt(self, messages: Sequence[PromptMessage], thinking: bool | None, continues: bool) -> _Prompt:
        """The prompt that the chat template makes, as text and as tokens. Raises ChatTemplateError.

        The last one is remembered: it is counted before it is sent.
        """
        key = (tuple(messages), thinking, continues)
        if self._remembered is not None and self._remembered[0] == key:
            return self._remembered[1]
        rendered = self.template.render(messages, thinking=thinking, continues=continues)
        # A template that writes the beginning-of-sequence token itself must not get a second one.
        written = bool(self.template.bos_token) and rendered.text.startswith(self.template.bos_token)
        made = (rendered, self.vocabulary.tokenize(rendered.text, add_special=not written))
        self._remembered = (key, made)
        return made

    def state_facts(self) -> StateFacts:
        """What a saved state must agree with to fit this model and context."""
        load, content = self.load, self.info.content
        return StateFacts(
            model=content or _stamped(load.path),
            model_size=load.path.stat().st_size,
            context_length=self.live.length,
            kv_cache_type=load.kv_cache_type.value,
            flash_attention=load.flash_attention.value,
            engine_version=engine_version(),
            adapters=tuple(
                (adapter.path.name if content else _stamped(adapter.path), adapter.scale) for adapter in load.adapters
            ),
            layout=f"swa_full={load.full_sliding_window} rope={load.rope_scaling} {load.rope_frequency_base} "
            f"{load.rope_frequency_scale} gpu_layers={load.gpu_layers} experts_on_cpu={load.expert_layers_on_cpu} "
            f"bf16_keys={keeps_bf16_keys(load)}",
        )

    def _keeps_a_running_state(self) -> bool:
        return bool(llama.llama_model_is_recurrent(self._model) or llama.llama_model_is_hybrid(self._model))

    def _make_template(self, override: str | None) -> PromptTemplate:
        return template_for(
            override=override,
            file_template=bindings.metadata(self._model, "tokenizer.chat_template"),
            architecture=bindings.metadata(self._model, "general.architecture"),
            model_name=bindings.metadata(self._model, "general.name"),
            bos_token=self.vocabulary.bos_text,
            eos_token=self.vocabulary.eos_text,
            vocabulary_has=self.vocabulary.has_control_token,
        )

    def _memory(self, lines: Sequence[str], path: Path) -> MemoryPlan:
        """What llama.cpp wrote of its buffers in `lines`, as it loaded `path`."""
        return memory_in_use(lines, [gpu.name for gpu in self._gpus], read_shape(path))

    def _describe(self, trained: int, memory: MemoryPlan) -> ModelInfo:
        load = self.load
        return ModelInfo(
            path=load.path,
            name=bindings.metadata(self._model, "general.name") or load.path.stem,
            architecture=bindings.metadata(self._model, "general.architecture"),
            quantization=_short_quantization(llama.llama_ftype_name(llama.llama_model_ftype(self._model))),
            parameter_count=int(llama.llama_model_n_params(self._model)),
            size_bytes=load.path.stat().st_size,
            context_length=self.live.length,
            trained_context_length=trained,
            load=load,
            device=self._device_words(),
            engine_version=engine_version(),
            layer_count=int(llama.llama_model_n_layer(self._model)),
            vocabulary_size=self.vocabulary.size,
            template_source=self.template.origin,
            reasons=self.template.reasoning is not None and self.template.origin is not TemplateSource.NONE,
            has_thinking_switch=self.template.has_thinking_switch,
            can_shift=self.live.can_shift,
            memory=memory,
        )

    def _device_words(self) -> str:
        threads = f"{self.load.threads} thread" + ("" if self.load.threads == 1 else "s")
        if not self._gpus or self.load.gpu_layers == 0:
            return f"CPU, {threads}"
        layers = "all layers" if self.load.gpu_layers is None else f"{self.load.gpu_layers} layers"
        used = used_gpus(self.load, self._gpus)
        return f"{layers} on {', '.join(d.description or d.name for d in used)}; {threads}"


def _stamped(path: Path) -> str:
    """A file's name with its size and time of change: one that was trained anew is another."""
    status = path.stat()
    return f"{path} {status.st_size} {status.st_mtime_ns}"


def _short_quantization(name: bytes | None) -> str:
    """llama.cpp's "Q4_K - Medium" as people write it: "Q4_K_M"."""
    text = (name or b"").decode().removeprefix("(guessed) ")
    base, _, size = text.partition(" - ")
    suffix = {"Small": "_S", "Medium": "_M", "Large": "_L"}.get(size.split(" ")[0], "") if size else ""
    return base + suffix
