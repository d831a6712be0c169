"""A hub that has what a test says, and fails as it says; `asked` is everything that used the network."""

import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from app.core.cancel import CancelToken
from app.core.errors import InglenookError
from app.core.hub_search import FoundRepository, HubSearch, SearchPage
from app.core.offer import OfferedModel
from app.core.plan import ModelPlan, Verdict
from app.services.hub_search import FoundModel, HubSearchService, ModelCardText
from app.services.plans import PlanRequest
from app.services.remote_models import RemoteModel
from tests.ui.library.fake_plans import GB, file_plan, model_plan

CARD = "# Small\n\nA model for **tests**.\n\n![logo](https://example.org/logo.png)\n\n[Its licence](LICENSE)\n"
FOUND = (
    FoundRepository(
        "somebody/Small-7B-GGUF",
        "https://hub.test/somebody/Small-7B-GGUF",
        downloads=1_234_567,
        likes=12,
        updated=datetime(2026, 3, 1, tzinfo=UTC),
        license="apache-2.0",
        gated=False,
        parameter_count=7_600_000_000,
        context_length=32768,
        abilities=("tools",),
    ),
    FoundRepository("somebody/Gated-GGUF", license="", gated=True, downloads=950),
)


def plan_of(repository: str) -> ModelPlan:
    """The plan of a repository with two files."""
    fits = partial(file_plan, "Small", verdict=Verdict.ALL_ON_GPU, gpu_layers=32, reason="Fits.")
    files = (
        fits(quantization="Q8_0", size=7.6, context=16384, speed=(80, 100)),
        fits(quantization="Q4_K_M", size=4.3, context=32768, speed=(120, 150)),
    )
    return model_plan(repository, repository, files, 1)


@dataclass
class FakeHubSearch(HubSearchService):
    """Pages of results by their number; `errors` are raised once each, in their order."""

    pages: tuple[tuple[FoundRepository, ...], ...] = (FOUND,)
    card: str = CARD
    errors: list[InglenookError] = field(default_factory=list)
    asked: list[object] = field(default_factory=list)
    planned: list[PlanRequest] = field(default_factory=list)
    gate: threading.Event | None = None

    @property
    def name(self) -> str:
        return "hub.test"

    def search(self, query: HubSearch, cancel: CancelToken) -> SearchPage:
        self._ask(query, cancel)
        number = int(query.after or 0)
        return SearchPage(self.pages[number], str(number + 1) if number + 1 < len(self.pages) else "")

    def look_up(self, reference: str, cancel: CancelToken) -> FoundModel:
        self._ask(reference, cancel)
        repository = reference.removeprefix("hf.co/").split(":")[0]
        owner, _, name = repository.partition("/")
        offer = OfferedModel(
            repository, name, owner, repository, "apache-2.0", (), None, 7_600_000_000, 0, 32768, revision="c0ffee"
        )
        return FoundModel(offer, RemoteModel(repository, ()))

    def plan(self, found: FoundModel, request: PlanRequest) -> ModelPlan:
        self.planned.append(request)
        return replace(plan_of(found.offer.repository), name=found.offer.name)

    def model_card(self, repository_id: str, cancel: CancelToken, revision: str = "") -> ModelCardText:
        self._ask((repository_id, revision), cancel)
        return ModelCardText(repository_id, f"https://hub.test/{repository_id}", self.card)

    def account(self, token: str, cancel: CancelToken) -> str:
        self._ask(f"whose is {token}", cancel)
        return "somebody"

    def _ask(self, question: object, cancel: CancelToken) -> None:
        self.asked.append(question)
        while self.gate is not None and not self.gate.is_set():
            cancel.raise_if_cancelled()
            self.gate.wait(0.01)
        if self.errors:
            raise self.errors.pop(0)


LARGEST = round(23.2 * GB / 0.5 + 58 * GB / 0.5)
