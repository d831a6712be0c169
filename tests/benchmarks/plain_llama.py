"""What the engine is compared with: the library's bare calls on the engine's own model, and the library's own class."""

import sys
from collections.abc import Iterator, Sequence
from typing import Any

import llama_cpp
import llama_cpp.llama_cpp as llama
import numpy as np
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from app.core.generation import SamplingParameters
from app.core.model import LoadParameters
from app.engine.instance import ModelInstance
from app.engine.llama import LlamaEngine
from app.engine.loading import Handle, make_context

BATCH = 512


def instance_of(engine: LlamaEngine) -> ModelInstance:
    """The model inside the engine, so that a reference can work on the very same weights and settings."""
    instance = engine._instance
    assert instance is not None
    return instance


class BareContext:
    """A second context of the engine's model with the same settings, used by the library's bare calls."""

    def __init__(self, instance: ModelInstance) -> None:
        self.handle: Handle = make_context(instance._model, instance.load)
        self._vocabulary_size = instance.vocabulary.size
        self._one = (llama.llama_token * 1)()

    def close(self) -> None:
        """Free it."""
        llama.llama_free(self.handle)

    def clear(self) -> None:
        """Forget every token."""
        llama.llama_memory_clear(llama.llama_get_memory(self.handle), True)

    def read(self, tokens: Sequence[int]) -> Iterator[int]:
        """Read `tokens` after what is there, 512 at a time; yields how many are done."""
        for start in range(0, len(tokens), BATCH):
            part = tokens[start : start + BATCH]
            array = (llama.llama_token * len(part))(*part)
            require_decoded(llama.llama_decode(self.handle, llama.llama_batch_get_one(array, len(part))))
            yield start + len(part)

    def write(self, prompt: Sequence[int], count: int) -> Iterator[int]:
        """Read the prompt anew and write `count` tokens, always the likeliest; yields them."""
        self.clear()
        for _ in self.read(prompt):
            pass
        one = self._one
        batch = llama.llama_batch_get_one(one, 1)
        for number in range(count):
            token = likeliest(self.handle, self._vocabulary_size)
            yield token
            if number + 1 < count:
                one[0] = token
                require_decoded(llama.llama_decode(self.handle, batch))


def likeliest(handle: Handle, vocabulary_size: int) -> int:
    """The token with the highest logit after the last decode."""
    logits = np.ctypeslib.as_array(llama.llama_get_logits_ith(handle, -1), (vocabulary_size,))
    return int(logits.argmax())


def require_decoded(code: int) -> None:
    """End the program when llama_decode failed: a figure would mean nothing."""
    if code != 0:
        sys.exit(f"llama_decode returned {code}.")


class LlamaClass:
    """llama_cpp.Llama on the same file, context length, batch and threads, and with the same template."""

    def __init__(self, load: LoadParameters) -> None:
        assert load.chat_template is not None
        self.llama: Any = llama_cpp.Llama(
            str(load.path),
            n_ctx=load.context_length,
            n_batch=BATCH,
            n_threads=load.threads,
            n_threads_batch=load.threads,
            flash_attn=load.flash_attention == "on",
            chat_handler=Jinja2ChatFormatter(load.chat_template, "<|im_end|>", "").to_chat_handler(),
            verbose=False,
        )

    def close(self) -> None:
        """Free it."""
        self.llama.close()

    def read(self, tokens: Sequence[int]) -> Iterator[int]:
        """Read `tokens` from nothing, 512 in each call; yields how many are done."""
        self.llama.reset()
        for start in range(0, len(tokens), BATCH):
            self.llama.eval(tokens[start : start + BATCH])
            yield start + BATCH

    def write(self, question: str, sampling: SamplingParameters) -> Iterator[str]:
        """Answer as a stream; yields what each chunk holds of the answer."""
        stream = self.llama.create_chat_completion(
            [{"role": "user", "content": question}],
            stream=True,
            temperature=sampling.temperature,
            top_k=sampling.top_k,
            top_p=sampling.top_p,
            min_p=sampling.min_p,
            repeat_penalty=sampling.repeat_penalty,
            seed=sampling.seed,
            max_tokens=sampling.max_tokens,
        )
        for chunk in stream:
            choice = chunk["choices"][0]
            if "content" in choice["delta"]:
                yield choice["delta"]["content"]
            if choice["finish_reason"] == "stop":
                sys.exit("An answer of llama_cpp.Llama ended too early to be compared.")


def never_end() -> None:
    """From now on in this process no token ends an answer, so that all are equally long.

    The engine and llama_cpp.Llama both ask llama_vocab_is_eog of every token. It is still asked, which is a part of
    what is measured; but the answer is always no.
    """
    asked = llama.llama_vocab_is_eog

    def never(vocabulary: int, token: int) -> bool:
        asked(vocabulary, token)
        return False

    llama.llama_vocab_is_eog = never
