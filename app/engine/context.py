"""A llama.cpp context and what its KV cache holds: tokens read, written, cut, shifted, saved (imports llama_cpp)."""

import ctypes
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import llama_cpp.llama_cpp as llama
import numpy as np
import numpy.typing as npt

from app.core.cancel import CancelToken
from app.core.errors import DecodeError, StateFileError
from app.core.model import MAX_DRAFT, LoadParameters
from app.engine import bindings
from app.engine.abort import AbortFlag
from app.engine.loading import Handle, keeps_bf16_keys, make_context

_ABORTED = 2  # llama_decode's code for a decode that the abort callback ended
_SEQUENCE = 0  # one conversation at a time


class Context:
    """A context of `model`, made for settled() parameters. `cached` are the tokens in the KV cache, in order.

    Raises ModelLoadError when it cannot be made.
    """

    def __init__(self, model: Handle, parameters: LoadParameters) -> None:
        self.handle = make_context(model, parameters)
        self.length = int(llama.llama_n_ctx(self.handle))
        self.cached: list[int] = []
        self._batch_tokens = parameters.batch_tokens
        self._most_outputs = parameters.outputs  # logits after more tokens of a batch would end the process
        self._window = 0 if parameters.full_sliding_window else int(llama.llama_model_n_swa(model))
        self._can_turn_keys = not keeps_bf16_keys(parameters)
        self._memory = llama.llama_get_memory(self.handle)
        self._abort = AbortFlag(self.handle)
        self._one = (llama.llama_token * 1)()
        self._one_batch = llama.llama_batch_get_one(self._one, 1)
        self._many = llama.llama_batch_init(MAX_DRAFT + 1, 0, 1)

    @property
    def can_shift(self) -> bool:
        """Whether the oldest part of a full cache can be forgotten without reading the rest anew.

        Not with keys in bf16: ggml-cpu cannot turn these to their new positions, and ends the process when asked to.
        """
        return self._can_turn_keys and bool(llama.llama_memory_can_shift(self._memory))

    def close(self) -> None:
        """Free the context; harmless when called twice."""
        if self.handle:
            llama.llama_batch_free(self._many)
            llama.llama_free(self.handle)
            self.handle = 0

    def keep_prefix(self, tokens: Sequence[int]) -> int:
        """Keep what the cache shares with `tokens`, drop the rest; how many tokens are kept (never all of them)."""
        kept = 0
        for cached, token in zip(self.cached, tokens[:-1], strict=False):
            if cached != token:
                break
            kept += 1
        self.cut(kept)
        return len(self.cached)

    def cut(self, count: int) -> None:
        """Keep the first `count` tokens. A cache that cannot be cut there (recurrent, windowed) is emptied."""
        if count >= len(self.cached):
            if self._newest() == len(self.cached) - 1:
                return
            count = len(self.cached)  # what lies beyond is left from an aborted batch
        # A sliding window forgets what has left it: going back needs the whole window before the cut.
        gone = count > 0 and self._window and self._oldest() > max(0, count - self._window)
        if gone or not llama.llama_memory_seq_rm(self._memory, _SEQUENCE, count, -1) or self._newest() != count - 1:
            self.clear()
            return
        del self.cached[count:]

    def clear(self) -> None:
        """Forget everything."""
        llama.llama_memory_clear(self._memory, True)
        self.cached.clear()

    def shift(self, keep: int, discard: int) -> None:
        """Forget `discard` tokens after the first `keep`, and move the rest down; only where can_shift."""
        llama.llama_memory_seq_rm(self._memory, _SEQUENCE, keep, keep + discard)
        llama.llama_memory_seq_add(self._memory, _SEQUENCE, keep + discard, -1, -discard)
        del self.cached[keep : keep + discard]

    def read(self, tokens: Sequence[int], cancel: CancelToken) -> Iterator[int]:
        """Evaluate `tokens` after what is cached, in batches; yields how many are done. Ends early when cancelled."""
        for start in range(0, len(tokens), self._batch_tokens):
            if cancel.cancelled:
                return
            part = tokens[start : start + self._batch_tokens]
            array = (llama.llama_token * len(part))(*part)
            with self._abort.follows(cancel):
                if not self._decode(llama.llama_batch_get_one(array, len(part))):
                    return
                llama.llama_synchronize(self.handle)  # on a GPU the decode is only under way: progress must be true
            self.cached.extend(part)
            yield start + len(part)

    def advance(self, token: int) -> bool:
        """Evaluate one token after what is cached; False when that was aborted (see aborting)."""
        self._one[0] = token
        if not self._decode(self._one_batch):
            return False
        self.cached.append(token)
        return True

    def advance_all(self, tokens: Sequence[int]) -> bool:
        """Evaluate up to `most_outputs` tokens at once, keeping the logits after each; False when that was aborted."""
        if not 0 < len(tokens) <= self._most_outputs:
            raise ValueError(f"{len(tokens)} tokens at once, but the context was made for {self._most_outputs}")
        batch, position = self._many, len(self.cached)
        for place, token in enumerate(tokens):
            batch.token[place] = token
            batch.pos[place] = position + place
            batch.n_seq_id[place] = 1
            batch.seq_id[place][0] = _SEQUENCE
            batch.logits[place] = 1
        batch.n_tokens = len(tokens)
        if not self._decode(batch):
            return False
        self.cached.extend(tokens)
        return True

    @property
    def aborting(self) -> AbortFlag:
        """The flag that ends a decode under way; read() uses it by itself, who advances uses it around the loop."""
        return self._abort

    def logits(self, index: int, count: int) -> npt.NDArray[np.float32]:
        """The `count` logits of the last batch's output `index` (-1: the last); valid until the next decode."""
        pointer = llama.llama_get_logits_ith(self.handle, index)
        return np.ctypeslib.as_array(pointer, (count,))

    def write_state(self, path: Path) -> None:
        """Write the cache and its tokens to `path`. Raises StateFileError."""
        tokens = (llama.llama_token * len(self.cached))(*self.cached)
        if not llama.llama_state_seq_save_file(self.handle, os.fsencode(path), _SEQUENCE, tokens, len(tokens)):
            raise StateFileError("The state of the conversation could not be saved.", bindings.last_error())

    def read_state(self, path: Path) -> None:
        """Fill the cache from a file of write_state that is known to be whole. Raises StateFileError; empty then."""
        self.clear()
        tokens, count = (llama.llama_token * self.length)(), ctypes.c_size_t()
        read = llama.llama_state_seq_load_file(
            self.handle, os.fsencode(path), _SEQUENCE, tokens, self.length, ctypes.byref(count)
        )
        self._hold(tokens[: count.value] if read else [])

    def state_size(self) -> int:
        """How many bytes state_into() writes at most."""
        return int(llama.llama_state_seq_get_size(self.handle, _SEQUENCE))

    def state_into(self, buffer: "ctypes.Array[ctypes.c_uint8]") -> int:
        """Copy the cache, without its tokens, to `buffer`; how many bytes. Raises StateFileError."""
        written = int(llama.llama_state_seq_get_data(self.handle, buffer, len(buffer), _SEQUENCE))
        if not written:
            raise StateFileError("The state of the conversation could not be saved.", bindings.last_error())
        return written

    def take_state(self, tokens: Sequence[int], buffer: "ctypes.Array[ctypes.c_uint8]") -> None:
        """Fill the cache with what state_into() wrote when it held `tokens`. Raises StateFileError; empty then."""
        self.clear()
        read = llama.llama_state_seq_set_data(self.handle, buffer, len(buffer), _SEQUENCE)
        self._hold(tokens if read else [])

    def _hold(self, tokens: Sequence[int]) -> None:
        """Note what a state has brought back: `tokens`, or none where it was not read."""
        self.cached.extend(tokens)
        if not tokens or self._newest() != len(self.cached) - 1:
            self.clear()
            raise StateFileError("The saved state of the conversation cannot be used.", bindings.last_error())

    def _oldest(self) -> int:
        return int(llama.llama_memory_seq_pos_min(self._memory, _SEQUENCE))

    def _newest(self) -> int:
        return int(llama.llama_memory_seq_pos_max(self._memory, _SEQUENCE))

    def _decode(self, batch: object) -> bool:
        """False when the decode was aborted; the cache then holds what it held before, or nothing."""
        code = llama.llama_decode(self.handle, batch)
        if code == 0:
            return True
        if code == _ABORTED:
            self.cut(len(self.cached))
            return False
        self.clear()  # what the cache holds after a failure is not known
        raise DecodeError(
            "The model could not go on; the computer may be short of memory. Try again, or open a smaller model.",
            f"llama_decode returned {code}: {bindings.last_error()}",
        )
