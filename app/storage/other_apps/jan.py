"""Jan keeps a folder for each model, with a model.yml (or, formerly, model.json) that names its file."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from app.core.library import ModelOrigin
from app.storage.model_folders import FoundModel, models_in
from app.storage.other_apps.locations import AppLocations
from app.storage.other_apps.texts import named_folder, read_object, read_text
from app.storage.reaching import is_file

_MODEL_FOLDERS = ("llamacpp/models", "models")
_SETTING = "data_folder"
_SHA256 = re.compile(r"[0-9a-f]{64}")
# All that is asked of a model.yml are values at its top level, which Jan writes on one line.
_LINE = re.compile(r"""^(?P<key>[A-Za-z_0-9]+):[ \t]+(?P<quote>["']?)(?P<value>.*?)(?P=quote)[ \t]*$""", re.MULTILINE)


def jan_folders(locations: AppLocations) -> tuple[Path, ...]:
    """Its data folders, that of its settings first."""
    chosen = [named_folder(read_object(path).get(_SETTING)) for path in locations.jan_settings]
    return tuple(dict.fromkeys((*filter(None, chosen), *locations.jan)))


def jan_models(data_folder: Path) -> Iterator[FoundModel]:
    """The models of a data folder, and those that were added to Jan where they lie."""
    for name in _MODEL_FOLDERS:
        folder = data_folder / name
        described = dict(_described(data_folder, folder))
        for found in models_in(folder, ModelOrigin.JAN):
            known = described.pop(found.path, None)
            named = known.name if known else _name_of_json(found.path.parent)
            checksum = known.known_sha256 if known else ""
            yield replace(found, name=named or Path(found.where).parent.as_posix().strip("."), known_sha256=checksum)
        yield from described.values()


def _described(data_folder: Path, folder: Path) -> Iterator[tuple[Path, FoundModel]]:
    """What each model.yml says, by the file that it names, if that is there."""
    for description in sorted(folder.glob("**/model.yml")):
        values = {found["key"]: found["value"] for found in _LINE.finditer(read_text(description))}
        model = data_folder / values["model_path"] if values.get("model_path") else None
        if model is None or not is_file(model):
            continue
        name = values.get("name") or description.parent.relative_to(folder).as_posix()
        checksum = values.get("model_sha256", "")
        known = checksum if _SHA256.fullmatch(checksum) else ""
        yield model, FoundModel((model,), ModelOrigin.JAN, name, name, known_sha256=known)


def _name_of_json(folder: Path) -> str:
    name = read_object(folder / "model.json").get("name")
    return name if isinstance(name, str) else ""
