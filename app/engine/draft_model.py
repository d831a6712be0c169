"""A small model that drafts for a large one of the same vocabulary (imports llama_cpp: import late)."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import llama_cpp.llama_cpp as llama
import numpy as np

from app.core.cancel import CancelToken
from app.core.errors import GenerationError, ModelLoadError
from app.core.model import LoadParameters, Speculation
from app.engine.context import Context
from app.engine.drafting import DraftLength
from app.engine.loading import Handle, load_model, make_context
from app.engine.vocabulary import Vocabulary

_SURE = 0.6  # a draft ends before a token that the small model gives less than this probability


class DraftModel:
    """Loads the model at `path` and drafts greedily. Raises ModelFileError, ModelLoadError when it does not fit."""

    def __init__(self, path: Path, large: LoadParameters, vocabulary: Vocabulary, longest: int) -> None:
        self._length = DraftLength(longest)
        parameters = replace(
            large, path=path, draft_model=None, adapters=(), speculation=Speculation.OFF, chat_template=None
        )
        self._context: Context | None = None
        self._model: Handle = load_model(parameters, (), CancelToken(), lambda _: None)
        with ExitStack() as undo:
            undo.callback(self.close)
            self._vocabulary = Vocabulary(self._model)
            _require_same(vocabulary, self._vocabulary, path)
            handle = make_context(self._model, parameters)
            self._context = Context(handle, parameters.batch_tokens, int(llama.llama_model_n_swa(self._model)))
            undo.pop_all()

    def close(self) -> None:
        """Free context and model; harmless when called twice."""
        if self._context is not None:
            self._context.close()
            self._context = None
        if self._model:
            llama.llama_model_free(self._model)
            self._model = 0

    def draft(self, tokens: Sequence[int], most: int) -> list[int]:
        """See Drafter.draft."""
        length = min(self._length.next(), most)
        context = self._context
        if context is None or length == 0 or len(tokens) + length >= context.length:
            return []
        kept = context.keep_prefix(tokens)
        for _ in context.read(tokens[kept:], CancelToken()):
            pass
        drafted: list[int] = []
        while len(drafted) < length:
            token, probability = self._likeliest(context)
            if probability < _SURE or self._vocabulary.ends_turn(token):
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
    """Raise ModelLoadError unless both vocabularies have the same tokens; a few more at the end do no harm."""
    shared = min(large.size, small.size)
    differs = next((token for token in range(shared) if large.text(token) != small.text(token)), None)
    if differs is not None or large.size > small.size:
        raise ModelLoadError(
            f"{os.fspath(path.name)} cannot draft for this model: their vocabularies differ. Choose a smaller model of "
            "the same family, or none.",
            f"{large.size} and {small.size} tokens, the first difference at {differs}",
        )
