"""Lays the bundle out as Linux wants it: the program's folder, its entry in menus, its icons and its file type."""

import os
import shutil
from pathlib import Path

from dev_steps import icon_files, release_facts
from dev_steps.bundle import NAME
from dev_steps.places import Places

APPLICATION_ID = "org.inglenook.Inglenook"  # as app/ui/app.py names it to the desktop
ICON_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)


def source(places: Places, name: str) -> Path:
    """A file of packaging/linux."""
    return places.root / "packaging" / "linux" / name


def filled(places: Places, name: str, **values: object) -> str:
    """The text of a file of packaging/linux, with each @NAME@ in it replaced; version and date are known."""
    text = source(places, name).read_text(encoding="utf-8")
    facts = {"VERSION": release_facts.version(places), "DATE": release_facts.source_day(places), **values}
    for key, value in facts.items():
        text = text.replace(f"@{key}@", str(value))
    return text


def write_share(places: Places, share: Path) -> None:
    """What goes below a `share` folder: entry in menus, metadata, file type and icons."""
    texts = {
        f"applications/{APPLICATION_ID}.desktop": f"{APPLICATION_ID}.desktop",
        f"metainfo/{APPLICATION_ID}.metainfo.xml": f"{APPLICATION_ID}.metainfo.xml",
        f"mime/packages/{APPLICATION_ID}.xml": f"{APPLICATION_ID}.mime.xml",
    }
    for target, name in texts.items():
        write(share / target, filled(places, name))
    icons = share / "icons" / "hicolor"
    drawing = icons / "scalable" / "apps" / f"{APPLICATION_ID}.svg"
    drawing.parent.mkdir(parents=True)
    shutil.copyfile(places.root / icon_files.ICON, drawing)
    for picture in icon_files.draw(places, ICON_SIZES):
        target_icon = icons / f"{picture.pixels}x{picture.pixels}" / "apps" / f"{APPLICATION_ID}.png"
        target_icon.parent.mkdir(parents=True)
        target_icon.write_bytes(icon_files.png(picture))


def place_bundle(folder: Path, target: Path) -> None:
    """Put the bundle at `target`, by links to the same files where the disk allows it."""
    shutil.copytree(folder, target, symlinks=True, copy_function=_link)


def write(path: Path, text: str, *, executable: bool = False) -> None:
    """A text file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755 if executable else 0o644)


def make_alike(folder: Path, date: int) -> None:
    """Give folders and programs 0755 and all else 0644, whatever the builder's mask was, and everything the `date`."""
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (date, date), follow_symlinks=False)
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or (path.stat().st_mode & 0o100 and is_program(path)) else 0o644)


def is_program(path: Path) -> bool:
    """Whether somebody starts the file by its name; libraries are only read."""
    return path.name in (NAME, "AppRun") or path.suffix == ".sh"


def _link(source_file: str, target: str) -> None:
    try:
        os.link(source_file, target)
    except OSError:  # another disk, or a file system without links
        shutil.copy2(source_file, target)
