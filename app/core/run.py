"""What a running application is doing inside llama.cpp, written down so that a crash there can be told."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path


class RunStep(StrEnum):
    """What llama.cpp is asked to do; each may end the process, whatever we do."""

    LOADING = "loading"
    RESTORING = "restoring"  # a saved prompt cache is read
    SAVING = "saving"  # the prompt cache is written to disk
    READING_PROMPT = "reading_prompt"
    WRITING = "writing"
    MEASURING = "measuring"  # a speed test runs


@dataclass(frozen=True, slots=True)
class RunMark:
    """A step with its model, when it began (UTC), and whether a GPU may have had a part in it."""

    step: RunStep
    model_name: str
    model_path: Path
    began_at: datetime
    may_use_gpu: bool = False
