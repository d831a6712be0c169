"""Makes a download of what a repository holds: which files, and where each of them goes."""

from pathlib import Path

from app.core.download import Download, DownloadFile, DownloadState
from app.core.errors import HubFaultError, InvalidParameterError, RepositoryFileNotFoundError
from app.core.file_names import grouped, is_projector, quantization_of
from app.core.plan import ModelFile
from app.core.safe_names import safe_target
from app.hub.base import Repository, RepositoryFile

# A projector is small, and its precision is heard of in every picture: the first of these that there is.
_PROJECTORS = ("F16", "BF16", "F32", "Q8_0")


def planned_download(
    repository: Repository, file: ModelFile, folder: Path, *, name: str, with_projector: bool
) -> Download:
    """The download of a model's file with all its parts, and its projector if that is wanted; its id is 0.

    Raises RepositoryFileNotFoundError, HubFaultError when a part or a size is missing, InvalidParameterError.
    """
    group = next((one for one in grouped(each.path for each in repository.files) if file.name in one.paths), None)
    if group is None:
        raise RepositoryFileNotFoundError(f"{repository.id} has no file {file.name!r}.")
    if not group.complete:
        raise HubFaultError(f"{repository.id} has {len(group.paths)} of the {group.part_count} parts of {file.name}.")
    wanted = [repository.file(path) for path in group.paths]
    if with_projector:
        projector = projector_of(repository, group.name)
        if projector is None:
            raise InvalidParameterError(f"{repository.id} has no projector (mmproj).")
        wanted.append(projector)
    return Download(
        id=0,
        name=name or group.name.rpartition("/")[2].removesuffix(".gguf"),
        repository=repository.id,
        revision=repository.revision,
        quantization=file.quantization or quantization_of(group.name),
        files=tuple(_download_file(repository, one, folder) for one in wanted),
        state=DownloadState.WAITING,
        license=repository.license,
    )


def projector_of(repository: Repository, model_path: str) -> RepositoryFile | None:
    """The projector that goes with a model's file: of those in its folder, else of all, the one of 16 bits."""
    found = [file for file in repository.files if is_projector(file.path) and file.size_bytes]
    folder = model_path.rpartition("/")[0]
    beside = [file for file in found if file.path.rpartition("/")[0] == folder]
    return min(beside or found, key=lambda file: _projector_rank(file.path), default=None)


def _projector_rank(path: str) -> int:
    quantization = quantization_of(path)
    return _PROJECTORS.index(quantization) if quantization in _PROJECTORS else len(_PROJECTORS)


def _download_file(repository: Repository, file: RepositoryFile, folder: Path) -> DownloadFile:
    if not file.size_bytes:
        raise HubFaultError(f"{repository.id} does not tell the size of {file.path}. Try again later.")
    target = safe_target(folder, f"{repository.id}/{file.path}")
    return DownloadFile(file.path, target, file.size_bytes, file.sha256)
