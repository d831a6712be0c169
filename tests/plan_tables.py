"""Writes down what is advised for every recorded machine, so that a change of it is a decision that the diff shows.

`python -m tests.plan_tables` writes tests/data/plans/ and the table in app/fit/README.md anew.
"""

from pathlib import Path

from app.core.machine import Machine
from app.core.plan import FilePlan, ModelPlan
from app.core.plan_wording import context_words, speed_words, verdict_words
from app.core.quantities import gigabytes
from app.paths import paths_for
from app.services.catalog import Catalog, read_catalog
from app.services.planning import plan_offer, site_of
from app.services.plans import PlanRequest

REPOSITORY = Path(__file__).resolve().parents[1]
FOLDER = REPOSITORY / "tests" / "data" / "plans"
README = REPOSITORY / "app" / "fit" / "README.md"
BEGIN, END = "<!-- plans: begin -->", "<!-- plans: end -->"
MODELS = (
    "mistral-small-24b-2501",
    "llama-3.3-70b",
    "llama-3.1-8b",
    "llama-3.2-3b",
    "qwen2.5-32b",
    "gemma-2-27b",
    "phi-4-14b",
    "ministral-8b-2410",
    "ministral-3-3b-2512",
    "deepseek-r1-distill-qwen-1.5b",
    "deepseek-r1-distill-qwen-7b",
    "deepseek-r1-distill-llama-8b",
    "deepseek-r1-distill-qwen-14b",
    "deepseek-r1-distill-qwen-32b",
    "deepseek-r1-distill-llama-70b",
    "qwen3-30b-a3b-2507",
    "gpt-oss-20b",
)
SHORT = ("mistral-small-24b-2501", "llama-3.3-70b", "llama-3.1-8b", "qwen2.5-32b", "phi-4-14b", "ministral-3-3b-2512")


def catalog() -> Catalog:
    """The catalogue as it ships."""
    paths = paths_for()
    return read_catalog(paths.catalog, paths.models)


def plans_on(machine: Machine, known: Catalog, models: tuple[str, ...] = MODELS) -> list[ModelPlan]:
    """The plans of these models, nothing asked for and nothing measured."""
    site = site_of(machine)
    offers = [known.offer(model) for model in models]
    return [plan_offer(offer, site, PlanRequest()) for offer in offers if offer is not None]


def machine_table(machine: Machine, known: Catalog) -> str:
    """Every precision of every model on a machine, with its reason."""
    blocks = []
    for plan in plans_on(machine, known):
        best = plan.best.file.quantization if plan.best else "none"
        blocks.append(f"{plan.name} — best: {best}")
        blocks += [_line(file) for file in plan.files]
        blocks.append("")
    return "\n".join(blocks)


def _line(file: FilePlan) -> str:
    memory = gigabytes(file.memory.total_bytes) if file.memory else "-"
    context = context_words(file.context_length) if file.context_length else "-"
    cells = (
        f"{file.file.quantization:9}",
        f"{verdict_words(file):46}",
        f"{context:>7} {file.kv_cache_type.value:5}",
        f"{memory:>9}",
        f"{speed_words(file.writing):>9} tok/s",
        file.reason,
    )
    return "  " + "  ".join(cells)


def short_table(machines: list[Machine], known: Catalog) -> str:
    """A row for every machine: the best file of the best-known models, and where it runs."""
    names = [offer.name for model in SHORT if (offer := known.offer(model)) is not None]
    lines = [f"| machine | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for machine in machines:
        cells = [_cell(plan) for plan in plans_on(machine, known, SHORT)]
        lines.append(f"| `{machine.name}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(plan: ModelPlan) -> str:
    if plan.best is None:
        return "too large"
    best = plan.best
    cache = "" if best.kv_cache_type.value == "f16" else f", {best.kv_cache_type.value} cache"
    return f"{best.file.quantization}, {verdict_words(best)}, {context_words(best.context_length)}{cache}"


def with_table(readme: str, table: str) -> str:
    """The README with this table between its marks."""
    before, _, rest = readme.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table}\n\n{END}{rest.partition(END)[2]}"


def write() -> None:
    """Write everything anew."""
    from tests.recorded import recorded_machines

    known, machines = catalog(), recorded_machines()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.glob("*.txt"):
        old.unlink()
    for machine in machines:
        (FOLDER / f"{machine.name}.txt").write_text(machine_table(machine, known), encoding="utf-8")
    readme = with_table(README.read_text(encoding="utf-8"), short_table(machines, known))
    README.write_text(readme, encoding="utf-8")


if __name__ == "__main__":
    write()
