"""The process in which a model file is tried: it may die of the file; what it finds is one JSON object on stdout."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.core.model import Backend, LoadParameters
from app.engine import modules
from app.engine.guards.quiet_child import claim_stdout, die_quietly


def main(request: str) -> None:
    """Try the model that `request` (JSON, see app.engine.guards.trial) describes."""
    answer = claim_stdout()
    die_quietly()
    modules.use_own_libraries_only(os.environ)
    asked = json.loads(request)
    modules.permit(modules.Granted(tuple(asked.get("chosen_backends", ())), tuple(asked.get("gpu_backends", ()))))
    os.write(answer, json.dumps(_tried(asked)).encode())


def _tried(request: dict[str, Any]) -> dict[str, Any]:
    from app.engine.guards.trial_model import NonsenseError, RefusedError, TrialModel

    try:
        model = TrialModel(_parameters(request))
        try:
            model.write()
            return {"outcome": "passed", "on_gpu": model.on_gpu, **(model.measure() if request["measure"] else {})}
        finally:
            model.close()
    except NonsenseError as error:
        return {"outcome": "nonsense", "detail": str(error)}
    except RefusedError as error:
        return _refused(request, str(error))


def _parameters(request: dict[str, Any]) -> LoadParameters:
    return LoadParameters(
        path=Path(request["path"]),
        gpu_layers=request["gpu_layers"],
        threads=request["threads"],
        expert_layers_on_cpu=request.get("expert_layers_on_cpu", 0),
        backend=Backend(request.get("backend", Backend.AUTO)),
    )


def _refused(request: dict[str, Any], detail: str) -> dict[str, Any]:
    """The engine's own sentence for a file that llama.cpp does not load: it is asked to load it as it always does."""
    from app.engine.llama import LlamaEngine

    engine = LlamaEngine()
    try:
        engine.load(replace(_parameters(request), threads=None), CancelToken(), lambda _: None)
    except InglenookError as error:
        return {"outcome": "refused", "sentence": error.sentence, "detail": error.detail or detail}
    engine.unload()
    return {"outcome": "passed", "detail": detail}
