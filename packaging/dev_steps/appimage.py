"""Makes the AppImage from the bundle: the AppImage project's small program, and behind it all as one file system.

That program is fetched once and checked against its checksum; the rest is packed by mksquashfs.
"""

import hashlib
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from dev_steps import bundle, hard_self_test, linux_tree, release_facts
from dev_steps.bundle import NAME, Bundle
from dev_steps.failure import SetupError, explained, last_lines
from dev_steps.linux_tree import APPLICATION_ID
from dev_steps.places import Places
from dev_steps.progress import run_step, say
from dev_steps.system import Lack, provide

OPTION = "--appimage"
MB = 10**6
RUNTIME_VERSION = "20251108"
RUNTIME = f"https://github.com/AppImage/type2-runtime/releases/download/{RUNTIME_VERSION}/runtime-x86_64"
RUNTIME_SHA256 = "2fca8b443c92510f1483a883f60061ad09b46b978b2631c807cd873a47ec260d"
EXTRACT_AND_RUN = "--appimage-extract-and-run"  # where no file system of a user can be mounted, as in containers
_SECONDS = 60
# The program can read zstd; as with the .deb, more than level 6 costs much time for little.
_PACKING = ("-comp", "zstd", "-Xcompression-level", "6", "-all-root", "-no-xattrs", "-noappend", "-no-progress")


def app_image(places: Places, arguments: Sequence[str]) -> int:
    """The command `appimage`: make it from the bundle in dist/, have it test itself, and print where it is."""
    if arguments:
        raise SetupError("`appimage` takes no arguments; see: python3 packaging/dev.py --help", 2)
    folder = places.dist / bundle.NAME
    if not folder.is_dir():
        raise SetupError("There is no bundle yet: make it with `python3 packaging/dev.py bundle`.")
    made = make(places, bundle.measured(folder))
    try_it(made)
    print(made)
    return 0


def make(places: Places, made: Bundle) -> Path:
    """The AppImage in dist/; the same bundle and date give the same bytes."""
    if shutil.which("mksquashfs") is None:
        provide([Lack("mksquashfs", "squashfs-tools", "Install squashfs-tools.")], places.logs)
    start = runtime(places)
    tree = lay_out(places, made)
    packed = places.root / "build" / "appimage.squashfs"
    # By this variable mksquashfs dates everything; it takes no option beside it.
    env = {**os.environ, "SOURCE_DATE_EPOCH": str(release_facts.source_date(places))}
    log = places.logs / "appimage.log"
    failed = run_step("Packing the AppImage", ["mksquashfs", tree, packed, *_PACKING], log, env)
    shutil.rmtree(tree)
    if failed is not None:
        words = f"The AppImage could not be packed. The last lines:\n{last_lines(failed)}The full log: {log}"
        raise explained(failed, words)
    target = places.dist / f"Inglenook-{release_facts.version(places)}-x86_64.AppImage"
    with target.open("wb") as whole:
        for part in (start, packed):
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole, 1 << 20)
    target.chmod(0o755)
    packed.unlink()
    say(f"The AppImage takes {target.stat().st_size / MB:.0f} MB ({target}).")
    return target


def try_it(made: Path) -> None:
    """Have it test itself, unpacked; raises SetupError unless it says that all is well."""
    command = [str(made), EXTRACT_AND_RUN, "self-test", "--json"]
    hard_self_test.check(hard_self_test.alone(command), "the AppImage", "/")


def lay_out(places: Places, made: Bundle) -> Path:
    """The folder that is packed: AppRun, entry and icon at its top, as an AppImage has them, and all else below usr."""
    tree = places.root / "build" / "Inglenook.AppDir"
    shutil.rmtree(tree, ignore_errors=True)
    home = tree / "usr" / "lib" / NAME
    home.parent.mkdir(parents=True)
    linux_tree.place_bundle(made.folder, home)
    share = tree / "usr" / "share"
    linux_tree.write_share(places, share)
    shutil.copytree(linux_tree.source(places, "appimage"), share / "doc" / "appimage-runtime")
    run = linux_tree.source(places, "AppRun").read_text(encoding="utf-8")
    linux_tree.write(tree / "AppRun", run, executable=True)
    shutil.copyfile(share / "applications" / f"{APPLICATION_ID}.desktop", tree / f"{APPLICATION_ID}.desktop")
    drawing = share / "icons" / "hicolor" / "scalable" / "apps" / f"{APPLICATION_ID}.svg"
    shutil.copyfile(drawing, tree / f"{APPLICATION_ID}.svg")
    picture = share / "icons" / "hicolor" / "256x256" / "apps" / f"{APPLICATION_ID}.png"
    shutil.copyfile(picture, tree / ".DirIcon")
    # The name under which programs that list AppImages look for the metadata.
    metadata = share / "metainfo"
    (metadata / f"{APPLICATION_ID}.metainfo.xml").rename(metadata / f"{APPLICATION_ID}.appdata.xml")
    linux_tree.make_alike(tree, release_facts.source_date(places))
    return tree


def runtime(places: Places, address: str = RUNTIME, sha256: str = RUNTIME_SHA256) -> Path:
    """The program that an AppImage begins with, from the cache or fetched now; raises SetupError for other bytes."""
    kept = places.cache / "appimage" / f"runtime-{sha256[:16]}"
    if not kept.is_file():
        say(f"Fetching the program that an AppImage begins with: {address}")
        try:
            with urllib.request.urlopen(address, timeout=_SECONDS) as answer:
                content: bytes = answer.read()
        except (urllib.error.URLError, TimeoutError) as error:
            raise SetupError(f"The program that an AppImage begins with could not be fetched: {error}") from error
        _check(content, sha256, address)
        kept.parent.mkdir(parents=True, exist_ok=True)
        unfinished = kept.with_name(f"{kept.name}-{os.getpid()}")
        unfinished.write_bytes(content)
        unfinished.replace(kept)
    _check(kept.read_bytes(), sha256, str(kept))
    return kept


def _check(content: bytes, sha256: str, where: str) -> None:
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise SetupError(f"{where} is not what it was when this was written: its SHA-256 is {found}, not {sha256}.")
