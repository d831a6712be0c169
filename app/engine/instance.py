"""A model in memory with its context: tokens in, tokens out (imports llama_cpp: import late)."""

import ctypes
import os
from collections.abc import Callable, Iterator, Sequence

import llama_cpp.llama_cpp as llama

from app.core.cancel import CancelToken
from app.core.errors import GenerationError, ModelFileError, ModelLoadError
from app.core.model import LoadParameters, ModelInfo
from app.core.prompt import PromptMessage
from app.engine import bindings
from app.engine.sampler import Sampler
from app.engine.sampling import SamplerContext
from app.engine.template import CHATML, ChatTemplate

_Handle = int  # a C pointer, as ctypes returns it

BATCH_TOKENS = 512
_PIECE_BYTES = 64


class ModelInstance:
    """The handles of one model and one context, and which tokens the KV cache holds.

    Raises ModelFileError, ModelLoadError or CancelledError when it cannot be loaded; nothing is left in memory then.
    """

    def __init__(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> None:
        bindings.make_ready()
        bindings.log_lines.recent.clear()
        self.cached: list[int] = []
        self._context: _Handle | None = None
        self._model: _Handle | None = _load_model(parameters, cancel, on_progress)
        try:
            self._vocabulary = llama.llama_model_get_vocab(self._model)
            self.vocabulary_size = llama.llama_vocab_n_tokens(self._vocabulary)
            self._context = _make_context(self._model, parameters)
            self.context_length = llama.llama_n_ctx(self._context)
            self._memory = llama.llama_get_memory(self._context)
            self._one = (llama.llama_token * 1)()
            self._one_batch = llama.llama_batch_get_one(self._one, 1)
            self._piece = ctypes.create_string_buffer(_PIECE_BYTES)
            self._template = self._make_template(parameters.chat_template)
            self.info = self._describe(parameters)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Free context and model; harmless when called twice."""
        if self._context:
            llama.llama_free(self._context)
            self._context = None
        if self._model:
            llama.llama_model_free(self._model)
            self._model = None

    def prompt_tokens(self, messages: Sequence[PromptMessage]) -> list[int]:
        """The tokens of the prompt that the chat template makes; raises ChatTemplateError."""
        prompt = self._template.render(messages)
        # A template that writes the beginning-of-sequence token itself must not get a second one.
        written = bool(self._template.bos_token) and prompt.startswith(self._template.bos_token)
        return self._tokenize(prompt, add_special=not written)

    def keep_prefix(self, tokens: Sequence[int]) -> int:
        """Keep what the KV cache shares with `tokens`, drop the rest; how many tokens are kept (never all of them)."""
        kept = 0
        for cached, token in zip(self.cached, tokens[:-1], strict=False):
            if cached != token:
                break
            kept += 1
        if kept < len(self.cached) and not llama.llama_memory_seq_rm(self._memory, 0, kept, -1):
            llama.llama_memory_clear(self._memory, True)  # a recurrent or windowed cache cannot be cut anywhere
            kept = 0
        del self.cached[kept:]
        return kept

    def read(self, tokens: Sequence[int], cancel: CancelToken) -> Iterator[int]:
        """Evaluate `tokens` after what is cached, in batches; yields how many are done. Ends early when cancelled."""
        for start in range(0, len(tokens), BATCH_TOKENS):
            if cancel.cancelled:
                return
            part = tokens[start : start + BATCH_TOKENS]
            array = (llama.llama_token * len(part))(*part)
            self._decode(llama.llama_batch_get_one(array, len(part)))
            self.cached.extend(part)
            yield start + len(part)

    def advance(self, token: int) -> None:
        """Evaluate one token after what is cached."""
        self._one[0] = token
        self._decode(self._one_batch)
        self.cached.append(token)

    def sample(self, sampler: Sampler) -> int:
        """Draw the next token after the last one evaluated."""
        assert self._context is not None
        return sampler.sample(self._context, -1)

    @property
    def sampler_context(self) -> SamplerContext:
        """What a sampler must know of the model."""
        trained = llama.llama_model_n_ctx_train(self._model)
        return SamplerContext(
            self._vocabulary, self.vocabulary_size, trained, lambda text: self._tokenize(text, add_special=False)
        )

    def ends_turn(self, token: int) -> bool:
        """Whether the model means by this token that it has finished."""
        return bool(llama.llama_vocab_is_eog(self._vocabulary, token))

    def piece(self, token: int) -> bytes:
        """The token's bytes (perhaps a part of a character); empty for a control token."""
        length = llama.llama_token_to_piece(self._vocabulary, token, self._piece, len(self._piece), 0, False)
        if length < 0:  # longer than the buffer: the negative is the length needed
            self._piece = ctypes.create_string_buffer(-length)
            length = llama.llama_token_to_piece(self._vocabulary, token, self._piece, -length, 0, False)
        return self._piece.raw[:length] if length > 0 else b""

    def _decode(self, batch: object) -> None:
        code = llama.llama_decode(self._context, batch)
        if code != 0:
            llama.llama_memory_clear(self._memory, True)  # what the cache holds after a failure is not known
            self.cached.clear()
            raise GenerationError(
                "The model could not go on; the computer may be short of memory. Try again, or open a smaller model.",
                f"llama_decode returned {code}: {bindings.last_error()}",
            )

    def _tokenize(self, text: str, add_special: bool) -> list[int]:
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        while True:
            tokens = (llama.llama_token * room)()
            count = llama.llama_tokenize(self._vocabulary, data, len(data), tokens, room, add_special, True)
            if count >= 0:
                return list(tokens[:count])
            room = -count

    def _make_template(self, override: str | None) -> ChatTemplate:
        source = override or bindings.metadata(self._model, "tokenizer.chat_template") or CHATML
        bos = self._token_text(llama.llama_vocab_bos(self._vocabulary))
        return ChatTemplate(source, bos, self._token_text(llama.llama_vocab_eos(self._vocabulary)))

    def _token_text(self, token: int) -> str:
        text = llama.llama_vocab_get_text(self._vocabulary, token) if token >= 0 else None
        return text.decode("utf-8", "replace") if text else ""

    def _describe(self, parameters: LoadParameters) -> ModelInfo:
        return ModelInfo(
            path=parameters.path,
            name=bindings.metadata(self._model, "general.name") or parameters.path.stem,
            architecture=bindings.metadata(self._model, "general.architecture"),
            quantization=_short_quantization(llama.llama_ftype_name(llama.llama_model_ftype(self._model))),
            parameter_count=llama.llama_model_n_params(self._model),
            size_bytes=parameters.path.stat().st_size,
            context_length=self.context_length,
            trained_context_length=llama.llama_model_n_ctx_train(self._model),
            load=parameters,
        )


def default_threads() -> int:
    """All cores below four, else all but one, which is left for the window and the system."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores if cores < 4 else cores - 1


def _load_model(parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> _Handle:
    def report(fraction: float, _user_data: object) -> bool:
        on_progress(min(max(fraction, 0.0), 1.0))
        return not cancel.cancelled

    callback = llama.llama_progress_callback(report)  # lives as long as the load
    model_parameters = llama.llama_model_default_params()
    model_parameters.progress_callback = callback
    model = llama.llama_model_load_from_file(os.fsencode(parameters.path), model_parameters)
    if model:
        return int(model)
    cancel.raise_if_cancelled()
    raise _load_error(parameters, bindings.last_error())


def _make_context(model: _Handle, parameters: LoadParameters) -> _Handle:
    threads = parameters.threads or default_threads()
    context_parameters = llama.llama_context_default_params()
    trained = llama.llama_model_n_ctx_train(model)
    context_parameters.n_ctx = min(parameters.context_length, trained) if trained > 0 else parameters.context_length
    context_parameters.n_batch = context_parameters.n_ubatch = BATCH_TOKENS
    context_parameters.n_outputs_max = 1  # one row of logits, not one for each token of a batch
    context_parameters.n_threads = context_parameters.n_threads_batch = threads
    context_parameters.no_perf = True
    if not llama.llama_supports_gpu_offload():
        # On processors flash attention is the slower one at depth for small models (35 against 64 tokens/s here).
        context_parameters.flash_attn_type = llama.LLAMA_FLASH_ATTN_TYPE_DISABLED
    context = llama.llama_init_from_model(model, context_parameters)
    if not context:
        raise ModelLoadError(
            f"There is not enough memory for {parameters.path.name} with a context of {context_parameters.n_ctx:,} "
            "tokens. Close other programs, or open a smaller model.",
            bindings.last_error(),
        )
    return int(context)


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


def _short_quantization(name: bytes | None) -> str:
    """llama.cpp's "Q4_K - Medium" as people write it: "Q4_K_M"."""
    text = (name or b"").decode().removeprefix("(guessed) ")
    base, _, size = text.partition(" - ")
    suffix = {"Small": "_S", "Medium": "_M", "Large": "_L"}.get(size.split(" ")[0], "") if size else ""
    return base + suffix
