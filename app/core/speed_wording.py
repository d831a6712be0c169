"""How a speed report is put into words, the same in the window, on the terminal and in Markdown."""

from app.core.model import LoadParameters
from app.core.quantities import file_size, gigabytes, parameter_count
from app.core.speed import SpeedEngine, SpeedMachine, SpeedModel, SpeedResult, SpeedTest, Spread
from app.core.wording import counted

NOT_MEASURED = "–"


def size_words(test: SpeedTest) -> str:
    """How many tokens a test reads and writes: "512 read", "128 written after 4,096", "500 read, 150 written"."""
    parts = [f"{test.prompt_tokens:,} read"] if test.prompt_tokens else []
    if test.completion_tokens:
        parts.append(f"{test.completion_tokens:,} written")
    return ", ".join(parts) + (f" after {test.depth:,}" if test.depth else "")


def scaled_words(test: SpeedTest) -> str:
    """That the context was too small for the test, and for what; empty for a test of full size."""
    if test.scaled_from is None:
        return ""
    prompt, completion, depth = test.scaled_from
    full = SpeedTest(test.name, test.title, prompt, completion, depth, test.is_task)
    return f"scaled down to the context from {size_words(full)}"


def rate_words(rate: float) -> str:
    """Tokens per second in three or more digits: "8.25", "71.8", "1,204"."""
    digits = 0 if rate >= 100 else 1 if rate >= 10 else 2
    return f"{rate:,.{digits}f}"


def range_words(rate: Spread, runs: int) -> str:
    """Between what the rates of several runs lay; empty for a single run."""
    return f"{rate_words(rate.minimum)}–{rate_words(rate.maximum)}" if runs > 1 else ""


def seconds_words(seconds: float | None) -> str:
    """A time: "85 ms", "1.24 s", "2 min 05 s"; a dash for None."""
    if seconds is None:
        return NOT_MEASURED
    if seconds < 0.0995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.2f} s" if seconds < 9.995 else f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def duration_words(seconds: float) -> str:
    """An estimate: "less than a minute", "about 3 minutes", "about 2 hours"."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 90:
        return f"about {counted(minutes, 'minute')}"
    return f"about {round(minutes / 60)} hours"


def runs_words(result: SpeedResult) -> str:
    """For example "3 runs"."""
    return counted(result.runs, "run")


def machine_words(machine: SpeedMachine) -> str:
    """The computer in a line; its processor is not named a second time as a device."""
    memory = f"{gigabytes(machine.memory_bytes)} of memory"
    others = [device.description or device.name for device in machine.devices if device.backend != "CPU"]
    return ", ".join([machine.processor, counted(machine.cores, "core"), memory, *others, machine.system])


def model_words(model: SpeedModel) -> str:
    """The model in a line, with how it was loaded."""
    parts = [model.name, model.quantization, file_size(model.size_bytes)]
    if model.parameter_count:
        parts.append(f"{parameter_count(model.parameter_count)} parameters")
    return ", ".join([part for part in parts if part] + [load_words(model.load, model.device)])


def load_words(load: LoadParameters, device: str = "") -> str:
    """The load parameters that speed depends on."""
    parts = [f"context {load.context_length:,}"]
    if device:
        parts.append(f"on {device}")
    elif load.threads:
        parts.append(f"{load.threads} threads")
    parts.append(f"KV cache {load.kv_cache_type}")
    parts.append(f"flash attention {load.flash_attention}")
    return ", ".join(parts)


def engine_words(engine: SpeedEngine) -> str:
    """The engine and its version."""
    return f"{engine.name} {engine.version}".strip()
