"""What the name of a model to download means, and which of its files is taken."""

from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.errors import InvalidParameterError
from app.core.machine import Machine
from app.core.plan import Verdict
from app.engine.guards.checker import LlamaModelChecker
from app.engine.guards.gguf import read_header
from app.engine.guards.shape import shape_of
from app.hub.huggingface import HuggingFaceHub
from app.paths import paths_for
from app.services.download_choice import DownloadChoice, choose_download
from app.services.machines import MachineService
from app.services.model_files import ModelFiles
from app.services.plans import PlanRequest, PlanService
from app.services.remote_models import RemoteModels
from app.storage.database import Database
from app.storage.model_checks import ModelCheckStore
from app.storage.speed_reports import SpeedReportStore
from app.storage.verified import VerifiedFiles
from tests.fitting import GIB, computer, rtx_4090
from tests.gguf_files import small_model
from tests.hub_server.contents import Bytes
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer
from tests.included import catalog

MISTRAL = "bartowski/Mistral-Small-24B-Instruct-2501-GGUF"
SMALL = "somebody/Small-GGUF"


class _Source:
    """A computer with an RTX 4090, or the one that a test chooses."""

    machine = computer(rtx_4090(), system="Windows")

    def ask(self, _models: Path | None) -> Machine:
        return self.machine

    def refresh(self, machine: Machine, _models: Path | None) -> Machine:
        return machine


@pytest.fixture
def plans(machine: Database, hub_server: HubServer) -> PlanService:
    model = small_model().to_bytes()
    files = {f"Small-{kind}.gguf": Bytes(model.ljust(size, b"\0")) for kind, size in (("Q4_K_M", 9000), ("Q8_0", 9999))}
    hub_server.add(ServedRepository(SMALL, {**files, "sub/Other-F16.gguf": Bytes(model)}, license="mit"))
    checked = ModelFiles(LlamaModelChecker((), Path()), VerifiedFiles(machine), ModelCheckStore(machine))
    hub = HuggingFaceHub(hub_server.endpoint)
    remote = RemoteModels(hub, lambda ranges, label: shape_of(read_header(ranges, label)))
    machines = MachineService(_Source(), paths_for().machines)
    return PlanService(machines, catalog(), checked, SpeedReportStore(machine), remote)


def _choose(plans: PlanService, text: str) -> DownloadChoice:
    return choose_download(plans, text, PlanRequest(), CancelToken())


@pytest.mark.parametrize("text", ["mistral-small-24b-2501", "Mistral Small 3 24B Instruct 2501"])
def test_a_model_of_the_catalogue_comes_in_the_precision_that_is_advised(plans: PlanService, text: str) -> None:
    choice = _choose(plans, text)
    assert (choice.repository, choice.license) == (MISTRAL, "Apache-2.0")
    assert (choice.plan.file.quantization, choice.is_advised) == ("Q4_K_M", True)
    assert choice.plan.reason


def test_a_precision_behind_a_colon_is_taken_whatever_is_advised(plans: PlanService) -> None:
    choice = _choose(plans, "mistral-small-24b-2501:q8_0")
    assert (choice.plan.file.quantization, choice.is_advised) == ("Q8_0", False)


def test_a_precision_that_there_is_not_is_answered_by_those_that_there_are(plans: PlanService) -> None:
    with pytest.raises(InvalidParameterError, match=r"no precision Q9_9.*Q8_0, Q6_K"):
        _choose(plans, "mistral-small-24b-2501:Q9_9")


def test_a_repository_is_asked_what_it_has(plans: PlanService) -> None:
    choice = _choose(plans, SMALL)
    assert choice.is_advised
    assert (choice.repository, choice.name) == (SMALL, "Small")


@pytest.mark.parametrize(
    ("text", "file"),
    [
        (f"{SMALL}:Q4_K_M", "Small-Q4_K_M.gguf"),
        (f"hf.co/{SMALL}:Q8_0", "Small-Q8_0.gguf"),
        (f"https://huggingface.co/{SMALL}/blob/main/sub/Other-F16.gguf", "sub/Other-F16.gguf"),
        (f"{SMALL}:Small-Q8_0.gguf", "Small-Q8_0.gguf"),
    ],
)
def test_an_address_may_say_which_file(plans: PlanService, text: str, file: str) -> None:
    choice = _choose(plans, text)
    assert (choice.repository, choice.plan.file.name, choice.is_advised) == (SMALL, file, False)


def test_what_is_too_large_is_fetched_only_when_its_precision_is_named(
    plans: PlanService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Source, "machine", computer(ram=4 * GIB, free=2 * GIB))
    with pytest.raises(InvalidParameterError, match=r"Name one .* llama-3\.3-70b:"):
        _choose(plans, "llama-3.3-70b")
    choice = _choose(plans, "llama-3.3-70b:Q4_K_M")
    assert (choice.plan.verdict, choice.is_advised) == (Verdict.TOO_LARGE, False)


@pytest.mark.parametrize("text", ["nothing like it", "", ":Q4_K_M", "/home/x/model.gguf"])
def test_what_names_nothing_is_a_sentence(plans: PlanService, text: str) -> None:
    with pytest.raises(InvalidParameterError, match="There is no model"):
        _choose(plans, text)
