"""The models of other applications, each laid out as that application does it."""

import json
import os
from pathlib import Path

import pytest

from app.core.library import ModelOrigin
from app.storage.model_folders import FoundModel
from app.storage.other_apps.finding import app_folders, app_of, models_of_apps
from app.storage.other_apps.locations import AppLocations, app_locations
from tests import app_stores


def found(home: Path, platform: str = "linux", **environment: str) -> list[FoundModel]:
    return list(models_of_apps(app_locations(home, environment, platform)))


def test_lm_studio_in_both_of_its_homes(tmp_path: Path) -> None:
    new = app_stores.lm_studio(tmp_path / ".lmstudio")
    old = app_stores.lm_studio(tmp_path / ".cache/lm-studio", "mine/Some-Model/file-Q8_0.gguf")
    models = found(tmp_path)
    assert [(one.path, one.origin, one.repository) for one in models] == [
        (new, ModelOrigin.LM_STUDIO, "bartowski/Llama-3.2-1B-Instruct-GGUF"),
        (old, ModelOrigin.LM_STUDIO, "mine/Some-Model"),
    ]


def test_lm_studio_where_its_settings_and_its_pointer_say(tmp_path: Path) -> None:
    chosen = app_stores.model(tmp_path / "disk/owner/name/a-Q4_0.gguf")
    pointed = app_stores.lm_studio(tmp_path / "elsewhere")
    (tmp_path / ".lmstudio").mkdir()
    settings = json.dumps({"downloadsFolder": str(tmp_path / "disk")})
    (tmp_path / ".lmstudio/settings.json").write_text(settings, encoding="utf-8")
    (tmp_path / ".lmstudio-home-pointer").write_text(f"{tmp_path / 'elsewhere'}\n", encoding="utf-8")
    assert {one.path for one in found(tmp_path)} == {chosen, pointed}


@pytest.mark.parametrize("settings", ["", "[]", '{"downloadsFolder": 3}', '{"downloadsFolder": "../up"}', "\xff{"])
def test_settings_that_make_no_sense_name_no_folder(tmp_path: Path, settings: str) -> None:
    usual = app_stores.lm_studio(tmp_path / ".lmstudio")
    (tmp_path / ".lmstudio/settings.json").write_bytes(settings.encode("latin-1"))
    assert [one.path for one in found(tmp_path)] == [usual]


def test_ollama_by_its_manifests(tmp_path: Path) -> None:
    tags = ("library/llama3.2/latest", "library/llama3.2/1b", "someone/thing/v2")
    blob = app_stores.ollama(tmp_path / ".ollama/models", tags)
    models = found(tmp_path)
    assert {one.path for one in models} == {blob}
    assert [one.name for one in models] == ["llama3.2:1b", "someone/thing:v2", "llama3.2:latest"]
    assert models[0].known_sha256 == app_stores.sha256(blob)


def test_ollama_where_the_environment_says_and_from_the_hub(tmp_path: Path) -> None:
    app_stores.ollama(tmp_path / "big", ("bartowski/Llama-3.2-1B-GGUF/Q4_K_M",), host="hf.co")
    (one,) = found(tmp_path, OLLAMA_MODELS=str(tmp_path / "big"))
    assert one.name == "hf.co/bartowski/Llama-3.2-1B-GGUF:Q4_K_M"
    assert one.repository == "bartowski/Llama-3.2-1B-GGUF"


@pytest.mark.parametrize(
    "manifest",
    [
        "",
        "[1]",
        '{"layers": 1}',
        '{"layers": [1, {}]}',
        json.dumps(app_stores.ollama_manifest([("model", "sha256-../../etc/passwd")])),
        json.dumps(app_stores.ollama_manifest([("model", f"sha256-{'a' * 64}")])),  # a blob that is not there
        json.dumps(app_stores.ollama_manifest([("model", f"sha256-{'1' * 64}"), ("adapter", f"sha256-{'2' * 64}")])),
    ],
)
def test_a_manifest_that_names_no_whole_model_is_passed_over(tmp_path: Path, manifest: str) -> None:
    app_stores.ollama(tmp_path / ".ollama/models")
    other = tmp_path / ".ollama/models/manifests/registry.ollama.ai/library/other/latest"
    other.parent.mkdir()
    other.write_text(manifest, encoding="utf-8")
    assert [one.name for one in found(tmp_path)] == ["llama3.2:latest"]


def test_jan_of_today_and_of_before(tmp_path: Path) -> None:
    outside = app_stores.model(tmp_path / "mine/other-Q8_0.gguf")
    data = tmp_path / ".local/share/Jan/data"
    inside = app_stores.jan(data, outside)
    old = app_stores.old_jan(tmp_path / "jan")
    models = {one.path: one for one in found(tmp_path)}
    assert {path: one.name for path, one in models.items()} == {
        inside: "Qwen3 4B",
        outside: "Imported",
        old: "Trinity 7B Q4",
    }
    assert models[inside].known_sha256 == app_stores.sha256(inside)
    assert {one.origin for one in models.values()} == {ModelOrigin.JAN}


def test_jan_in_the_folder_of_its_settings(tmp_path: Path) -> None:
    inside = app_stores.jan(tmp_path / "big/jan")
    settings = tmp_path / ".config/Jan/settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"data_folder": str(tmp_path / "big/jan")}), encoding="utf-8")
    assert [one.path for one in found(tmp_path)] == [inside]


def test_gpt4all_without_what_it_has_not_finished(tmp_path: Path) -> None:
    usual = app_stores.gpt4all(tmp_path / ".local/share/nomic.ai/GPT4All")
    chosen = app_stores.gpt4all(tmp_path / "disk")
    settings = tmp_path / ".config/nomic.ai/GPT4All.ini"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"[General]\nchatTheme=Dark\nmodelPath={tmp_path / 'disk'}/\n", encoding="utf-8")
    models = found(tmp_path)
    assert [one.path for one in models] == [chosen, usual]
    assert {one.origin for one in models} == {ModelOrigin.GPT4ALL}


def test_the_hub_cache_with_the_current_revision_first(tmp_path: Path) -> None:
    cache = tmp_path / ".cache/huggingface/hub"
    old = app_stores.hugging_face(cache, commit="0" * 40)
    new = app_stores.hugging_face(cache)
    (cache / "models--someone--gone" / "snapshots" / "1").mkdir(parents=True)
    (cache / "models--someone--gone" / "snapshots" / "1" / "x-Q4_0.gguf").symlink_to("../../blobs/none")
    models = found(tmp_path)
    assert [one.path for one in models[:2]] == [new, old]  # the third leads nowhere, as its stamp will tell
    assert models[0].repository == "bartowski/SmolLM2-360M-Instruct-GGUF"
    assert models[0].known_sha256 == app_stores.sha256(new)


def test_the_hub_cache_where_the_environment_says(tmp_path: Path) -> None:
    one = app_stores.hugging_face(tmp_path / "hf/hub")
    two = app_stores.hugging_face(tmp_path / "cache", "b-Q4_0.gguf")
    models = found(tmp_path, HF_HOME=str(tmp_path / "hf"), HUGGINGFACE_HUB_CACHE=str(tmp_path / "cache"))
    assert {model.path for model in models} == {one, two}


def test_the_places_on_windows_and_macos(tmp_path: Path) -> None:
    windows = app_locations(tmp_path, {}, "win32")
    assert windows.gpt4all[0] == tmp_path / "AppData/Local/nomic.ai/GPT4All"
    assert tmp_path / "AppData/Roaming/Jan/data" in windows.jan
    assert tmp_path / "AppData/Roaming/LM Studio/settings.json" in windows.lm_studio_settings
    macos = app_locations(tmp_path, {}, "darwin")
    assert macos.gpt4all[0] == tmp_path / "Library/Application Support/nomic.ai/GPT4All"
    assert macos.jan == (tmp_path / "jan", tmp_path / "Library/Application Support/Jan/data")
    assert macos.hugging_face == (tmp_path / ".cache/huggingface/hub",)


def test_nothing_is_there(tmp_path: Path) -> None:
    assert found(tmp_path / "nobody") == []
    assert list(models_of_apps(AppLocations())) == []
    assert app_folders(app_locations(tmp_path / "nobody", {}, "darwin")) == ()


def test_a_file_is_told_to_be_an_applications_by_where_it_really_lies(tmp_path: Path) -> None:
    locations = app_locations(tmp_path, {}, "linux")
    blob = app_stores.hugging_face(tmp_path / ".cache/huggingface/hub").resolve()
    link = tmp_path / "link.gguf"
    link.symlink_to(blob)
    assert app_of(blob, locations) is ModelOrigin.HUGGING_FACE
    assert app_of(link, locations) is ModelOrigin.HUGGING_FACE
    assert app_of(tmp_path / "own.gguf", locations) is None


def test_a_folder_that_may_not_be_read_hides_only_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = app_stores.lm_studio(tmp_path / ".lmstudio")
    locked = app_stores.lm_studio(tmp_path / ".cache/lm-studio").parent
    scandir = os.scandir

    def refusing(path: Path) -> object:
        if Path(path) == locked:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    assert [one.path for one in found(tmp_path)] == [shown]
