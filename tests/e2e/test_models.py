"""`inglenook models …` as a process, in a home of its own."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from tests import app_stores
from tests.e2e.process import inglenook
from tests.gguf_files import small_model
from tests.hub_server.contents import Content, Generated
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer

Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    for name in ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "OLLAMA_MODELS", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def run(home: Path) -> Run:
    return lambda *arguments, **options: inglenook("--profile", home / "profile", "models", *arguments, **options)


def listed(run: Run) -> dict[str, dict[str, Any]]:
    done = run("list", "--json")
    assert done.returncode == 0, done.stderr
    return {Path(one["path"]).name: one for one in json.loads(done.stdout)}


def test_import_list_verify_and_remove(run: Run, home: Path) -> None:
    one = app_stores.model(home / "stick/Some-Model-Q4_K_M.gguf", "Some Model")
    blob = app_stores.ollama(home / ".ollama/models")
    done = run("import", one, "--copy")
    assert done.returncode == 0, done.stderr
    one.unlink()
    copy = home / "profile/models/Some-Model-Q4_K_M.gguf"
    assert str(copy) in done.stdout

    models = listed(run)
    assert models[copy.name]["name"] == "Some Model"
    assert models[copy.name]["sha256"] == app_stores.sha256(copy)
    assert models[blob.name]["origin"] == "ollama"
    table = run("list").stdout
    assert "Some Model" in table
    assert "llama3.2:latest" in table

    checked = run("verify", "llama3.2:latest")
    assert (checked.returncode, "is sound" in checked.stdout) == (0, True)
    content = blob.read_bytes()
    blob.write_bytes(content[:-1] + b"x")
    checked = run("verify", "llama3.2:latest")
    assert (checked.returncode, "is damaged" in checked.stdout) == (1, True)

    refused = run("remove", "Some Model", stdin="n\n")
    assert refused.returncode == 130
    assert copy.exists()
    removed = run("remove", "llama3.2:latest", "--yes")
    assert (removed.returncode, blob.exists()) == (0, True)
    assert set(listed(run)) == {copy.name, "SmolLM2-135M-Instruct.Q4_1.gguf"}


def test_remove_moves_to_the_trash(run: Run, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = home / "data"
    monkeypatch.setattr("tests.e2e.process._data_home", lambda: str(data))
    one = app_stores.model(home / "profile/models/Some-Model-Q4_K_M.gguf")
    size = one.stat().st_size
    done = run("remove", one.name, "--yes")
    assert done.returncode == 0, done.stderr
    assert "in the trash" in done.stdout
    assert not one.exists()
    assert (data / "Trash/files" / one.name).stat().st_size == size
    missing = run("remove", one.name, "--yes")
    assert (missing.returncode, len(missing.stderr.strip().splitlines())) == (1, 1)


def test_search_and_show_work_offline(run: Run, home: Path) -> None:
    found = json.loads(run("search", "llama 3.2", "--json").stdout)
    assert "llama-3.2-3b" in [one["id"] for one in found]
    nothing = run("search", "no-such-model-anywhere")
    assert (nothing.returncode, "no model" in nothing.stdout) == (0, True)

    shown = run("show", "llama-3.2-3b")
    assert shown.returncode == 0, shown.stderr
    assert "Licence:" in shown.stdout
    assert "WHERE IT RUNS" in shown.stdout
    one = app_stores.model(home / "profile/models/Mine-Q8_0.gguf", "Mine")
    here = json.loads(run("show", "Mine", "--json").stdout)
    assert here["catalogue"] is None
    assert [model["path"] for model in here["installed"]] == [str(one)]
    assert here["plan"]["files"][0]["quantization"] == "Q8_0"


def test_what_was_downloaded_is_listed_and_searched_for_online(
    run: Run, home: Path, hub_server: HubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_ENDPOINT", hub_server.endpoint)
    files: dict[str, Content] = {"Small-Q4_K_M.gguf": Generated(100_000, first=small_model().to_bytes())}
    hub_server.add(ServedRepository("somebody/Small-GGUF", files, license="mit"))
    found = json.loads(run("search", "small", "--online", "--json").stdout)
    assert [(one["id"], one["license"]) for one in found] == [("somebody/Small-GGUF", "mit")]
    assert "somebody/Small-GGUF" in run("search", "small", "--online").stdout

    done = run("download", "somebody/Small-GGUF:Q4_K_M")
    assert done.returncode == 0, done.stderr
    one = listed(run)["Small-Q4_K_M.gguf"]
    assert (one["origin"], one["repository"], one["license"]) == ("downloaded", "somebody/Small-GGUF", "mit")
    assert "is sound" in run("verify", "Small-Q4_K_M").stdout


def test_what_cannot_be_is_one_sentence(run: Run, home: Path) -> None:
    text = home / "text.gguf"
    text.write_text("hello", encoding="utf-8")
    for arguments in (("import", text), ("import", home / "none.gguf"), ("verify", "nobody"), ("remove", "nobody")):
        done = run(*arguments)
        assert done.returncode == 1, arguments
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr
