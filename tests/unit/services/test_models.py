"""Which file is taken for a model, what is looked at before it is loaded, and with which parameters it is used."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.errors import CancelledError, ModelCheckError, ModelFileError, ModelLoadError, NoModelError
from app.core.generation import SamplingParameters, TokenBias
from app.core.model import (
    FlashAttention,
    KvCacheType,
    LoadParameters,
    LoadStep,
    LoraAdapter,
    ModelInfo,
    SamplingSource,
    Speculation,
)
from app.core.model_file import TrialOutcome, TrialResult
from app.engine.fake import FakeEngine, FakeScript
from app.engine.guards.fake_checker import FakeModelChecker
from app.services.events import ModelLoading
from app.services.model_files import sha256_of
from app.services.models import ModelService
from tests.included import INCLUDED_MODEL, catalog, model_service
from tests.unit.services.conftest import Parts

pytestmark = pytest.mark.real_model

OnProgress = Callable[[float], None]

CRASH = TrialResult(TrialOutcome.CRASHED, "It made the engine crash.", "SIGSEGV")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A file that is not the included model."""
    path = tmp_path / "other.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    return path


@pytest.fixture
def checker() -> FakeModelChecker:
    return FakeModelChecker()


@pytest.fixture
def models(parts: Parts, checker: FakeModelChecker) -> ModelService:
    """A model service whose checks the test decides on."""
    return model_service(parts.engine, parts.machine, checker)


def load(models: ModelService, path: Path | None, **chosen: LoadParameters | SamplingParameters) -> list[ModelLoading]:
    progress: list[ModelLoading] = []
    models.load(path, CancelToken(), progress.append, **chosen)  # type: ignore[arg-type]
    return progress


def test_the_included_model_brings_its_catalogue_entry_and_checksum(parts: Parts) -> None:
    model = parts.models.current
    assert model is not None
    assert model.name == "SmolLM2 135M"
    assert model.entry is not None
    assert model.entry.tiny
    assert (model.sampling.temperature, model.sampling.top_p) == (0.2, 0.9)
    assert model.sampling_source is SamplingSource.CATALOGUE
    assert model.sha256 == sha256_of(INCLUDED_MODEL, CancelToken()) == model.entry.sha256
    assert parts.engine.model is not None
    assert parts.engine.model.load.chat_template == model.entry.chat_template


def test_another_file_is_used_as_it_is(parts: Parts, other: Path) -> None:
    progress = load(parts.models, other)
    model = parts.models.current
    assert model is not None
    assert model.entry is None
    assert model.name == "other"
    assert model.sampling == SamplingParameters()
    assert model.sampling_source is SamplingSource.DEFAULTS
    assert model.sha256 == sha256_of(other, CancelToken())
    assert progress[0] == ModelLoading("other", 0.0, LoadStep.CHECKING)
    assert progress[-1] == ModelLoading("other", 1.0, LoadStep.LOADING)


def test_the_steps_come_in_order_and_the_trial_only_once(parts: Parts, other: Path) -> None:
    steps = [event.step for event in load(parts.models, other)]
    assert steps == sorted(steps, key=list(LoadStep).index)
    assert set(steps) == set(LoadStep)
    assert LoadStep.TRYING not in {event.step for event in load(parts.models, other)}


def test_the_checksum_s_progress_is_told(tmp_path: Path) -> None:
    large = tmp_path / "large.gguf"
    with large.open("wb") as file:
        file.write(b"GGUF")
        file.truncate(100 << 20)
    fractions: list[float] = []
    sha256_of(large, CancelToken(), fractions.append)
    assert len(fractions) > 3
    assert fractions == sorted(fractions)
    assert 0 < fractions[0] < fractions[-1] <= 1


def test_a_copy_elsewhere_is_recognised_by_its_content(parts: Parts, tmp_path: Path) -> None:
    copy = Path(shutil.copy(INCLUDED_MODEL, tmp_path / "renamed.gguf"))
    assert parts.models.load(copy, CancelToken(), lambda _: None).entry is not None
    with copy.open("r+b") as file:
        file.seek(5_000_000)
        file.write(b"changed")
    assert parts.models.load(copy, CancelToken(), lambda _: None).entry is None


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "does not exist"), (b"", "empty"), (b"PK\x03\x04 zip", "not a GGUF"), ("dir", "folder")],
)
def test_what_cannot_be_a_model_is_refused_and_the_current_one_stays(
    parts: Parts, tmp_path: Path, content: bytes | str | None, words: str
) -> None:
    path = tmp_path / "model.gguf"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "dir":
        path.mkdir()
    before = parts.models.current
    with pytest.raises(ModelFileError, match=words):
        parts.models.load(path, CancelToken(), lambda _: None)
    assert parts.models.current is before is not None
    assert parts.engine.model is not None


def test_a_damaged_included_model_says_so(parts: Parts, tmp_path: Path) -> None:
    damaged = tmp_path / INCLUDED_MODEL.name
    damaged.write_bytes(b"GGUF" + bytes(100))
    known = replace(catalog(), included_path=damaged)
    with pytest.raises(ModelFileError, match="included model is damaged"):
        model_service(FakeEngine(), parts.machine, known=known).load(None, CancelToken(), lambda _: None)


def test_loading_and_checking_can_be_cancelled(parts: Parts, other: Path) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        sha256_of(INCLUDED_MODEL, cancel)
    with pytest.raises(CancelledError):
        parts.models.load(other, cancel, lambda _: None)
    assert parts.models.current is not None, "nothing was given up for a file that was not yet checked"
    with pytest.raises(CancelledError):
        parts.models.load(None, cancel, lambda _: None)
    assert parts.models.current is None


def test_a_file_whose_trial_fails_is_refused_and_the_current_model_stays(
    parts: Parts, models: ModelService, checker: FakeModelChecker, other: Path
) -> None:
    load(models, None)
    before = models.current
    checker.result = CRASH
    with pytest.raises(ModelCheckError, match="engine crash") as caught:
        load(models, other)
    assert caught.value.detail == "SIGSEGV"
    assert models.current is before is not None
    assert parts.engine.model is not None


def test_a_failed_trial_is_remembered_until_it_is_forced_or_the_file_changes(
    models: ModelService, checker: FakeModelChecker, other: Path
) -> None:
    checker.result = CRASH
    for words in ("engine crash", "inglenook probe"):
        with pytest.raises(ModelCheckError, match=words):
            load(models, other)
    assert len(checker.tried) == 1
    checker.result = TrialResult(TrialOutcome.PASSED)
    models.load(other, CancelToken(), lambda _: None, force=True)
    assert len(checker.tried) == 2
    load(models, other)
    assert len(checker.tried) == 2, "the good outcome took the bad one's place"
    other.write_bytes(b"GGUF" + bytes(200))
    load(models, other)
    assert len(checker.tried) == 3


@pytest.mark.parametrize("outcome", [TrialOutcome.REFUSED, TrialOutcome.HUNG, TrialOutcome.KILLED])
def test_a_failure_that_may_lie_in_the_computer_is_not_remembered(
    models: ModelService, checker: FakeModelChecker, other: Path, outcome: TrialOutcome
) -> None:
    checker.result = TrialResult(outcome, "Not now.")
    for _ in range(2):
        with pytest.raises((ModelCheckError, ModelLoadError), match=r"^Not now\.$"):
            load(models, other)
    assert len(checker.tried) == 2


def test_where_no_trial_can_be_made_the_model_is_loaded_all_the_same(
    models: ModelService, checker: FakeModelChecker, other: Path
) -> None:
    checker.result = TrialResult(TrialOutcome.UNTRIED)
    load(models, other)
    assert models.current is not None


def test_on_a_gpu_the_model_in_use_makes_room_for_the_trial(
    parts: Parts, models: ModelService, checker: FakeModelChecker, other: Path
) -> None:
    load(models, None)
    checker.shares_memory = True
    checker.result = CRASH
    with pytest.raises(ModelCheckError):
        load(models, other)
    assert models.current is None
    assert parts.engine.model is None


@pytest.mark.parametrize(
    ("kept_as", "faster", "cost", "flash_attention", "speculation"),
    [
        (KvCacheType.Q8_0, True, 2.0, FlashAttention.ON, Speculation.ON),
        (KvCacheType.F16, True, 2.0, FlashAttention.ON, Speculation.OFF),  # drafting would make prompts slower
        (KvCacheType.Q8_0, False, 7.5, FlashAttention.OFF, Speculation.OFF),
        (KvCacheType.Q8_0, None, None, FlashAttention.AUTO, Speculation.AUTO),
    ],
)
def test_auto_is_what_the_trial_measured(
    models: ModelService,
    checker: FakeModelChecker,
    other: Path,
    kept_as: KvCacheType,
    faster: bool | None,
    cost: float | None,
    flash_attention: FlashAttention,
    speculation: Speculation,
) -> None:
    checker.result = TrialResult(TrialOutcome.PASSED, flash_attention_faster=faster, batch_cost=cost)
    wanted = LoadParameters(path=other, kv_cache_type=kept_as)
    for _ in range(2):  # measured, and remembered
        load(models, other, parameters=wanted)
        assert models.current is not None
        used = models.current.info.load
        assert (used.flash_attention, used.speculation) == (flash_attention, speculation)
        assert models.requested == wanted


def test_what_the_user_set_is_not_overruled_by_the_trial(
    models: ModelService, checker: FakeModelChecker, other: Path
) -> None:
    checker.result = TrialResult(TrialOutcome.PASSED, flash_attention_faster=True, batch_cost=1.0)
    chosen = LoadParameters(path=other, flash_attention=FlashAttention.OFF, speculation=Speculation.OFF)
    load(models, other, parameters=chosen)
    assert models.current is not None
    assert models.current.info.load == chosen


def test_sampling_hints_in_the_header_are_taken_where_they_make_sense(
    parts: Parts, models: ModelService, checker: FakeModelChecker, other: Path
) -> None:
    checker.sampling = (("temperature", 0.15), ("top_k", 20.0), ("top_p", 7.0), ("mirostat", 1))
    model = models.load(other, CancelToken(), lambda _: None)
    assert model.sampling == SamplingParameters(temperature=0.15, top_k=20, mirostat=True)
    assert model.sampling_source is SamplingSource.FILE
    assert models.load(None, CancelToken(), lambda _: None).sampling_source is SamplingSource.CATALOGUE


def test_a_header_that_names_a_known_model_brings_what_its_makers_recommend(
    models: ModelService, checker: FakeModelChecker, other: Path
) -> None:
    checker.name = "Mistral Small 24B Instruct 2501"
    checker.sampling = (("temperature", 0.9), ("top_k", 7))
    model = models.load(other, CancelToken(), lambda _: None)
    assert model.sampling == models.recommended == SamplingParameters(temperature=0.15)
    assert model.sampling_source is SamplingSource.CATALOGUE
    assert (model.entry, model.name) == (None, "other")
    checker.name = "Mistral Small 3.1 24B Instruct 2503"
    model = models.load(other, CancelToken(), lambda _: None)
    assert model.sampling == SamplingParameters(temperature=0.9, top_k=7)
    assert model.sampling_source is SamplingSource.FILE


def test_hints_that_make_no_sense_are_none(models: ModelService, checker: FakeModelChecker, other: Path) -> None:
    checker.sampling = (("temperature", -3.0), ("top_k", 2.5))
    load(models, other)
    assert models.current is not None
    assert models.current.sampling == SamplingParameters()
    assert models.current.sampling_source is SamplingSource.DEFAULTS


def test_chosen_parameters_come_back_with_the_model(parts: Parts, other: Path) -> None:
    load(parts.models, other)
    sampling = SamplingParameters(
        temperature=0.3, stop=("###", "END"), logit_bias=(TokenBias(5, float("-inf")), TokenBias("a", 1.5)), seed=9
    )
    chosen = LoadParameters(
        path=other,
        context_length=2048,
        kv_cache_type=KvCacheType.Q8_0,
        gpu_layers=3,
        device_split=(0.5, 1.0),
        adapters=(LoraAdapter(other, 0.5),),
        draft_model=other,
    )
    model = parts.models.change_parameters(CancelToken(), lambda _: None, load=chosen, sampling=sampling)
    assert (model.info.load, model.sampling) == (chosen, sampling)
    again = model_service(parts.engine, parts.machine)
    load(again, None)
    assert again.requested == LoadParameters(path=INCLUDED_MODEL)
    load(again, other)
    assert again.current is not None
    assert again.requested == chosen
    assert again.current.sampling == sampling


def test_sampling_alone_changes_without_loading_anew(parts: Parts) -> None:
    progress: list[ModelLoading] = []
    sampling = SamplingParameters(temperature=1.0)
    model = parts.models.change_parameters(CancelToken(), progress.append, sampling=sampling)
    assert progress == []
    assert model.sampling == sampling == (parts.models.current or model).sampling
    assert parts.models.recommended == catalog().included.sampling
    load(parts.models, None)
    assert parts.models.current is not None
    assert parts.models.current.sampling == sampling


def test_choosing_the_recommended_values_forgets_the_choice(parts: Parts) -> None:
    recommended = parts.models.recommended
    assert recommended is not None
    for sampling in (SamplingParameters(temperature=1.0), recommended):
        parts.models.change_parameters(CancelToken(), lambda _: None, sampling=sampling)
    assert parts.machine.read("SELECT * FROM model_choices") == []


def test_parameters_given_for_one_load_are_not_kept(parts: Parts, other: Path) -> None:
    load(parts.models, other, parameters=LoadParameters(path=other, context_length=512), sampling=SamplingParameters())
    load(parts.models, other)
    assert parts.models.requested == LoadParameters(path=other)


def test_parameters_with_which_loading_fails_are_not_kept(
    make_parts: Callable[[FakeScript], Parts], other: Path
) -> None:
    parts = make_parts(FakeScript())
    load(parts.models, other)
    parts.engine.script = FakeScript(load_error="Not enough memory.")
    with pytest.raises(ModelLoadError):
        parts.models.change_parameters(
            CancelToken(), lambda _: None, load=LoadParameters(path=other, context_length=1_000_000)
        )
    assert parts.models.current is None
    parts.engine.script = FakeScript()
    load(parts.models, other)
    assert parts.models.requested == LoadParameters(path=other)


def test_stored_parameters_that_make_no_sense_are_left_out(
    parts: Parts, other: Path, caplog: pytest.LogCaptureFixture
) -> None:
    load(parts.models, other)
    parts.models.change_parameters(
        CancelToken(), lambda _: None, sampling=SamplingParameters(top_k=7, logit_bias=(TokenBias(5, 1.0),))
    )
    with parts.machine.transaction() as connection:
        connection.execute(
            """UPDATE model_choices SET load = '{"context_length": "many", "adapters": [1, ["x"]], "draft_model": 4}',
            sampling = '{"top_k": 7, "temperature": -1, "from_the_future": true}'"""
        )
    load(parts.models, other)
    assert parts.models.requested == LoadParameters(path=other)
    assert parts.models.current is not None
    assert parts.models.current.sampling == SamplingParameters(top_k=7)


def test_parameters_cannot_be_changed_without_a_model(parts: Parts) -> None:
    parts.models.unload()
    with pytest.raises(NoModelError):
        parts.models.change_parameters(CancelToken(), lambda _: None, sampling=SamplingParameters())


def test_a_model_that_is_refused_with_other_parameters_is_used_as_it_was(parts: Parts, other: Path) -> None:
    class Small(FakeEngine):
        def load(self, parameters: LoadParameters, cancel: CancelToken, on_progress: OnProgress) -> ModelInfo:
            self.script = FakeScript(load_error="Not enough memory." if parameters.context_length > 5000 else "")
            return super().load(parameters, cancel, on_progress)

    models = model_service(Small(), parts.machine)
    load(models, other)
    sampling = SamplingParameters(temperature=1.0)
    models.change_parameters(CancelToken(), lambda _: None, sampling=sampling)
    with pytest.raises(ModelLoadError, match="Not enough memory"):
        models.change_parameters(
            CancelToken(), lambda _: None, load=LoadParameters(path=other, context_length=1_000_000)
        )
    assert models.current is not None
    assert models.current.info.context_length == 4096
    assert models.current.sampling == sampling
    assert models.requested == LoadParameters(path=other)


def test_what_is_loaded_beside_a_model_is_checked_before_the_model_in_use_is_given_up(
    models: ModelService, checker: FakeModelChecker, other: Path, tmp_path: Path
) -> None:
    load(models, other)
    draft = tmp_path / "draft.gguf"
    draft.write_bytes(b"GGUF" + bytes(50))
    gone = tmp_path / "gone.gguf"
    for beside, words in (
        (LoadParameters(path=other, adapters=(LoraAdapter(gone),)), "The LoRA adapter .*gone.gguf does not exist"),
        (LoadParameters(path=other, draft_model=gone), "gone.gguf does not exist"),
    ):
        with pytest.raises(ModelFileError, match=words):
            load(models, other, parameters=beside)
        assert models.current is not None
    checker.result = CRASH
    with pytest.raises(ModelCheckError, match="It made the engine crash"):
        load(models, other, parameters=LoadParameters(path=other, draft_model=draft))
    assert checker.tried[-1] == LoadParameters(draft)
    assert models.current is not None
    assert models.requested == LoadParameters(path=other)


def test_a_model_that_the_engine_gave_up_is_no_longer_in_use(parts: Parts, other: Path) -> None:
    load(parts.models, other)
    parts.engine.unload()
    assert parts.models.current is None
    with pytest.raises(NoModelError):
        parts.models.change_parameters(CancelToken(), lambda _: None, sampling=SamplingParameters())
