"""A small model that drafts for a large one of the same vocabulary (imports llama_cpp: import late)."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import llama_cpp.llama_cpp as llama
import numpy as np

from app.core.cancel import CancelToken
from app.core.errors import GenerationError, ModelLoadError
from app.core.model import LoadParameters
from app.engine.context import Context
from app.engine.drafting import DraftLength
from app.engine.gpu_choice import gpus_of
from app.engine.loading import Handle, draft_parameters, load_model
from app.engine.vocabulary import Vocabulary

_MOST_EXTRA = 128  # tokens that one vocabulary may have more, padding as a rule; llama.cpp has the same bound
_SURE = 0.6  # a draft ends before a token that the small model gives less than this probability


class DraftModel:
    """Loads the draft model of `large` and drafts greedily for its vocabulary.

    Raises ModelFileError, ModelLoadError when it does not fit, and CancelledError.
    """

    def __init__(
        self,
        large: LoadParameters,
        vocabulary: Vocabulary,
        longest: int,
        cancel: CancelToken,
        on_progress: Callable[[float], None],
    ) -> None:
        self._length = DraftLength(longest)
        self._large_size = vocabulary.size
        parameters = draft_parameters(large)
        self._context: Context | None = None
        self._model: Handle = load_model(parameters, gpus_of(parameters.backend), cancel, on_progress)
        with ExitStack() as undo:
            undo.callback(self.close)
            self._vocabulary = Vocabulary(self._model)
            _require_same(vocabulary, self._vocabulary, parameters.path)
            self._context = Context(self._model, parameters)
            undo.pop_all()

    def close(self) -> None:
        """Free context and model; harmless when called twice."""
        if self._context is not None:
            self._context.close()
            self._context = None
        if self._model:
            llama.llama_model_free(self._model)
            self._model = 0

    def draft(self, tokens: Sequence[int], most: int, cancel: CancelToken) -> list[int]:
        """See Drafter.draft."""
        length = min(self._length.next(), most)
        context = self._context
        if context is None or length == 0 or len(tokens) + length >= context.length:
            return []
        fresh = tokens[context.keep_prefix(tokens) :]
        if max(fresh) >= self._vocabulary.size:
            return []  # one of the large model's own few tokens at the end
        for _ in context.read(fresh, cancel):
            pass
        if len(context.cached) < len(tokens):
            return []  # stopped
        drafted: list[int] = []
        while len(drafted) < length:
            token, probability = self._likeliest(context)
            if probability < _SURE or token >= self._large_size or self._vocabulary.ends_turn(token):
                break
            drafted.append(token)
            if len(drafted) < length and not context.advance(token):
                raise GenerationError("The draft model could not go on. Turn speculation off.")
        return drafted

    def learn(self, drafted: int, accepted: int) -> None:
        """See Drafter.learn."""
        self._length.learn(drafted, accepted)

    def _likeliest(self, context: Context) -> tuple[int, float]:
        logits = context.logits(-1, self._vocabulary.size)
        token = int(logits.argmax())
        return token, float(1.0 / np.exp(logits - logits[token]).sum())


def _require_same(large: Vocabulary, small: Vocabulary, path: Path) -> None:
    """Raise ModelLoadError unless both vocabularies have the same tokens; a few more at one's end do no harm."""
    shared = min(large.size, small.size)
    differs = next((token for token in range(shared) if large.text(token) != small.text(token)), None)
    if differs is not None or abs(large.size - small.size) > _MOST_EXTRA:
        raise ModelLoadError(
            f"{os.fspath(path.name)} cannot draft for this model: their vocabularies differ. Choose a smaller model of "
            "the same family, or none.",
            f"{large.size} and {small.size} tokens, the first difference at {differs}",
        )
