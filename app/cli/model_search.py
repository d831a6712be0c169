"""What `inglenook models search` and `show` do."""

import json
from typing import Any

import click

from app.bootstrap import ModelServices, Options, assemble_models
from app.cli import exit_codes
from app.cli.library import ORIGINS, installed_values, matching, printable, scanned
from app.cli.plan import plan_values, print_plan_table
from app.cli.tables import table_lines
from app.cli.terminal import interruptible
from app.core.cancel import CancelToken
from app.core.hub_search import FoundRepository, HubSearch
from app.core.library import InstalledModel
from app.core.offer import OfferedModel
from app.core.plain_json import plain
from app.core.plan import ModelPlan
from app.core.plan_wording import context_words, speed_words, verdict_words
from app.core.quantities import file_size, parameter_count
from app.network.press import pressed
from app.services.plans import PlanRequest

_HEAD = ("MODEL", "NAME", "MAKER", "PARAMETERS", "LICENCE", "BEST HERE", "SIZE", "TOKENS/S")
_RIGHT = (3, 6, 7)
_HUB_HEAD = ("REPOSITORY", "PARAMETERS", "LICENCE", "ACCOUNT", "DOWNLOADS", "ABILITIES")
_HUB_RIGHT = (1, 4)


def search_models(options: Options, text: str, online: bool, as_json: bool) -> int:
    """Print what the catalogue has for `text`, and with `online` what the hub has. Raises InglenookError."""
    with assemble_models(options) as shelf, interruptible() as cancel, pressed("inglenook models search --online"):
        if online:
            found = shelf.hub.search(HubSearch(text), cancel).found
            lines = table_lines(_HUB_HEAD, [_hub_row(one) for one in found], _HUB_RIGHT)
            values: list[Any] = [_hub_values(one) for one in found]
        else:
            offers = [offer for offer in shelf.offers if _holds(offer, text)]
            plans = [shelf.plans.plan(offer.id, PlanRequest(), cancel) for offer in offers]
            lines = table_lines(_HEAD, [_row(*pair) for pair in zip(offers, plans, strict=True)], _RIGHT)
            values = [_values(*pair) for pair in zip(offers, plans, strict=True)]
    if as_json:
        click.echo(json.dumps(values))
    elif values:
        click.echo("\n".join(printable(line) for line in lines))
    else:
        where = "The hub has" if online else "The catalogue has"
        hint = "" if online else " Try --online to ask the hub."
        click.echo(f'{where} no model for "{text}".{hint}')
    return exit_codes.DONE


def show_model(options: Options, name: str, as_json: bool) -> int:
    """Print what is known of a model and its plan for this computer. Raises InglenookError."""
    with assemble_models(options) as shelf, interruptible() as cancel, pressed("inglenook models show"):
        listed = scanned(shelf.library, cancel)
        offer = shelf.plans.offer(name)
        here = [m for m in listed if offer and m.repository == offer.repository] or matching(listed, name)
        plan = _plan(shelf, name, offer, here, cancel)
    if as_json:
        facts = {"catalogue": plain(offer) if offer else None, "installed": [installed_values(model) for model in here]}
        click.echo(json.dumps({**facts, "plan": plan_values(plan)}))
        return exit_codes.DONE
    for line in [*(_facts(offer) if offer else []), *(_here(model) for model in here)]:
        click.echo(printable(line))
    click.echo()
    print_plan_table(plan)
    return exit_codes.DONE


def _plan(
    shelf: ModelServices, name: str, offer: OfferedModel | None, here: list[InstalledModel], cancel: CancelToken
) -> ModelPlan:
    """The plan of the catalogue's model, else of the file on this computer, else of what the hub has."""
    there = next((model for model in here if not model.is_missing), None)
    called = offer.id if offer else str(there.path) if there else name
    return shelf.plans.plan(called, PlanRequest(), cancel)


def _holds(offer: OfferedModel, text: str) -> bool:
    words = f"{offer.id} {offer.name} {offer.maker} {offer.repository} {' '.join(offer.abilities)}".casefold()
    return all(word in words for word in text.casefold().split())


def _row(offer: OfferedModel, plan: ModelPlan) -> tuple[str, ...]:
    best = plan.best
    return (
        offer.id,
        offer.name,
        offer.maker,
        parameter_count(offer.parameter_count),
        offer.license,
        f"{best.file.quantization}, {verdict_words(best)}" if best else "none",
        file_size(best.file.size_bytes) if best else "–",
        speed_words(best.writing if best else None),
    )


def _values(offer: OfferedModel, plan: ModelPlan) -> dict[str, Any]:
    return {
        "id": offer.id,
        "name": offer.name,
        "maker": offer.maker,
        "repository": offer.repository,
        "license": offer.license,
        "gated": offer.gated,
        "parameters": offer.parameter_count,
        "context_length": offer.context_length,
        "abilities": list(offer.abilities),
        "best": plan.best.file.name if plan.best else None,
    }


def _hub_row(found: FoundRepository) -> tuple[str, ...]:
    account = {True: "needed", False: "none", None: "–"}[found.gated]
    return (
        found.id,
        parameter_count(found.parameter_count) if found.parameter_count else "–",
        found.license or "–",
        account,
        f"{found.downloads:,}" if found.downloads is not None else "–",
        ", ".join(found.abilities) or "–",
    )


def _hub_values(found: FoundRepository) -> dict[str, Any]:
    return {**plain(found), "updated": found.updated.isoformat() if found.updated else None}


def _facts(offer: OfferedModel) -> list[str]:
    account = {True: "; the hub asks for an account", False: "", None: ""}[offer.gated]
    return [
        f"{offer.name} by {offer.maker}, {parameter_count(offer.parameter_count)} parameters",
        f"Licence: {offer.license}{account}",
        f"Context: {context_words(offer.context_length)}",
        f"Good at: {', '.join(offer.abilities) or 'chat'}",
        f"Repository: {offer.repository}",
    ]


def _here(model: InstalledModel) -> str:
    state = "missing" if model.is_missing else file_size(model.size_bytes)
    return f"On this computer: {model.name} {model.quantization}, {state}, {ORIGINS[model.origin]}: {model.path}"
