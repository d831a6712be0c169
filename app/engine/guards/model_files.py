"""Reads and checks all files of a model, one or several, before llama.cpp sees them."""

import re
from math import prod
from pathlib import Path

from app.core.errors import ModelFileError
from app.core.model_file import FileFacts, FileStamp
from app.core.shape import ModelShape
from app.engine.guards.file_types import QUANTIZATIONS
from app.engine.guards.gguf import GgufHeader, read_header
from app.engine.guards.header_check import check_header, check_part
from app.engine.guards.shape import shape_of

_PART = re.compile(r"^(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf$", re.DOTALL)
_MAX_PARTS = 10_000
_NAMED = 3


def read_model(path: Path) -> FileFacts:
    """What the header of the model at `path` says, once it and those of its further files are checked.

    Raises ModelFileError with a sentence that says what is wrong.
    """
    headers, files, stamps = _read(path)
    return _facts(headers, files, stamps)


def read_shape(path: Path) -> ModelShape:
    """The shape of the model at `path`, from the headers of all its files, once they are checked.

    Raises ModelFileError with a sentence that says what is wrong.
    """
    return shape_of(*_read(path)[0])


def check_adapter(path: Path) -> None:
    """Check the header of the LoRA adapter at `path`, and that its tensors are there. Raises ModelFileError."""
    label = f"The LoRA adapter {path}"
    header = read_header(path, label)
    if header.text("general.type") != "adapter":
        raise ModelFileError(f"{path} is no LoRA adapter. Remove it, or choose another file.")
    check_part(header, _stamp(path).size_bytes, label)


def parts_of(path: Path) -> tuple[Path, ...]:
    """All files of the model that `path` is a file of, by its name alone; whether they exist is not looked at."""
    match = _PART.match(path.name)
    count = int(match["count"]) if match else 1
    if match is None or not 1 < count <= _MAX_PARTS:
        return (path,)
    return tuple(path.with_name(f"{match['stem']}-{n:05d}-of-{count:05d}.gguf") for n in range(1, count + 1))


def _read(path: Path) -> tuple[list[GgufHeader], tuple[Path, ...], list[FileStamp]]:
    """The checked headers of all files of a model, the files and their stamps."""
    header = read_header(path)
    label = f"The model file {path}"
    files = _files(header, path)
    stamps = [_stamp(file) for file in files]
    check_header(header, stamps[0].size_bytes, label)
    headers = [header]
    for number, (file, stamp) in enumerate(zip(files[1:], stamps[1:], strict=True), start=1):
        part = read_header(file)
        if part.integer("split.no") != number:
            raise ModelFileError(f"The file {file} is not part {number + 1} of its model. Download it again.")
        check_part(part, stamp.size_bytes, f"The model file {file}")
        headers.append(part)
    names = [tensor.name for part in headers for tensor in part.tensors]
    _check_count(header, label, len(names), len(set(names)))
    return headers, files, stamps


def _files(header: GgufHeader, path: Path) -> tuple[Path, ...]:
    """The model's files in their order; all of them are there."""
    count = header.split_count
    if count == 1:
        return (path,)
    match = _PART.match(path.name)
    number = header.integer("split.no") or 0
    if count > _MAX_PARTS or number >= count:
        raise ModelFileError(f"The model file {path} is damaged: it is part {number + 1:,} of {count:,}.")
    if match is None or (int(match["number"]), int(match["count"])) != (number + 1, count):
        name = f"NAME-{number + 1:05d}-of-{count:05d}.gguf"
        raise ModelFileError(
            f"The model file {path} is part {number + 1} of {count}, and its name does not say so. "
            f"Give it back its own name, which ends as in {name}."
        )
    files = parts_of(path)
    if missing := [file.name for file in files if not file.is_file()]:
        named = ", ".join(missing[:_NAMED]) + (f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else "")
        raise ModelFileError(
            f"The model of {path} is in {count} files, and {len(missing)} of them "
            f"{'is' if len(missing) == 1 else 'are'} missing: {named}. Download what is missing into the same folder."
        )
    if number:
        raise ModelFileError(f"The model file {path} is part {number + 1} of {count}. Open the first, {files[0].name}.")
    return files


def _stamp(file: Path) -> FileStamp:
    try:
        status = file.stat()
    except OSError as error:
        raise ModelFileError(f"The model file {file} cannot be read: {error.strerror}.", str(error)) from error
    return FileStamp(status.st_size, status.st_mtime_ns)


def _check_count(header: GgufHeader, label: str, total: int, distinct: int) -> None:
    if total != distinct:
        raise ModelFileError(f"{label} and its further files hold the same tensor twice. Download them again.")
    expected = header.integer("split.tensors.count")
    if header.split_count > 1 and expected != total:
        raise ModelFileError(
            f"{label} and its further files hold {total:,} tensors of {expected}. Download them again."
        )


def _facts(headers: list[GgufHeader], files: tuple[Path, ...], stamps: list[FileStamp]) -> FileFacts:
    header = headers[0]
    return FileFacts(
        files=files,
        stamp=FileStamp(sum(s.size_bytes for s in stamps), max(s.mtime_ns for s in stamps)),
        architecture=header.architecture,
        name=header.name,
        organization=header.text("general.organization"),
        basename=header.text("general.basename"),
        finetune=header.text("general.finetune"),
        size_label=header.text("general.size_label"),
        version=header.text("general.version"),
        context_length=header.context_length,
        layer_count=header.block_count,
        sampling=header.sampling,
        parameter_count=sum(prod(tensor.dimensions) for part in headers for tensor in part.tensors),
        quantization=QUANTIZATIONS.get(header.integer("general.file_type"), ""),
        license=header.text("general.license"),
    )
