"""GPT4All keeps its models in one folder, which its settings may name."""

import re
from pathlib import Path

from app.storage.other_apps.locations import AppLocations
from app.storage.other_apps.texts import named_folder, read_text

_CHOSEN = re.compile(r"""^modelPath\s*=\s*"?(?P<folder>[^"\r\n]+)"?\s*$""", re.MULTILINE)


def gpt4all_folders(locations: AppLocations) -> tuple[Path, ...]:
    """Its folders of models, that of its settings first."""
    lines = [_CHOSEN.search(read_text(path)) for path in locations.gpt4all_settings]
    chosen = [named_folder(line["folder"].replace("\\\\", "\\")) for line in lines if line]
    return tuple(dict.fromkeys((*filter(None, chosen), *locations.gpt4all)))
