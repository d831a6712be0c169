"""What the name of a GGUF file says: its quantization, whether it is a model, and which part of a split file it is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SUFFIX = ".gguf"
_PART = re.compile(r"(?P<whole>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.IGNORECASE)
_QUANTIZATION = re.compile(
    r"(?<![a-z0-9])(?P<dynamic>UD[-_])?(?P<name>"
    r"(?:IQ[1-6]|TQ[12]|Q[1-9])"
    r"(?:_(?:0_4_4|0_4_8|0_8_8|4_4|4_8|8_8|NL|XXS|XS|XXL|XL|R4|R8|K|S|M|L|P|0|1))*"
    r"|MXFP4(?:_MOE)?|NVFP4|BF16|FP?16|FP?32|FP8)(?![a-z0-9])",
    re.IGNORECASE,
)
_PROJECTOR = re.compile(r"(?<![a-z])mmproj(?![a-z])", re.IGNORECASE)
_DRAFT = re.compile(
    r"(?:^|/)(?:mtp|draft|eagle3?|dflash|dspark)[-_./]|[-_.](?:dflash|dspark|eagle3?)(?=[-_.]|$)", re.IGNORECASE
)
_ADAPTER = re.compile(r"(?<![a-z])lora(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FileGroup:
    """The paths of one model: a single file, or the parts of a split one in their order, of `part_count` in all."""

    paths: tuple[str, ...]
    part_count: int = 1

    @property
    def name(self) -> str:
        """The first path, which the model is loaded by."""
        return self.paths[0]

    @property
    def complete(self) -> bool:
        """Whether no part is missing."""
        return len(self.paths) == self.part_count


def quantization_of(path: str) -> str:
    """What the name says of the quantization, in upper case ("Q4_K_M", "UD-Q4_K_XL", "BF16"); empty when nothing.

    The last such word of the file's name counts, since a model's own name stands before it; where it has none, the last
    of its folders'. "FP16" and "FP32" are other spellings of F16 and F32.
    """
    folder, _, name = path.rpartition("/")
    for text in (_stem(name), folder):
        if found := list(_QUANTIZATION.finditer(text)):
            spelt = found[-1]["name"].upper()
            plain = {"FP16": "F16", "FP32": "F32"}.get(spelt, spelt)
            return f"UD-{plain}" if found[-1]["dynamic"] else plain
    return ""


def is_model(path: str) -> bool:
    """Whether the file is a language model by its name.

    Vision projectors, importance matrices, drafting heads and adapters are GGUF files too, but none that one can talk
    to. A quantization made with an importance matrix may say so in its name and is a model; so may one that has its
    drafting heads ("MTP") in the same file.
    """
    name = path.rpartition("/")[2]
    if not name.lower().endswith(_SUFFIX) or _PROJECTOR.search(name) or _DRAFT.search(path):
        return False
    stem = _stem(name)
    return not _ADAPTER.search(stem) and ("imatrix" not in stem.lower() or _QUANTIZATION.search(stem) is not None)


def is_projector(path: str) -> bool:
    """Whether the file is, by its name, what lets a model see: a GGUF file that is loaded beside the model's own."""
    name = path.rpartition("/")[2]
    return name.lower().endswith(_SUFFIX) and _PROJECTOR.search(name) is not None


def grouped(paths: Iterable[str]) -> tuple[FileGroup, ...]:
    """The paths, the parts of a split file together, in the order in which their first parts came.

    Parts belong together when folder, name and count are the same; a part that came twice counts once.
    """
    parts: dict[tuple[str, int], dict[int, str]] = {}
    for path in paths:
        found = _PART.fullmatch(path)
        whole, count, number = (found["whole"], int(found["count"]), int(found["number"])) if found else (path, 1, 1)
        parts.setdefault((whole, count), {})[number] = path
    return tuple(
        FileGroup(tuple(numbered[n] for n in sorted(numbered)), count) for (_, count), numbered in parts.items()
    )


def _stem(name: str) -> str:
    if part := _PART.fullmatch(name):
        return part["whole"]
    return name[: -len(_SUFFIX)] if name.lower().endswith(_SUFFIX) else name
