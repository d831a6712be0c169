"""Finds what somebody means by the name of a model to download, and which of its files suits this computer."""

from dataclasses import dataclass

from app.core.cancel import CancelToken
from app.core.errors import InvalidParameterError
from app.core.hub_reference import HubReference, parse_reference
from app.core.offer import OfferedModel
from app.core.plan import FilePlan, ModelPlan
from app.services.plans import PlanRequest, PlanService


@dataclass(frozen=True, slots=True)
class DownloadChoice:
    """A file to download with its plan; `is_advised`: nobody named its precision, it is the best for this computer.

    `license` and `revision` are empty when they are not known.
    """

    name: str
    repository: str
    revision: str
    plan: FilePlan
    is_advised: bool
    license: str = ""


def choose_download(plans: PlanService, text: str, request: PlanRequest, cancel: CancelToken) -> DownloadChoice:
    """What `text` means: a model of the catalogue by id or name, "owner/name" or its address; each may have ":Q4_K_M".

    Raises InvalidParameterError, which names what there is, HubError, CancelledError.
    """
    named, precision = _named_offer(plans, text)
    if named is not None:
        plan = plans.plan(named.id, request, cancel)
        file, is_advised = _file(plan, precision, text)
        return DownloadChoice(named.name, named.repository, named.revision, file, is_advised, named.license)
    reference = parse_reference(text)
    if reference is None:
        raise InvalidParameterError(
            f'There is no model "{text}": it is neither in the catalogue nor the "owner/name" of a repository.'
        )
    plan = plans.plan(text, request, cancel)
    # What the text names beyond the repository has chosen among the files already.
    file, is_advised = (plan.files[0], False) if _says_which(reference) else _file(plan, "", text)
    name = reference.repository.partition("/")[2].removesuffix("-GGUF")
    return DownloadChoice(name, reference.repository, reference.revision, file, is_advised)


def _named_offer(plans: PlanService, text: str) -> tuple[OfferedModel | None, str]:
    """The model of the catalogue, and the precision that stands behind a colon in upper case.

    A repository of the catalogue is none here: its address may ask for a file that the catalogue does not list.
    """
    if parse_reference(text) is not None:
        return None, ""
    whole = plans.offer(text)
    if whole is not None:
        return whole, ""
    name, _, precision = text.rpartition(":")
    return (plans.offer(name) if name else None), precision.strip().upper()


def _says_which(reference: HubReference) -> bool:
    return bool(reference.quantization or reference.file)


def _file(plan: ModelPlan, precision: str, text: str) -> tuple[FilePlan, bool]:
    if precision:
        found = next((file for file in plan.files if file.file.quantization.upper() == precision), None)
        if found is None:
            raise InvalidParameterError(f"{plan.name} has no precision {precision}. There are: {_precisions(plan)}.")
        return found, False
    if plan.best is not None:
        return plan.best, True
    if len(plan.files) == 1:
        return plan.files[0], False
    raise InvalidParameterError(
        f"No precision of {plan.name} is known to run well on this computer. Name one to download it all the same, for "
        f"example {text}:{plan.files[-1].file.quantization}. There are: {_precisions(plan)}."
    )


def _precisions(plan: ModelPlan) -> str:
    return ", ".join(dict.fromkeys(file.file.quantization or file.file.name for file in plan.files))
