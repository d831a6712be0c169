"""A library whose models a test chooses; it does what the service promises, with no file touched."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.errors import InglenookError, ModelFileError
from app.core.library import InstalledModel, ModelOrigin, Removal, Soundness, Verification
from app.core.settings import Settings
from app.services.library import LibraryService
from app.storage.settings import SettingsStore
from tests.included import INCLUDED_MODEL

GB = 10**9
DOWNLOADS = Path("/profile/models")


def installed(
    name: str, size: float = 4.0, origin: ModelOrigin = ModelOrigin.DOWNLOADED, **more: object
) -> InstalledModel:
    """A model whose file is called as it is; `size` is in GB."""
    path = Path(str(more.pop("path", DOWNLOADS / f"{name.replace(' ', '-')}.gguf")))
    model = InstalledModel(path, (path,), name, "Q4_K_M", round(size * GB), origin)
    return replace(model, **more)  # type: ignore[arg-type]  # the fields of a dataclass, by their names


INCLUDED = installed(
    "SmolLM2 135M",
    0.098,
    ModelOrigin.INCLUDED,
    path=INCLUDED_MODEL,
    quantization="Q4_1",
    license="apache-2.0",
    parameter_count=134_515_008,
    context_length=8192,
)


class FakeLibrary(LibraryService):
    """`found` is what a scan adds. `asked` is what it was asked for, in order; `error` is raised where it matters."""

    def __init__(self, models: Sequence[InstalledModel] = (INCLUDED,)) -> None:
        self.listed = list(models)
        self.found: list[InstalledModel] = []
        self.other_folders: list[Path] = []
        self.asked: list[str] = []
        self.used: list[Path] = []
        self.twins: dict[Path, Path] = {}  # what find_duplicates() finds
        self.projectors: tuple[Path, ...] = ()  # what goes with each model, of 1 GB each
        self.error: InglenookError | None = None
        self.verification = Verification("0" * 64, Soundness.SOUND, "The file is sound: its checksum is the known one.")
        self.gate = threading.Event()  # a long piece of work goes on when it is set, or cancelled
        self.gate.set()
        self.settings: SettingsStore | None = None

    def models(self) -> tuple[InstalledModel, ...]:
        default = self._default()
        return tuple(
            replace(one, is_default=str(one.path) == default or (not default and one.origin is ModelOrigin.INCLUDED))
            for one in self.listed
        )

    def scan(self, cancel: CancelToken) -> Iterator[int]:
        self.asked.append("scan")
        yield len(self.listed)
        self._wait(cancel)
        self.listed += self.found
        self.found = []
        yield len(self.listed)

    def folders(self) -> tuple[Path, ...]:
        return (DOWNLOADS, *self.other_folders)

    def add_folder(self, folder: Path) -> None:
        self.asked.append(f"add folder {folder}")
        self._raise_error()
        self.other_folders.append(folder)

    def forget_folder(self, folder: Path) -> None:
        self.asked.append(f"forget folder {folder}")
        self.other_folders.remove(folder)

    def add(
        self,
        path: Path,
        cancel: CancelToken,
        *,
        copy: bool = False,
        on_progress: Callable[[float], None] = lambda _: None,
    ) -> InstalledModel:
        self.asked.append(f"{'copy' if copy else 'add'} {path.name}")
        on_progress(0.34)
        self._wait(cancel)
        if "broken" in path.name:
            raise ModelFileError(f"{path.name} is not a GGUF model file.")
        self._raise_error()
        model = installed(path.stem, path=DOWNLOADS / path.name if copy else path, origin=ModelOrigin.ADDED)
        if model.path not in [one.path for one in self.listed]:
            self.listed.append(model)
        return model

    def verify(
        self, path: Path, cancel: CancelToken, on_progress: Callable[[float], None] = lambda _: None
    ) -> Verification:
        self.asked.append(f"verify {path.name}")
        on_progress(0.42)
        self._wait(cancel)
        self._raise_error()
        on_progress(1.0)
        return self.verification

    def removal(self, path: Path) -> Removal:
        model = next(one for one in self.listed if one.path == path)
        if not model.origin.is_ours or model.is_missing:
            return Removal((), (), 0)
        return Removal(model.files, self.projectors, model.size_bytes + GB * len(self.projectors))

    def remove(self, path: Path) -> int:
        self.asked.append(f"remove {path.name}")
        self._raise_error()
        model = next(one for one in self.listed if one.path == path)
        self.listed.remove(model)
        return model.size_bytes if model.origin.is_ours and not model.is_missing else 0

    def note_use(self, path: Path) -> None:
        self.used.append(path)
        if path not in [one.path for one in self.listed]:
            self.listed.append(installed(path.stem, path=path, origin=ModelOrigin.ADDED))
        now = datetime.now(UTC)
        self.listed = [replace(one, last_used=now) if one.path == path else one for one in self.listed]

    def folders_to_watch(self) -> tuple[Path, ...]:
        wanted = (*self.folders(), *(one.path.parent for one in self.listed))
        return tuple(folder for folder in dict.fromkeys(wanted) if folder.is_dir())

    def find_duplicates(self, cancel: CancelToken, on_progress: Callable[[float], None] = lambda _: None) -> int:
        self.asked.append("compare")
        on_progress(0.5)
        self._wait(cancel)
        self.listed = [replace(one, same_as=self.twins.get(one.path)) for one in self.listed]
        return len(self.twins)

    def choose_default(self, path: Path | None) -> None:
        self.asked.append(f"default {path.name if path else 'included'}")
        self._raise_error()
        if self.settings is not None:
            self.settings.save(replace(self.settings.load(), model_path=str(path or "")))

    def _default(self) -> str:
        return (self.settings.load() if self.settings is not None else Settings()).model_path

    def _wait(self, cancel: CancelToken) -> None:
        while not self.gate.wait(0.01):
            cancel.raise_if_cancelled()
        cancel.raise_if_cancelled()

    def _raise_error(self) -> None:
        if self.error is not None:
            raise self.error
