"""A GPU that fails leaves the model on the processor, with the sentence that says so; the choice stays the user's."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.model import Backend, LoadParameters
from app.core.model_file import TrialOutcome, TrialResult
from app.engine.guards.fake_checker import FakeModelChecker
from app.services.fitting import warnings_of
from app.services.models import ModelService
from tests.included import model_service
from tests.recorded import recorded_machines
from tests.unit.services.conftest import Parts

pytestmark = pytest.mark.real_model

FAULT = "The GPU's driver crashed in a trial of other, so it runs on the processor."
PASSED = TrialResult(TrialOutcome.PASSED, on_gpu=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file that is taken for a model."""
    path = tmp_path / "other.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    return path


@pytest.fixture
def checker() -> FakeModelChecker:
    """Trials on a computer with a GPU."""
    checker = FakeModelChecker(PASSED)
    checker.shares_memory = True
    return checker


@pytest.fixture
def models(parts: Parts, checker: FakeModelChecker) -> ModelService:
    """A model service whose trials the test decides on."""
    return model_service(parts.engine, parts.machine, checker)


def load(models: ModelService, path: Path, backend: Backend = Backend.AUTO) -> None:
    """Load it, with a backend of one's choice."""
    models.load(path, CancelToken(), lambda _: None, LoadParameters(path, backend=backend))


def backend_in_use(models: ModelService) -> Backend:
    """What the engine was told."""
    assert models.current is not None
    return models.current.info.load.backend


def test_a_fault_in_the_trial_puts_the_model_on_the_processor_and_is_remembered(
    models: ModelService, checker: FakeModelChecker, path: Path
) -> None:
    checker.result = replace(PASSED, gpu_fault=FAULT)
    for _ in range(2):
        load(models, path)
        assert backend_in_use(models) is Backend.CPU
        assert models.current is not None
        assert models.current.info.gpu_fault == FAULT
        assert models.requested is not None
        assert models.requested.backend is Backend.AUTO, "what was asked for stays as it was"
    assert len(checker.tried) == 1


def test_choosing_a_backend_tries_the_gpu_again(models: ModelService, checker: FakeModelChecker, path: Path) -> None:
    checker.result = replace(PASSED, gpu_fault=FAULT)
    load(models, path)
    checker.result = PASSED
    chosen = LoadParameters(path, backend=Backend.VULKAN)
    models.change_parameters(CancelToken(), lambda _: None, load=chosen)
    assert backend_in_use(models) is Backend.VULKAN
    assert models.current is not None
    assert models.current.info.gpu_fault == ""
    assert [parameters.backend for parameters in checker.tried] == [Backend.AUTO, Backend.VULKAN]
    load(models, path)
    assert backend_in_use(models) is Backend.AUTO, "the better verdict is remembered"


def test_the_processor_alone_needs_no_word_of_the_gpu(
    models: ModelService, checker: FakeModelChecker, path: Path
) -> None:
    checker.result = replace(PASSED, gpu_fault=FAULT)
    load(models, path, Backend.CPU)
    assert models.current is not None
    assert models.current.info.gpu_fault == ""


def test_a_file_that_was_tried_on_the_processor_is_tried_on_the_gpu_before_it_goes_there(
    models: ModelService, checker: FakeModelChecker, path: Path
) -> None:
    checker.result = TrialResult(TrialOutcome.PASSED)
    load(models, path, Backend.CPU)
    checker.result = PASSED
    load(models, path)
    load(models, path)
    load(models, path, Backend.CPU)
    assert [parameters.backend for parameters in checker.tried] == [Backend.CPU, Backend.AUTO]


def test_a_gpu_that_is_left_in_mid_use_is_told_of(parts: Parts, models: ModelService, path: Path) -> None:
    load(models, path)
    before = models.current
    assert before is not None
    moved = replace(before.info, device="CPU, 2 threads", gpu_fault="The GPU failed.")
    parts.engine._model = moved
    assert models.current == replace(before, info=moved)


def test_a_fault_is_the_first_thing_that_is_said_of_slowness(models: ModelService, path: Path) -> None:
    load(models, path)
    assert models.current is not None
    info = replace(models.current.info, gpu_fault=FAULT)
    assert warnings_of(recorded_machines()[0], None, info, 0) == (FAULT,)
