"""What every engine can do: the protocol that services know."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.core.cancel import CancelToken
from app.core.conversation import Role
from app.core.generation import GenerationEvent, SamplingParameters
from app.core.model import LoadParameters, ModelInfo


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One message as the chat template sees it."""

    role: Role
    text: str


class Engine(Protocol):
    """One model in memory at most. Every method is called on one thread, the owner: the first that called load()."""

    @property
    def model(self) -> ModelInfo | None:
        """The loaded model; None when there is none."""

    def load(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> ModelInfo:
        """Load a model in place of the one before; `on_progress` gets fractions from 0 to 1.

        Raises ModelFileError, ModelLoadError, CancelledError; after any of them nothing is loaded.
        """

    def unload(self) -> None:
        """Give the model's memory back; harmless when nothing is loaded."""

    def count_prompt_tokens(self, messages: Sequence[PromptMessage]) -> int:
        """The length in tokens of the prompt that the chat template makes of `messages`.

        Raises NoModelError, ChatTemplateError.
        """

    def generate(
        self, messages: Sequence[PromptMessage], sampling: SamplingParameters, cancel: CancelToken
    ) -> Iterator[GenerationEvent]:
        """Complete `messages`: prompt progress, chunks, then one Finished. A cancelled token ends it with CANCELLED.

        Raises NoModelError, ChatTemplateError, PromptTooLongError, GenerationError.
        """
