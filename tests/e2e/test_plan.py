"""`inglenook plan` and what it prints, as a process."""

import json
from pathlib import Path

from tests.e2e.process import inglenook

FILE_KEYS = {
    "file",
    "quantization",
    "size_bytes",
    "verdict",
    "context_length",
    "gpu_layers",
    "kv_cache_type",
    "memory",
    "tokens_per_second",
    "reason",
}


def test_a_plan_for_a_recorded_machine_and_for_one_that_was_described(tmp_path: Path) -> None:
    run = inglenook("--temp-profile", "plan", "mistral-small-24b-2501", "--machine", "rtx4090-windows-64gb", "--json")
    assert run.returncode == 0, run.stderr
    plan = json.loads(run.stdout)
    assert plan["machine"]["name"] == "rtx4090-windows-64gb"
    best = next(file for file in plan["files"] if file["file"] == plan["best"])
    assert set(best) >= FILE_KEYS
    assert (best["quantization"], best["verdict"], best["size_bytes"]) == ("Q4_K_M", "all_on_gpu", 14_333_908_672)
    assert best["context_length"] >= 32_768
    memory = best["memory"]
    assert memory["total"] == memory["weights"] + memory["kv_cache"] + memory["compute"]
    assert 45 <= best["tokens_per_second"][0] <= best["tokens_per_second"][1] <= 70

    described = tmp_path / "machine.json"
    described.write_text(json.dumps(plan["machine"]), encoding="utf-8")
    again = inglenook("--temp-profile", "plan", "mistral-small-24b-2501", "--machine", str(described), "--json")
    assert json.loads(again.stdout)["files"] == plan["files"]


def test_a_plan_for_this_computer_is_a_table_with_a_reason() -> None:
    run = inglenook("--temp-profile", "plan", "llama-3.2-3b", "--context", "4096")
    assert run.returncode == 0, run.stderr
    assert "WHERE IT RUNS" in run.stdout
    assert "Q4_K_M" in run.stdout
    assert "4k" in run.stdout


def test_what_cannot_be_planned_is_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"system": "Linux", "cores": -3}', encoding="utf-8")
    for arguments in (("nothing like it",), ("llama-3.2-3b", "--machine", str(broken)), (str(tmp_path / "no.gguf"),)):
        run = inglenook("--temp-profile", "plan", *arguments)
        assert run.returncode == 1, arguments
        assert run.stdout == ""
        assert len(run.stderr.strip().splitlines()) == 1, run.stderr
