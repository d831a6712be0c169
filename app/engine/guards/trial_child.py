"""The process in which a model file is tried: it may die of the file; what it finds is one JSON object on stdout."""

import json
import os
from pathlib import Path
from typing import Any

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.core.model import LoadParameters
from app.engine.guards.quiet_child import claim_stdout, die_quietly


def main(request: str) -> None:
    """Try the model that `request` (JSON, see app.engine.guards.trial) describes."""
    answer = claim_stdout()
    die_quietly()
    os.write(answer, json.dumps(_tried(json.loads(request))).encode())


def _tried(request: dict[str, Any]) -> dict[str, Any]:
    from app.engine.guards.trial_model import NonsenseError, RefusedError, TrialModel

    try:
        model = TrialModel(
            request["path"], request["gpu_layers"], request["threads"], request.get("expert_layers_on_cpu", 0)
        )
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
