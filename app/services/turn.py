"""What one reply is to be made with."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.core.conversation import Message, Role
from app.core.generation import OutputFormat, SamplingParameters
from app.core.model import LoadedModel
from app.core.prompt import GenerationRequest
from app.core.provenance import Provenance
from app.core.settings import OverflowPolicy
from app.services.context_plan import ContextPlan


@dataclass(frozen=True, slots=True)
class Turn:
    """What one reply is to be made with; `started` is the perf_counter time of the press of Send."""

    started: float
    model: LoadedModel
    sampling: SamplingParameters
    output: OutputFormat
    thinking: bool | None
    policy: OverflowPolicy

    def applied_to(self, message: Message, memory_begins: int | None) -> Message:
        """The message with what it is being made with."""
        info = self.model.info
        provenance = Provenance(
            model_name=self.model.name,
            file_name=info.path.name,
            size_bytes=info.size_bytes,
            sha256=self.model.sha256,
            quantization=info.quantization,
            engine_version=info.engine_version,
            device=info.device,
            load=info.load,
            sampling=self.sampling,
            output=self.output,
        )
        return replace(message, provenance=provenance, memory_begins=memory_begins)

    def request(self, plan: ContextPlan) -> GenerationRequest:
        """What the engine is asked for."""
        shifts = self.policy is OverflowPolicy.SHIFT and self.model.info.can_shift
        return GenerationRequest(
            plan.messages, self.sampling, self.output, thinking=self.thinking, shifts_context=shifts
        )


def memory_at_last_answer(history: Sequence[Message], model: LoadedModel) -> tuple[int | None, bool]:
    """The index at which the memory began at the last answer, and whether all is known not to fit now.

    It cannot fit when a part of it did not then, with this model and as long a context.
    """
    last = next((m for m in reversed(history) if m.role is Role.ASSISTANT and m.provenance is not None), None)
    if last is None or last.provenance is None or last.memory_begins is None:
        return None, False
    place = next((i for i, m in enumerate(history) if m.id == last.memory_begins), None)
    then, now = last.provenance, model.info
    same_model = (then.file_name, then.size_bytes) == (now.path.name, now.size_bytes)
    return place, same_model and then.load.context_length >= now.context_length
