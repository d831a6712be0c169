"""`inglenook plan`: which file of a model fits a computer, why, and how fast it will be."""

import json
import textwrap
from typing import Any

import click

from app.bootstrap import Options, assemble_plans
from app.cli import exit_codes
from app.core.cancel import CancelToken
from app.core.machine_json import machine_values
from app.core.plan import FilePlan, ModelPlan, SpeedRange, Verdict
from app.core.plan_wording import context_words, speed_words, verdict_words
from app.core.quantities import gigabytes
from app.network.press import pressed
from app.services.plans import PlanRequest

_WIDTH = 100
_RIGHT = (1, 3, 5, 6)


def print_plan(options: Options, model: str, machine: str | None, request: PlanRequest, as_json: bool) -> int:
    """Print the plan of `model` for this computer or the `machine` that is named. Returns the exit code."""
    with assemble_plans(options) as plans:
        other = plans.other_machine(machine) if machine is not None else None
        with pressed("inglenook plan"):
            plan = plans.plan(model, request, CancelToken(), other)
    if as_json:
        click.echo(json.dumps(plan_values(plan), ensure_ascii=False))
    else:
        print_plan_table(plan)
    return exit_codes.DONE


def plan_values(plan: ModelPlan) -> dict[str, Any]:
    """What --json prints: memory and sizes in bytes; `best` is a file's name, None when none is advised."""
    return {
        "model": plan.name,
        "id": plan.id,
        "machine": machine_values(plan.machine),
        "best": plan.best.file.name if plan.best else None,
        "files": [_file_values(file) for file in plan.files],
    }


def _file_values(file: FilePlan) -> dict[str, Any]:
    memory = file.memory
    return {
        "file": file.file.name,
        "quantization": file.file.quantization,
        "size_bytes": file.file.size_bytes,
        "size_is_exact": file.file.exact,
        "verdict": file.verdict.value,
        "context_length": file.context_length,
        "gpu_layers": file.gpu_layers,
        "layers": file.layer_count,
        "experts_on_processor": file.placement.expert_layers_on_cpu,
        "kv_cache_type": file.kv_cache_type.value,
        "memory": {
            "weights": memory.weights_bytes,
            "kv_cache": memory.kv_cache_bytes,
            "compute": memory.compute_bytes,
            "total": memory.total_bytes,
            "devices": {one.device: one.total_bytes for one in memory.devices},
        }
        if memory
        else None,
        "tokens_per_second": _range(file.writing),
        "prompt_tokens_per_second": _range(file.reading),
        "quality": {"share": file.quality.share, "word": file.quality.word} if file.quality else None,
        "reason": file.reason,
        "remedies": [remedy.words for remedy in file.remedies],
    }


def _range(speed: SpeedRange | None) -> list[float] | None:
    return [round(speed.low, 1), round(speed.high, 1)] if speed else None


def print_plan_table(plan: ModelPlan) -> None:
    """The table of a plan, with what is advised below it."""
    machine = plan.machine
    gpus = ", ".join(f"{b.title} {gigabytes(b.usable_bytes)} usable" for b in plan.budgets[1:]) or "no GPU"
    click.echo(f"{plan.name} on {machine.name or 'this computer'}")
    click.echo(f"{gpus}; {gigabytes(plan.budgets[0].usable_bytes)} of memory usable\n")
    rows: list[tuple[str, ...]] = [
        ("PRECISION", "SIZE", "WHERE IT RUNS", "CONTEXT", "KV", "MEMORY", "TOKENS/S", "QUALITY")
    ]
    rows += [_row(file) for file in plan.files]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for number, row in enumerate(rows):
        is_best = number > 0 and plan.best is not None and plan.files[number - 1] == plan.best
        cells = [
            cell.rjust(width) if column in _RIGHT else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo((f"{'*' if is_best else ' '} " + "  ".join(cells)).rstrip())
    click.echo()
    shown = plan.best or (plan.files[-1] if plan.files else None)
    if plan.best is not None:
        click.echo(f"* best for it: {plan.best.file.name}")
    if shown is not None:
        for line in (shown.reason, *(f"Or: {remedy.words}." for remedy in shown.remedies)):
            click.echo(textwrap.fill(line, _WIDTH))
    for doubt in machine.doubts:
        click.echo(textwrap.fill(doubt, _WIDTH))


def _row(file: FilePlan) -> tuple[str, ...]:
    is_running = file.verdict not in (Verdict.TOO_LARGE, Verdict.UNKNOWN)
    size = gigabytes(file.file.size_bytes) if file.file.exact else f"≈ {gigabytes(file.file.size_bytes)}"
    return (
        file.file.quantization or file.file.name,
        size,
        verdict_words(file),
        context_words(file.context_length) if file.context_length else "–",
        file.kv_cache_type.value if is_running else "–",
        gigabytes(file.memory.total_bytes) if file.memory else "–",
        speed_words(file.writing),
        file.quality.word if file.quality else "–",
    )
