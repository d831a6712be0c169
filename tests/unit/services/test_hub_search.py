"""What is asked of the hub before a download, with the real client and a server on loopback."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.cancel import CancelToken
from app.core.errors import GatedError, HubTokenError, InvalidParameterError
from app.core.hub_search import HubSearch
from app.core.memory import MemoryBudget
from app.core.plan import Verdict
from app.engine.guards.checker import LlamaModelChecker
from app.engine.guards.gguf import read_header
from app.engine.guards.shape import shape_of
from app.hub.huggingface import HuggingFaceHub
from app.paths import paths_for
from app.services.hub_search import HubSearchService, most_parameters
from app.services.machines import MachineService
from app.services.model_files import ModelFiles
from app.services.plans import PlanRequest, PlanService
from app.services.remote_models import RemoteModels
from app.storage.database import Database
from app.storage.machine import open_machine
from app.storage.model_checks import ModelCheckStore
from app.storage.speed_reports import SpeedReportStore
from app.storage.verified import VerifiedFiles
from tests.fitting import computer, rtx_4090
from tests.gguf_files import small_model
from tests.hub_server.contents import Bytes, Content
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer
from tests.included import catalog
from tests.unit.services.test_plans import Source

GB = 10**9
ID = "somebody/Small-7B-GGUF"
GATED = "somebody/Gated-GGUF"
NEVER = CancelToken()
CARD = b"---\nlicense: mit\n---\n# Small\n\nWords.\n"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_machine(tmp_path / "machine.db", datetime.now(UTC))
    yield opened.database
    opened.database.close()


@pytest.fixture
def service(database: Database, hub_server: HubServer) -> HubSearchService:
    model = Bytes(small_model().to_bytes())
    contents: dict[str, Content] = {"README.md": Bytes(CARD), "Small-Q4_K_M.gguf": model, "Small-Q8_0.gguf": model}
    hub_server.add(ServedRepository(ID, contents, license="mit"))
    hub_server.add(ServedRepository(GATED, {"Small-Q4_K_M.gguf": model}, gated="auto"))
    hub = HuggingFaceHub(hub_server.endpoint)
    remote = RemoteModels(hub, lambda ranges, label: shape_of(read_header(ranges, label)))
    model_files = ModelFiles(LlamaModelChecker((), Path()), VerifiedFiles(database), ModelCheckStore(database))
    machines = MachineService(Source(replace(computer(rtx_4090()), processor="A processor")), paths_for().machines)
    plans = PlanService(machines, catalog(), model_files, SpeedReportStore(database), remote)
    return HubSearchService(hub, remote, plans)


def test_a_search_a_look_at_the_files_and_a_plan(service: HubSearchService, hub_server: HubServer) -> None:
    (found,) = service.search(HubSearch("small-7b"), NEVER).found
    assert (found.id, found.license) == (ID, "mit")
    model = service.look_up(found.id, NEVER)
    assert (model.offer.name, model.offer.maker, model.offer.license) == ("Small-7B-GGUF", "somebody", "mit")
    assert len(model.offer.revision) == 40
    assert [file.quantization for file in model.offer.files] == ["Q4_K_M", "Q8_0"]
    asked = len(hub_server.requests)
    plan = service.plan(model, PlanRequest())
    assert {file.verdict for file in plan.files} == {Verdict.ALL_ON_GPU}
    assert len(hub_server.requests) == asked, "a plan asks nobody"


def test_an_address_that_ends_like_a_file_is_one_of_the_hub(service: HubSearchService) -> None:
    model = service.look_up(f"https://huggingface.co/{ID}/blob/main/Small-Q8_0.gguf", NEVER)
    assert [file.name for file, _ in model.remote.files] == ["Small-Q8_0.gguf"]
    with pytest.raises(InvalidParameterError, match="no file Q2_K"):
        service.look_up(f"hf.co/{ID}:Q2_K", NEVER)


def test_a_model_card_comes_without_its_facts_for_machines(service: HubSearchService) -> None:
    card = service.model_card(ID, NEVER)
    assert card.repository == ID
    assert card.text.strip() == "# Small\n\nWords."
    assert card.page.endswith(ID)


def test_a_gated_repository_says_on_which_page_one_agrees(service: HubSearchService) -> None:
    with pytest.raises(GatedError) as refused:
        service.look_up(GATED, NEVER)
    assert refused.value.page.endswith(GATED)


def test_whose_a_token_is(service: HubSearchService, hub_server: HubServer) -> None:
    assert service.account(hub_server.token, NEVER) == "somebody"
    with pytest.raises(HubTokenError):
        service.account("hf_no", NEVER)


def test_how_large_a_model_can_be_that_fits() -> None:
    ram = MemoryBudget("CPU", "System memory", 64 * GB, 60 * GB, 40 * GB)
    card = MemoryBudget("CUDA0", "A card", 24 * GB, 23 * GB, 20 * GB)
    assert most_parameters((ram, card)) == 120 * GB
    assert most_parameters((ram, replace(card, unified=True))) == 80 * GB, "it is a part of the same memory"
    assert most_parameters(()) is None
