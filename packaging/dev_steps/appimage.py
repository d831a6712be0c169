"""Lays out the folder that an AppImage is packed from; the packing itself is the release workflow's."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from dev_steps import bundle, linux_tree, release_facts
from dev_steps.bundle import NAME, Bundle
from dev_steps.failure import SetupError
from dev_steps.linux_tree import APPLICATION_ID
from dev_steps.places import Places

TOOL = "appimagetool"


def app_dir(places: Places, arguments: Sequence[str]) -> int:
    """The command `appdir`: lay the folder out from the bundle in dist/, and print how it is packed."""
    if arguments:
        raise SetupError("`appdir` takes no arguments; see: python3 packaging/dev.py --help", 2)
    folder = places.dist / bundle.NAME
    if not folder.is_dir():
        raise SetupError("There is no bundle yet: make it with `python3 packaging/dev.py bundle`.")
    print(" ".join(packing_command(places, lay_out(places, bundle.measured(folder)))))
    return 0


def lay_out(places: Places, made: Bundle) -> Path:
    """The folder in dist/: AppRun, entry and icon at its top, as an AppImage has them, and all else below usr."""
    tree = places.dist / "Inglenook.AppDir"
    shutil.rmtree(tree, ignore_errors=True)
    home = tree / "usr" / "lib" / NAME
    home.parent.mkdir(parents=True)
    linux_tree.place_bundle(made.folder, home)
    share = tree / "usr" / "share"
    linux_tree.write_share(places, share)
    run = linux_tree.source(places, "AppRun").read_text(encoding="utf-8")
    linux_tree.write(tree / "AppRun", run, executable=True)
    shutil.copyfile(share / "applications" / f"{APPLICATION_ID}.desktop", tree / f"{APPLICATION_ID}.desktop")
    drawing = share / "icons" / "hicolor" / "scalable" / "apps" / f"{APPLICATION_ID}.svg"
    shutil.copyfile(drawing, tree / f"{APPLICATION_ID}.svg")
    picture = share / "icons" / "hicolor" / "256x256" / "apps" / f"{APPLICATION_ID}.png"
    shutil.copyfile(picture, tree / ".DirIcon")
    # The name under which appimagetool and the centres of software look for the metadata.
    metadata = share / "metainfo"
    (metadata / f"{APPLICATION_ID}.metainfo.xml").rename(metadata / f"{APPLICATION_ID}.appdata.xml")
    linux_tree.make_alike(tree, release_facts.source_date(places))
    return tree


def packing_command(places: Places, tree: Path) -> list[str]:
    """How appimagetool packs the folder `tree`."""
    target = places.dist / f"Inglenook-{release_facts.version(places)}-x86_64.AppImage"
    return [TOOL, "--comp", "zstd", str(tree), str(target)]
