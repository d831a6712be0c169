"""What a repository of the hub holds, with the shape of each model file: one header is read, by ranges."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from app.core.cancel import CancelToken
from app.core.errors import InvalidParameterError, ModelFileError
from app.core.hub_reference import parse_reference
from app.core.plan import ModelFile
from app.core.shape import ModelShape
from app.hub.base import Hub, ReadRange, Repository

_log = logging.getLogger(__name__)

ReadShape = Callable[[ReadRange, str], ModelShape]
"""(ranges of a file, its name in sentences) gives the shape; raises ModelFileError."""


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """The model files of a repository ("owner/name"); a shape is None where no header could be understood.

    `about` is what the hub says of the repository beside them.
    """

    repository: str
    files: tuple[tuple[ModelFile, ModelShape | None], ...]
    about: Repository | None = None


class RemoteModels:
    """Looks repositories up."""

    def __init__(self, hub: Hub, read_shape: ReadShape) -> None:
        self._hub = hub
        self._read_shape = read_shape

    def look_up(self, reference: str, cancel: CancelToken) -> RemoteModel:
        """The repository that `reference` names ("owner/name", its address, "owner/name:Q4_K_M" for one file only).

        One header is read, that of the smallest file: the others have the same layers in other sizes. Raises
        InvalidParameterError when it names none or has no model, HubError, CancelledError.
        """
        from app.fit.scaling import scaled

        wanted = parse_reference(reference)
        if wanted is None:
            raise InvalidParameterError(
                f'There is no model "{reference}": it is neither a file here, nor in the catalogue, nor the '
                '"owner/name" of a repository.'
            )
        repository = self._hub.repository(wanted.repository, cancel, wanted.revision)
        files = repository.models
        if wanted.quantization:
            files = tuple(file for file in files if file.quantization == wanted.quantization)
        if wanted.file:
            files = tuple(file for file in files if file.name == wanted.file)
        if not files:
            named = wanted.quantization or wanted.file
            what = f"no file {named}" if named else "no GGUF model"
            raise InvalidParameterError(f"The repository {repository.id} has {what}.")
        shape = self._shape(repository, min(files, key=lambda file: file.size_bytes), cancel)
        shaped = tuple((file, scaled(shape, file.size_bytes) if shape else None) for file in files)
        return RemoteModel(repository.id, shaped, repository)

    def _shape(self, repository: Repository, file: ModelFile, cancel: CancelToken) -> ModelShape | None:
        try:
            ranges = self._hub.read_range_of(repository, file.name, cancel)
            return self._read_shape(ranges, f"The file {file.name} of {repository.id}")
        except ModelFileError as error:
            _log.info("the header of %s is not understood: %s (%s)", file.name, error.sentence, error.detail)
            return None
