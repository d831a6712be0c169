"""Makes the installer for any Linux: a shell script that checks and unpacks what is packed behind its last line."""

import gzip
import hashlib
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from dev_steps import linux_tree, release_facts
from dev_steps.bundle import NAME, Bundle
from dev_steps.places import Places
from dev_steps.progress import say

MB = 10**6
HEADER = "run_header.sh"
# gzip, because a bare system may have nothing better; higher levels cost minutes for a hundredth of the size.
_LEVEL = 5
_FIRST_BYTE_DIGITS = 6


def make(places: Places, bundle: Bundle) -> Path:
    """The installer in dist/; the same bundle and date give the same bytes."""
    say("Packing the .run …")
    share = places.root / "build" / "run" / "share"
    shutil.rmtree(share.parent, ignore_errors=True)
    linux_tree.write_share(places, share)
    target = places.dist / f"Inglenook-{release_facts.version(places)}-x86_64.run"
    packed = places.root / "build" / "run" / "packed.tar.gz"
    with packed.open("wb") as file:
        pack({NAME: bundle.folder, "share": share}, file, release_facts.source_date(places))
    with packed.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        header = header_text(places, packed.stat().st_size, sha256, 2 * bundle.bytes // 1024)
        file.seek(0)
        with target.open("wb") as whole:
            whole.write(header)
            shutil.copyfileobj(file, whole, 1 << 20)
    target.chmod(0o755)
    shutil.rmtree(share.parent)
    say(f"The .run takes {target.stat().st_size / MB:.0f} MB ({target}).")
    return target


def header_text(places: Places, packed_bytes: int, sha256: str, needed_kib: int) -> bytes:
    """The script, which knows at which of its file's bytes, counted from 1, the packed ones begin."""

    def filled(first_byte: int) -> bytes:
        facts = {"PACKED_BYTES": packed_bytes, "SHA256": sha256, "NEEDED_KIB": needed_kib}
        number = f"{first_byte:0{_FIRST_BYTE_DIGITS}d}".lstrip("0") or "0"
        return linux_tree.filled(places, HEADER, FIRST_BYTE=number, **facts).encode()

    # The number's own length moves what it names; it grows at most once.
    length = len(filled(0))
    while len(filled(length + 1)) != length:
        length = len(filled(length + 1))
    return filled(length + 1)


def pack(folders: dict[str, Path], file: BinaryIO, date: int) -> None:
    """Write the folders, each under its name, as a tar.gz without anything that tells of the computer they lay on."""
    # Links become files of their own: the disk that they go to may know none.
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=file, mtime=date) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w", format=tarfile.GNU_FORMAT, dereference=True) as archive,
    ):
        for name, folder in sorted(folders.items()):
            paths = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*"))
            for inside, path in [("", folder), *paths]:
                archive.add(path, f"{name}/{inside}".rstrip("/"), recursive=False, filter=_plain(date))


def _plain(date: int) -> Callable[[tarfile.TarInfo], tarfile.TarInfo]:
    def plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        info.mtime = date
        is_program = info.isfile() and linux_tree.is_program(Path(info.name))
        info.mode = 0o755 if info.isdir() or is_program else 0o644
        return info

    return plain
