"""Tells at the start whether the last run ended inside llama.cpp, so that it is not led there again unasked."""

import logging
from dataclasses import dataclass
from pathlib import Path

from app.core.run import RunMark, RunStep
from app.storage.run_marker import RunMarker

_log = logging.getLogger(__name__)

_DOING = {
    RunStep.LOADING: "while loading {}",
    RunStep.RESTORING: "while {} took up a conversation again",
    RunStep.SAVING: "while {} put a conversation aside",
    RunStep.READING_PROMPT: "while {} was reading a message",
    RunStep.WRITING: "while {} was writing an answer",
    RunStep.MEASURING: "while the speed of {} was measured",
}


@dataclass(frozen=True, slots=True)
class CrashFound:
    """What the last run was doing when it ended without saying so; `may_use_gpu`: a GPU's driver may have ended it."""

    model_name: str
    model_path: Path
    step: RunStep
    log_file: Path
    may_use_gpu: bool = False

    @property
    def what_happened(self) -> str:
        """For example "Inglenook ended unexpectedly while loading SmolLM2."."""
        return f"Inglenook ended unexpectedly {_DOING[self.step].format(self.model_name)}."

    @property
    def sentence(self) -> str:
        """What happened, and that nothing was loaded for that reason."""
        return f"{self.what_happened} Nothing was loaded. All conversations are here."

    @property
    def may_come_of_saved_states(self) -> bool:
        """Whether a state that was read from disk may have led there; then none is worth keeping."""
        return self.step in (RunStep.RESTORING, RunStep.READING_PROMPT)


def find_crash(marker: RunMarker, log_file: Path) -> CrashFound | None:
    """The newest step that a process which is gone had not ended; None when every run ended well.

    Each is told once: the next call no longer finds it.
    """
    marks = marker.take_left_behind()
    if not marks:
        return None
    mark: RunMark = marks[-1]
    _log.info("a run ended in the step %s of %s, begun %s", mark.step, mark.model_path, mark.began_at)
    return CrashFound(mark.model_name, mark.model_path, mark.step, log_file, mark.may_use_gpu)
