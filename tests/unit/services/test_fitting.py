"""A load held against its plan: what is advised, what is kept, what is said of slowness, what the log gets."""

import json
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.errors import ModelFileError
from app.core.machine import DeviceKind
from app.core.memory import MemoryPlan
from app.core.model import KvCacheType, LoadParameters, ModelInfo
from app.engine.fake import FakeEngine
from app.services.fitting import layers_on_gpu, warnings_of
from app.services.planning import LoadPlanner
from app.storage.database import Database
from tests.included import model_service
from tests.planning import CARD, GB, LAYERS, MACHINE, PROCESSOR, PretendedPlanner

FILE = Path("m.gguf")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "other.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    return path


class TellingEngine(FakeEngine):
    """The fake, with 40 layers and buffers `factor` as large as the plan says."""

    factor = 1.0

    def load(self, parameters: LoadParameters, cancel: CancelToken, on_progress: Callable[[float], None]) -> ModelInfo:
        info = super().load(parameters, cancel, on_progress)
        planned = PretendedPlanner(parameters.path).plan(parameters).memory
        devices = tuple(replace(one, weights_bytes=round(one.weights_bytes * self.factor)) for one in planned.devices)
        self._model = replace(info, layer_count=LAYERS, memory=MemoryPlan(devices))
        return self._model


def info(gpu_layers: int | None, planned_as: int | None = None) -> ModelInfo:
    """A loaded model with so many layers on the GPU, and buffers as `planned_as` layers would have them."""
    parameters = LoadParameters(FILE, gpu_layers=gpu_layers)
    taken = replace(parameters, gpu_layers=gpu_layers if planned_as is None else planned_as)
    memory = PretendedPlanner(FILE).plan(taken).memory
    return ModelInfo(FILE, "m", "llama", "Q4_K_M", 0, 0, 4096, 8192, parameters, layer_count=LAYERS, memory=memory)


def said(loaded: ModelInfo, planned_layers: int | None = None, **more: int | None) -> tuple[str, ...]:
    planned = PretendedPlanner(FILE).plan(LoadParameters(FILE, gpu_layers=planned_layers))
    return warnings_of(MACHINE, planned, loaded, more.get("swapped") or 0, more.get("chosen_layers"))


def test_nothing_is_said_of_a_model_that_is_all_on_the_gpu() -> None:
    assert said(info(None)) == ()
    assert said(info(LAYERS + 1)) == ()


def test_layers_are_counted_where_the_buffers_are() -> None:
    assert layers_on_gpu(info(None)) == LAYERS
    assert layers_on_gpu(info(31)) == 31
    assert layers_on_gpu(info(None, planned_as=0)) == 0, "it asked for all, and the GPU holds nothing"
    assert layers_on_gpu(replace(info(31), memory=None)) == 31


def test_layers_on_the_processor_are_said_with_the_plan_s_reason() -> None:
    (sentence,) = said(info(31), planned_layers=31)
    assert sentence == (
        "Only 31 of 40 layers run on NVIDIA GeForce RTX 4090, the others on the processor, which is slow. "
        "There is room for all of it."
    )


def test_the_plan_s_remedies_are_named() -> None:
    planned = PretendedPlanner(FILE).plan(LoadParameters(FILE, context_length=65536))
    (sentence,) = warnings_of(MACHINE, planned, info(31), 0)
    assert sentence.endswith("What helps: use a q8_0 KV cache, or shorten the context to 32k, or take Q3_K_M.")


def test_a_gpu_that_was_planned_with_and_holds_nothing_is_said() -> None:
    (sentence,) = said(info(None, planned_as=0))
    assert sentence.startswith("The whole model runs on the processor, which is slow, although there is NVIDIA")
    assert "backend may have failed" in sentence


def test_what_the_user_chose_is_no_news() -> None:
    assert said(info(31), planned_layers=31, chosen_layers=31) == ()
    assert said(info(0), planned_layers=0, chosen_layers=0) == ()
    assert said(info(None, planned_as=0), chosen_layers=20) != (), "it was not what was chosen"


def test_an_integrated_gpu_that_the_plan_leaves_alone_is_no_news() -> None:
    small = replace(CARD, kind=DeviceKind.INTEGRATED_GPU)
    machine = replace(MACHINE, devices=(PROCESSOR, small))
    planned = PretendedPlanner(FILE).plan(LoadParameters(FILE, gpu_layers=0))
    assert warnings_of(machine, planned, info(0), 0) == ()


def test_a_gpu_without_a_backend_is_said() -> None:
    alone = replace(MACHINE, devices=(PROCESSOR,))
    assert warnings_of(alone, None, info(0), 0) == ()
    doubt = "NVIDIA's driver knows a GPU that llama.cpp does not list."
    (sentence,) = warnings_of(replace(alone, doubts=("The swap is odd.", doubt)), None, info(0), 0)
    assert doubt in sentence
    assert "swap" not in sentence


def test_a_system_that_swaps_is_said() -> None:
    assert said(info(None), swapped=GB // 10) == ()
    (sentence,) = said(info(None), swapped=GB)
    assert "moved 1.0 GB of memory to the disk" in sentence


def test_what_is_advised_is_how_a_file_is_loaded_for_which_nothing_was_chosen(machine: Database, file: Path) -> None:
    models = model_service(TellingEngine(), machine, planner=PretendedPlanner)
    model = models.load(file, CancelToken(), lambda _: None)
    assert model.info.load.context_length == 16384
    assert models.fitting is not None
    assert models.fitting.planned == PretendedPlanner(file).plan(model.info.load)
    assert models.fitting.actual == model.info.memory
    assert models.fitting.warnings == ()
    models.unload()
    assert models.fitting is None


def test_a_choice_that_equals_the_old_defaults_is_kept(machine: Database, file: Path) -> None:
    models = model_service(TellingEngine(), machine, planner=PretendedPlanner)
    models.load(file, CancelToken(), lambda _: None)
    models.change_parameters(CancelToken(), lambda _: None, load=LoadParameters(file, context_length=4096))
    again = model_service(TellingEngine(), machine, planner=PretendedPlanner)
    assert again.load(file, CancelToken(), lambda _: None).info.load == LoadParameters(file, context_length=4096)


def test_a_choice_stays_whole_when_the_advice_changes(machine: Database, file: Path) -> None:
    models = model_service(TellingEngine(), machine, planner=PretendedPlanner)
    models.load(file, CancelToken(), lambda _: None)
    chosen = LoadParameters(file, context_length=16384, threads=3)
    models.change_parameters(CancelToken(), lambda _: None, load=chosen)
    again = model_service(TellingEngine(), machine, planner=lambda path: PretendedPlanner(path, 8192))
    assert again.load(file, CancelToken(), lambda _: None).info.load == chosen


def test_going_back_to_what_is_advised_forgets_the_choice(machine: Database, file: Path) -> None:
    models = model_service(TellingEngine(), machine, planner=PretendedPlanner)
    models.load(file, CancelToken(), lambda _: None)
    chosen = LoadParameters(file, kv_cache_type=KvCacheType.Q8_0)
    models.change_parameters(CancelToken(), lambda _: None, load=chosen)
    models.change_parameters(CancelToken(), lambda _: None, load=LoadParameters(file, context_length=16384))
    assert machine.read("SELECT * FROM model_choices") == []


@pytest.mark.expects_log_records
def test_a_plan_that_was_far_off_is_logged_with_all_its_inputs(
    machine: Database, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    engine = TellingEngine()
    engine.factor = 1.2
    models = model_service(engine, machine, planner=PretendedPlanner)
    with caplog.at_level(logging.WARNING):
        models.load(file, CancelToken(), lambda _: None)
    (record,) = [record for record in caplog.records if record.levelno == logging.WARNING]
    words, _, inputs = record.getMessage().partition(": ")
    assert words == "the plan was off by +15.3 %"
    logged = json.loads(inputs)
    assert set(logged) == {"parameters", "planned", "actual", "shape", "machine"}
    assert logged["parameters"]["context_length"] == 16384
    assert len(logged["shape"]["layers"]) == LAYERS


def test_a_plan_that_fails_hinders_no_load(machine: Database, file: Path) -> None:
    def fail(_path: Path) -> LoadPlanner:
        raise ModelFileError("The header contradicts itself.")

    models = model_service(TellingEngine(), machine, planner=fail)
    model = models.load(file, CancelToken(), lambda _: None)
    assert model.info.load.context_length == 4096
    assert models.fitting is None


def test_a_load_that_cannot_be_planned_still_says_what_it_took(machine: Database, file: Path) -> None:
    models = model_service(FakeEngine(), machine, planner=PretendedPlanner)
    odd = LoadParameters(file, rope_frequency_base=1.0)
    loaded = models.load(file, CancelToken(), lambda _: None, odd)
    assert models.fitting is not None
    assert (models.fitting.planned, models.fitting.actual) == (None, loaded.info.memory)
