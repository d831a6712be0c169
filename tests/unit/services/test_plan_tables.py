"""What is advised for the recorded machines is as it was reviewed: a change shows in the diff of tests/data/plans."""

import pytest

from app.core.machine import Machine
from app.core.plan import ModelPlan, Verdict
from app.services.catalog import Catalog
from tests.plan_tables import FOLDER, MODELS, README, catalog, machine_table, plans_on, short_table, with_table
from tests.recorded import recorded_machines

MACHINES = {machine.name: machine for machine in recorded_machines()}
CHANGED = "What is advised has changed. If that is meant, run: python -m tests.plan_tables"
MACS_OF_32_GB = ("m1-pro-32gb", "m2-max-32gb", "m4-32gb")
WINDOWS = "rtx4090-windows-64gb"


@pytest.fixture(scope="module")
def known() -> Catalog:
    return catalog()


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())
def test_the_table_of_a_machine(machine: Machine, known: Catalog) -> None:
    reviewed = (FOLDER / f"{machine.name}.txt").read_text(encoding="utf-8")
    assert machine_table(machine, known).splitlines() == reviewed.splitlines(), CHANGED


def test_there_is_a_table_for_every_machine_and_no_other() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(MACHINES)


def test_the_short_table_in_the_readme(known: Catalog) -> None:
    readme = README.read_text(encoding="utf-8")
    assert readme == with_table(readme, short_table(list(MACHINES.values()), known)), CHANGED


def of(name: str, model: str, known: Catalog) -> ModelPlan:
    (plan,) = plans_on(MACHINES[name], known, (model,))
    return plan


def test_every_model_is_answered_on_every_machine(known: Catalog) -> None:
    for machine in MACHINES.values():
        plans = plans_on(machine, known)
        assert [plan.id for plan in plans] == list(MODELS)
        for plan in plans:
            assert plan.files
            assert all(file.reason and file.verdict is not Verdict.UNKNOWN for file in plan.files), plan.id


@pytest.mark.parametrize("name", [WINDOWS, *MACS_OF_32_GB])
def test_the_reference_precision_fits_where_it_is_promised(name: str, known: Catalog) -> None:
    plan = of(name, "mistral-small-24b-2501", known)
    assert plan.best is not None
    assert plan.best.file.quantization == "Q4_K_M"
    assert plan.best.verdict is Verdict.ALL_ON_GPU
    assert plan.best.context_length >= (32_768 if name == WINDOWS else 16_384)


def test_the_other_precisions_on_the_rtx_4090(known: Catalog) -> None:
    files = {file.file.quantization: file for file in of(WINDOWS, "mistral-small-24b-2501", known).files}
    assert (files["Q5_K_M"].verdict, files["Q5_K_M"].kv_cache_type.value) == (Verdict.ALL_ON_GPU, "q8_0")
    assert files["Q8_0"].verdict is Verdict.PARTLY_ON_GPU
    speed = files["Q4_K_M"].writing
    assert speed is not None
    assert 45 <= speed.low <= speed.high <= 70
    eight = {file.file.quantization: file for file in of(WINDOWS, "llama-3.1-8b", known).files}["Q4_K_M"].writing
    assert eight is not None
    assert 110 <= eight.low <= eight.high <= 160


@pytest.mark.parametrize("name", ["rtx4090-linux-64gb", WINDOWS, *MACS_OF_32_GB])
def test_seventy_billion_parameters_never_fit_there(name: str, known: Catalog) -> None:
    verdicts = {file.verdict for file in of(name, "llama-3.3-70b", known).files}
    assert verdicts <= {Verdict.PARTLY_ON_GPU, Verdict.TOO_LARGE}
