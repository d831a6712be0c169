"""What is asked of the hub before a download: a search, a repository's files, its model card, whose token it is."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.cancel import CancelToken
from app.core.hub_search import HubSearch, SearchPage
from app.core.memory import MemoryBudget
from app.core.offer import OfferedModel
from app.core.plan import ModelPlan
from app.hub.base import Hub
from app.network.press import pressed
from app.services.plans import PlanRequest, PlanService
from app.services.remote_models import RemoteModel, RemoteModels

_LEAST_BYTES_PER_PARAMETER = 0.5
"""Below 4 bits a precision loses noticeably; see fit/quality. What needs more memory even so is not worth a search."""


@dataclass(frozen=True, slots=True)
class FoundModel:
    """A repository that was looked up: what is known of the model, and its files."""

    offer: OfferedModel
    remote: RemoteModel


@dataclass(frozen=True, slots=True)
class ModelCardText:
    """A model card in Markdown; empty when there is none. `page` is the address of the repository's page."""

    repository: str
    page: str
    text: str


class HubSearchService:
    """Everything here uses the network, because of a press, but for plan(). Raises HubError and CancelledError."""

    def __init__(self, hub: Hub, remote: RemoteModels, plans: PlanService) -> None:
        self._hub = hub
        self._remote = remote
        self._plans = plans

    @property
    def name(self) -> str:
        """What the hub is called in sentences: its host."""
        return self._hub.name

    def search(self, query: HubSearch, cancel: CancelToken) -> SearchPage:
        """One page of what the hub finds."""
        with pressed("Search pressed"):
            return self._hub.search(query, cancel)

    def look_up(self, reference: str, cancel: CancelToken) -> FoundModel:
        """The files of what `reference` names; see RemoteModels.look_up(). Raises InvalidParameterError too."""
        with pressed("Look up pressed"):
            remote = self._remote.look_up(reference, cancel)
        return FoundModel(_offer(remote), remote)

    def plan(self, found: FoundModel, request: PlanRequest) -> ModelPlan:
        """How its files run on this computer; the hub is not asked again."""
        return self._plans.plan_remote(found.remote, request)

    def model_card(self, repository_id: str, cancel: CancelToken, revision: str = "") -> ModelCardText:
        """What the makers say of a model. Raises RepositoryNotFoundError."""
        with pressed("Model card pressed"):
            repository = self._hub.repository(repository_id, cancel, revision)
            return ModelCardText(repository.id, repository.page, self._hub.model_card(repository, cancel))

    def account(self, token: str, cancel: CancelToken) -> str:
        """The name of the account that a token is of. Raises HubTokenError when it is none's."""
        with pressed("Test pressed"):
            return self._hub.account(token, cancel)


def most_parameters(budgets: Sequence[MemoryBudget]) -> int | None:
    """How many parameters a model can have at most that fits into this memory; None when nothing is known of it."""
    apart = sum(budget.usable_bytes for budget in budgets if not budget.unified)
    usable = max([apart, *(budget.usable_bytes for budget in budgets if budget.unified)])
    return round(usable / _LEAST_BYTES_PER_PARAMETER) if usable else None


def _offer(remote: RemoteModel) -> OfferedModel:
    """What the hub says, in the catalogue's form; a repository is called by its name and its owner is the maker."""
    owner, _, name = remote.repository.partition("/")
    about = remote.about
    return OfferedModel(
        id=remote.repository,
        name=name,
        maker=owner,
        repository=remote.repository,
        license=about.license if about else "",
        files=tuple(file for file, _ in remote.files),
        outline=None,
        parameter_count=about.parameter_count if about else 0,
        active_parameter_count=0,
        context_length=about.context_length if about else 0,
        revision=about.revision if about else "",
        gated=about.gated if about else None,
        source=about.page if about else "",
    )
