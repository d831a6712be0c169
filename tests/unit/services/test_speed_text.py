"""A speed report as programs and people read it."""

import json
from pathlib import Path

from app.core.machine import Device, DeviceKind
from app.core.model import FlashAttention, LoadParameters, LoraAdapter
from app.core.speed import (
    STANDARD_TESTS,
    SpeedEngine,
    SpeedMachine,
    SpeedModel,
    SpeedReport,
    SpeedResult,
    Spread,
)
from app.services.speed_text import as_json, as_markdown, report_from

LOAD = LoadParameters(
    Path("some.gguf"),
    context_length=4096,
    threads=2,
    flash_attention=FlashAttention.OFF,
    device_split=(0.5, 0.5),
    adapters=(LoraAdapter(Path("poet.gguf"), 0.5),),
    draft_model=Path("small.gguf"),
)
REPORT = SpeedReport(
    SpeedMachine("Fast Processor", 8, 16_000_000_000, "Linux 6", (Device("CPU", "Fast", "CPU", DeviceKind.CPU, 8, 8),)),
    SpeedModel("Some Model", "some.gguf", 4_000_000_000, "abc123", "Q4_K_M", 8_030_000_000, "CPU, 2 threads", LOAD),
    SpeedEngine("llama-cpp-python", "0.3.36"),
    (
        SpeedResult(STANDARD_TESTS[0], 3, Spread(500.0, 512.0, 530.5), None, 1.0),
        SpeedResult(STANDARD_TESTS[8].fitted(4096), 1, Spread(8.0, 8.0, 8.0), 20.5, 65.0),
    ),
)


def test_json_has_the_keys_that_programs_rely_on() -> None:
    document = json.loads(as_json(REPORT))
    assert list(document) == ["machine", "model", "engine", "results"]
    assert document["machine"]["processor"] == "Fast Processor"
    assert document["model"]["sha256"] == "abc123"
    assert document["model"]["load_parameters"]["threads"] == 2
    assert document["model"]["load_parameters"]["flash_attention"] == "off"
    assert document["engine"] == {"name": "llama-cpp-python", "version": "0.3.36"}
    bare, chat = document["results"]
    assert bare["test"] == "pp512"
    assert bare["tokens_per_second"] == {"min": 500.0, "median": 512.0, "max": 530.5}
    assert (bare["time_to_first_token_ms"], bare["total_ms"], bare["scaled_from"]) == (None, 1000.0, None)
    assert chat["test"] == "multi_turn_chat"
    assert (chat["time_to_first_token_ms"], chat["total_ms"], chat["runs"]) == (20_500.0, 65_000.0, 1)
    assert chat["scaled_from"] == {"prompt_tokens": 8000, "completion_tokens": 300, "depth": 0}
    assert chat["prompt_tokens"] + chat["completion_tokens"] <= 4096


def test_a_stored_report_is_read_back_as_it_was() -> None:
    assert report_from(as_json(REPORT)) == REPORT


def test_what_is_no_report_is_none() -> None:
    text = as_json(REPORT)
    for broken in ("", "null", "[1]", "{}", text[:-1], text.replace('"off"', '"sideways"')):
        assert report_from(broken) is None


def test_markdown_is_a_table_with_what_it_was_measured_on() -> None:
    lines = as_markdown(REPORT).splitlines()
    assert lines[0] == "**Some Model** on Fast Processor"
    rows = [line for line in lines if line.startswith("|")]
    assert {row.count("|") for row in rows} == {8}, "every row has as many cells as the head"
    assert rows[2] == "| Prompt processing (`pp512`) | 512 read | 512 | 500–530 | – | 1.00 s | 3 |"
    assert rows[3].startswith("| Multi-turn chat | 3,947 read, 148 written (scaled down to the context from 8,000 read")
    assert rows[3].endswith("| 8.00 |  | 20.5 s | 1 min 05 s | 1 |")
    facts = "\n".join(lines)
    assert "Some Model, Q4_K_M, 4.0 GB, 8.0 billion parameters, context 4,096, on CPU, 2 threads" in facts
    assert "Fast Processor, 8 cores, 16.0 GB of memory, Linux 6" in facts
    assert "llama-cpp-python 0.3.36" in facts
    assert "`abc123`" in facts
