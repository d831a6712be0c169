"""The process in which a model file is tried: it may die of the file; what it finds is one JSON object on stdout."""

import json
import os
import sys
from pathlib import Path
from typing import Any

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.core.model import LoadParameters

_NO_WINDOWS_DIALOGS = (
    0x0001 | 0x0002 | 0x8000
)  # SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX


def main(request: str) -> None:
    """Try the model that `request` (JSON, see app.engine.guards.trial) describes."""
    answer = _claim_stdout()
    _die_quietly()
    os.write(answer, json.dumps(_tried(json.loads(request))).encode())


def _claim_stdout() -> int:
    """A descriptor of stdout for the answer alone: what llama.cpp or a driver prints goes to stderr from now on."""
    answer = os.dup(1)
    os.dup2(2, 1)
    return answer


def _die_quietly() -> None:
    """No core file, no debugger and no dialog when llama.cpp crashes: it is expected here."""
    os.environ["GGML_NO_BACKTRACE"] = "1"
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.kernel32.SetErrorMode(_NO_WINDOWS_DIALOGS)
    else:
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _tried(request: dict[str, Any]) -> dict[str, Any]:
    from app.engine.guards.trial_model import NonsenseError, RefusedError, TrialModel

    try:
        model = TrialModel(request["path"], request["gpu_layers"], request["threads"])
        try:
            model.write()
            return {"outcome": "passed", **(model.measure() if request["measure"] else {})}
        finally:
            model.close()
    except NonsenseError as error:
        return {"outcome": "nonsense", "detail": str(error)}
    except RefusedError as error:
        return _refused(request, str(error))


def _refused(request: dict[str, Any], detail: str) -> dict[str, Any]:
    """The engine's own sentence for a file that llama.cpp does not load: it is asked to load it as it always does."""
    from app.engine.llama import LlamaEngine

    engine = LlamaEngine()
    try:
        engine.load(LoadParameters(path=Path(request["path"])), CancelToken(), lambda _: None)
    except InglenookError as error:
        return {"outcome": "refused", "sentence": error.sentence, "detail": error.detail or detail}
    engine.unload()
    return {"outcome": "passed", "detail": detail}
