"""Plans joined from the machine, the catalogue, headers and measurements, through real parts."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.errors import (
    CancelledError,
    HubOfflineError,
    InvalidParameterError,
    ModelFileError,
    RepositoryNotFoundError,
)
from app.core.machine import Machine
from app.core.memory import DeviceMemory, MemoryPlan
from app.core.model import KvCacheType, LoadParameters, LoraAdapter
from app.core.model_file import TrialOutcome, TrialResult
from app.core.plan import ModelPlan, SpeedRange, Verdict
from app.core.shape import ModelShape
from app.core.speed import STANDARD_TESTS, SpeedEngine, SpeedMachine, SpeedModel, SpeedReport, SpeedResult, Spread
from app.engine.guards.checker import LlamaModelChecker
from app.engine.guards.gguf import read_header
from app.engine.guards.shape import shape_of
from app.fit.work import active_bytes, active_weights, reading_weights
from app.hub.huggingface import HuggingFaceHub
from app.paths import paths_for
from app.services.machines import MachineService
from app.services.model_files import ModelFiles
from app.services.plans import PlanRequest, PlanService
from app.services.remote_models import RemoteModels
from app.services.speed_text import as_json
from app.storage.database import Database
from app.storage.machine import open_machine
from app.storage.model_checks import ModelCheckStore
from app.storage.speed_reports import SpeedReportStore
from app.storage.verified import VerifiedFiles
from tests.fitting import GIB, computer, rtx_4090
from tests.gguf_files import small_model
from tests.hub_server.contents import Bytes, Content
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer
from tests.included import catalog

ANY = PlanRequest()
NEVER = CancelToken()


class Source:
    """A computer that a test chooses."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    def ask(self, models: Path | None) -> Machine:
        del models
        return self.machine

    def refresh(self, machine: Machine, models: Path | None) -> Machine:
        del machine, models
        return self.machine


class Plans:
    """The service, with what a test changes."""

    def __init__(self, database: Database, endpoint: str) -> None:
        self.source = Source(replace(computer(rtx_4090(), system="Windows"), processor="A processor"))
        self.reports = SpeedReportStore(database)
        self.loaded: MemoryPlan | None = None
        files = ModelFiles(LlamaModelChecker((), Path()), VerifiedFiles(database), ModelCheckStore(database))
        remote = RemoteModels(HuggingFaceHub(endpoint), lambda ranges, label: shape_of(read_header(ranges, label)))
        machines = MachineService(self.source, paths_for().machines)
        self.service = PlanService(machines, catalog(), files, self.reports, remote, lambda: self.loaded)

    def of(self, model: str, request: PlanRequest = ANY, machine: str = "") -> ModelPlan:
        other = self.service.other_machine(machine) if machine else None
        return self.service.plan(model, request, NEVER, other)


@pytest.fixture
def included_model() -> Path:
    return catalog().included_path


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_machine(tmp_path / "machine.db", datetime.now(UTC))
    yield opened.database
    opened.database.close()


@pytest.fixture
def plans(database: Database, hub_server: HubServer) -> Plans:
    return Plans(database, hub_server.endpoint)


def test_a_model_of_the_catalogue_is_planned_by_id_name_or_repository(plans: Plans) -> None:
    found = [
        plans.of(name)
        for name in (
            "mistral-small-24b-2501",
            "Mistral Small 3 24B Instruct 2501",
            "bartowski/Mistral-Small-24B-Instruct-2501-GGUF",
        )
    ]
    assert found[0] == found[1] == found[2]
    assert found[0].best is not None
    assert found[0].best.file.quantization == "Q4_K_M"
    assert [file.file.quantization for file in found[0].files][:2] == ["Q8_0", "Q6_K"]


def test_a_local_file_is_planned_from_its_header(plans: Plans, included_model: Path) -> None:
    plan = plans.of(str(included_model))
    (file,) = plan.files
    assert file.file.quantization == "Q4_1"
    assert file.layer_count == 30
    assert (file.verdict, file.context_length) == (Verdict.ALL_ON_GPU, 8192)
    with pytest.raises(ModelFileError, match="does not exist"):
        plans.of("nowhere/model.gguf")


def test_another_machine_answers_for_itself(plans: Plans) -> None:
    here = plans.of("llama-3.1-8b")
    there = plans.of("llama-3.1-8b", machine="cpu-16gb")
    assert here.machine.name == ""
    assert there.machine.name == "cpu-16gb"
    assert {file.verdict for file in there.files} <= {Verdict.PROCESSOR, Verdict.TOO_LARGE}
    with pytest.raises(InvalidParameterError, match="rtx4090-linux-64gb"):
        plans.of("llama-3.1-8b", machine="a-typewriter")


def test_what_is_named_nowhere_is_said(plans: Plans) -> None:
    with pytest.raises(InvalidParameterError, match="neither a file here, nor in the catalogue"):
        plans.of("what is this")


def test_a_repository_is_planned_from_its_list_and_one_header(plans: Plans, hub_server: HubServer) -> None:
    whole = small_model().to_bytes()
    small, large = whole + bytes(4096), whole + bytes(40960)
    files: dict[str, Content] = {
        "a/Small-Q4_K_M.gguf": Bytes(small),
        "a/Small-Q8_0.gguf": Bytes(large),
        "mmproj-F16.gguf": Bytes(small),
    }
    hub_server.add(ServedRepository("somebody/Small-GGUF", files, license="mit"))
    plan = plans.of("somebody/Small-GGUF")
    assert [file.file.quantization for file in plan.files] == ["Q4_K_M", "Q8_0"]
    assert all(file.memory is not None for file in plan.files)
    (one,) = plans.of("https://huggingface.co/somebody/Small-GGUF:Q8_0").files
    assert one.file.size_bytes == len(large)
    with pytest.raises(InvalidParameterError, match="no file Q2_K"):
        plans.of("somebody/Small-GGUF:Q2_K")
    with pytest.raises(RepositoryNotFoundError):
        plans.of("somebody/else")


def test_a_header_that_is_no_model_s_gives_no_green_light(plans: Plans, hub_server: HubServer) -> None:
    hub_server.add(ServedRepository("somebody/Odd-GGUF", {"Odd-Q4_K_M.gguf": Bytes(b"GGUF" + bytes(5000))}))
    (file,) = plans.of("somebody/Odd-GGUF").files
    assert (file.verdict, file.memory) == (Verdict.UNKNOWN, None)


def test_without_a_network_a_repository_is_a_sentence(database: Database) -> None:
    offline = Plans(database, "http://127.0.0.1:9")
    with pytest.raises(HubOfflineError):
        offline.of("somebody/Small-GGUF")


def test_the_whole_catalogue_is_ranked(plans: Plans) -> None:
    ranked = plans.service.plan_catalogue(ANY, NEVER)
    assert len(ranked) == len(catalog().offers)
    assert len({plan.id for plan in ranked}) == len(ranked)
    best = ranked[0].best
    assert best is not None
    assert best.verdict is Verdict.ALL_ON_GPU
    assert best.writing is not None
    assert best.writing.high >= 10
    places = {plan.id: place for place, plan in enumerate(ranked)}
    assert places["mistral-small-24b-2501"] < places["llama-3.2-3b"] < places["llama-3.3-70b"]
    cancelled = CancelToken()
    cancelled.cancel()
    with pytest.raises(CancelledError):
        plans.service.plan_catalogue(ANY, cancelled)


def test_a_speed_floor_moves_smaller_models_up(plans: Plans) -> None:
    fast = plans.service.plan_catalogue(PlanRequest(speed_floor=90), NEVER)
    places = {plan.id: place for place, plan in enumerate(fast)}
    assert places["llama-3.1-8b"] < places["mistral-small-24b-2501"]


def test_the_model_in_use_makes_room(plans: Plans) -> None:
    plans.source.machine = computer(rtx_4090(free=6 * 10**9), system="Windows")
    full = plans.of("mistral-small-24b-2501").best
    plans.loaded = MemoryPlan((DeviceMemory("CPU", 0, 0, 0), DeviceMemory("CUDA0", 17 * 10**9, 0, 0)))
    freed = plans.of("mistral-small-24b-2501").best
    assert full is None or full.verdict is Verdict.PARTLY_ON_GPU
    assert freed is not None
    assert freed.verdict is Verdict.ALL_ON_GPU
    assert plans.of("mistral-small-24b-2501", machine="m2-max-32gb").best is not None  # nothing is loaded there


def test_a_speed_report_corrects_the_prediction(plans: Plans, included_model: Path) -> None:
    plans.source.machine = computer(cores=2)
    before = plans.of(str(included_model)).files[0]
    assert before.writing is not None
    assert not before.writing.measured
    shape = shape_of(read_header(included_model))
    plans.reports.add("m", "", as_json(_report(shape, writing=33.0, reading=100.0)))
    after = plans.of(str(included_model)).files[0]
    assert after.writing is not None
    assert after.reading is not None
    assert after.writing.measured
    assert after.writing.low <= 33.0 <= after.writing.high
    assert after.writing.high / after.writing.low < 1.2
    assert after.reading.low <= 100.0 <= after.reading.high
    assert not _writing(plans.of(str(included_model), machine="cpu-16gb")).measured


def _writing(plan: ModelPlan) -> SpeedRange:
    writing = plan.files[0].writing
    assert writing is not None
    return writing


def _report(shape: ModelShape, writing: float, reading: float) -> SpeedReport:
    tests = {test.name: test for test in STANDARD_TESTS}
    results = tuple(
        SpeedResult(tests[name], 3, Spread(rate, rate, rate), None, 1.0)
        for name, rate in (("pp512", reading), ("tg128", writing))
    )
    model = SpeedModel(
        name="m",
        file_name="m.gguf",
        size_bytes=1,
        sha256="",
        quantization="Q4_1",
        parameter_count=1,
        device="CPU",
        load=LoadParameters(Path("m.gguf"), gpu_layers=0),
        layer_count=30,
        active_bytes=active_bytes(shape),
        active_weights=round(active_weights(shape)),
        reading_weights=round(reading_weights(shape)),
    )
    return SpeedReport(SpeedMachine("A processor", 2, GIB, "Linux", ()), model, SpeedEngine("e", "1"), results)


def test_a_planner_advises_and_follows_what_is_chosen(plans: Plans, included_model: Path, tmp_path: Path) -> None:
    planner = plans.service.planner(included_model)
    assert planner.advised.context_length == 8192
    assert planner.advised.gpu_layers is None
    whole = planner.plan(planner.advised)
    assert (whole.verdict, whole.fits) == (Verdict.ALL_ON_GPU, True)
    half = planner.plan(replace(planner.advised, gpu_layers=15))
    assert half.verdict is Verdict.PARTLY_ON_GPU
    assert half.reason == "15 of 30 layers on the GPU, the rest on the processor, which is slower."
    none = planner.plan(replace(planner.advised, gpu_layers=0))
    assert none.verdict is Verdict.PROCESSOR
    small = planner.plan(replace(planner.advised, kv_cache_type=KvCacheType.Q8_0))
    assert small.memory.kv_cache_bytes < whole.memory.kv_cache_bytes
    adapter = tmp_path / "adapter.gguf"
    adapter.write_bytes(bytes(5_000_000))
    beside = planner.plan(replace(planner.advised, adapters=(LoraAdapter(adapter), LoraAdapter(tmp_path / "gone"))))
    assert beside.memory.total_bytes - whole.memory.total_bytes == 5_000_000


def test_what_does_not_fit_names_what_would(plans: Plans, included_model: Path) -> None:
    card = replace(rtx_4090(), free_bytes=2 * GIB + 300_000_000)
    plans.source.machine = computer(card, system="Windows")
    planner = plans.service.planner(included_model)
    wanted = LoadParameters(included_model, context_length=8192)
    found = planner.plan(wanted)
    assert (found.verdict, found.fits) == (Verdict.TOO_LARGE, False)
    assert found.reason.startswith("An 8k context is too long for the RTX 4090")
    smaller, shorter = found.remedies
    assert planner.plan(replace(wanted, kv_cache_type=smaller.kv_cache_type)).fits
    assert shorter.context_length < 8192
    assert planner.plan(replace(wanted, context_length=shorter.context_length)).fits
    plans.source.machine = computer(replace(card, free_bytes=2 * GIB + 1000), system="Windows")
    hopeless = plans.service.planner(included_model).plan(wanted)
    assert hopeless.reason.startswith("Too big for the RTX 4090")
    assert not hopeless.remedies


def test_the_engine_itself_reckons_a_file_that_was_loaded_before(
    plans: Plans, database: Database, included_model: Path
) -> None:
    plans.source.machine = computer(cores=2)
    formula = plans.of(str(included_model)).files[0].memory
    facts = LlamaModelChecker((), Path()).read(included_model)
    version = LlamaModelChecker((), Path()).engine_version
    ModelCheckStore(database).remember(included_model, facts.stamp, version, TrialResult(TrialOutcome.PASSED))
    exact = plans.of(str(included_model)).files[0].memory
    assert formula is not None
    assert exact is not None
    assert (exact.weights_bytes, exact.kv_cache_bytes) == (formula.weights_bytes, formula.kv_cache_bytes)
    assert exact.compute_bytes != formula.compute_bytes  # AUTO, not measured: no flash attention
