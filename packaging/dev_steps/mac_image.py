"""Signs the application for macOS, packs it into a disk image, and has Apple notarize that; runs on a Mac only.

What is done is worked out as lists of commands, so that everything but the commands themselves is tested anywhere.
"""

import os
import platform
import plistlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev_steps.failure import SetupError, explained, last_lines
from dev_steps.mac_secrets import NOTARY, notary_account, signing_keychain
from dev_steps.places import Places
from dev_steps.progress import run_step, say

FOLDER = Path("packaging", "macos")
VOLUME = "Inglenook"
MACH_O = (b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")  # one processor (64 bits), several
BUNDLES = (".framework", ".app", ".bundle", ".plugin")
AD_HOC = "-"

IDENTITY = "INGLENOOK_MAC_IDENTITY"

Command = list[str | Path]


def info_plist(root: Path, version: str) -> dict[str, Any]:
    """What Info.plist says of this version, for PyInstaller's BUNDLE (its argument `info_plist`)."""
    values: dict[str, Any] = plistlib.loads((root / FOLDER / "Info.plist").read_bytes())
    return {**values, "CFBundleShortVersionString": version, "CFBundleVersion": version}


def image_name(version: str) -> str:
    """The disk image's file name, the same for everybody who builds this version."""
    return f"Inglenook-{version}-macos-arm64.dmg"


def code_in(app: Path) -> list[Path]:
    """Everything in the application that carries a signature, in the order to sign it: what is inside goes first."""
    found = [path for path in app.rglob("*") if not path.is_symlink() and (_is_code(path) or _is_bundle(path))]
    return [*sorted(found, key=lambda path: (-len(path.parts), path)), app]


def _is_code(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) in MACH_O


def _is_bundle(path: Path) -> bool:
    return path.is_dir() and path.suffix in BUNDLES


def sign_commands(root: Path, app: Path, identity: str) -> list[Command]:
    """The commands that sign the application with `identity`.

    "-" is a signature without a name: enough to run on this Mac, but the hardened runtime would then refuse our own
    libraries, since they have no name in common either.
    """
    entitlements = root / FOLDER / "entitlements.plist"
    hardened: Command = [] if identity == AD_HOC else ["--timestamp", "--options", "runtime"]
    commands = []
    for path in code_in(app):
        runs = path == app or path.parent == app / "Contents" / "MacOS"
        rights: Command = ["--entitlements", entitlements] if runs and identity != AD_HOC else []
        commands.append(["codesign", "--force", "--sign", identity, *hardened, *rights, path])
    return [*commands, ["codesign", "--verify", "--deep", "--strict", "--verbose=2", app]]


@dataclass(frozen=True)
class ImageCommands:
    """The commands that make a disk image; between `attach` and `detach` its window is laid out."""

    make: Command
    attach: Command
    lay_out: Command
    detach: Command
    convert: Command


def image_commands(root: Path, content: Path, writable: Path, image: Path) -> ImageCommands:
    """How the folder `content` becomes the compressed image `image`, by way of the image `writable`."""
    mount = Path("/Volumes") / VOLUME  # the Finder knows disks that appear there only
    shape: Command = ["-volname", VOLUME, "-fs", "HFS+", "-format", "UDRW", "-ov"]
    return ImageCommands(
        make=["hdiutil", "create", "-srcfolder", content, *shape, writable],
        attach=["hdiutil", "attach", writable, "-noautoopen"],
        lay_out=["osascript", root / FOLDER / "image.applescript", VOLUME],
        detach=["hdiutil", "detach", mount, "-force"],
        convert=["hdiutil", "convert", writable, "-format", "UDZO", "-imagekey", "zlib-level=9", "-ov", "-o", image],
    )


def notary_commands(image: Path, account: Sequence[str]) -> list[Command]:
    """The commands that have Apple look at the image and staple its answer to it; `account` is notarytool's."""
    return [
        ["xcrun", "notarytool", "submit", image, *account, "--wait", "--timeout", "30m"],
        ["xcrun", "stapler", "staple", image],
        ["xcrun", "stapler", "validate", image],
        ["spctl", "--assess", "--type", "open", "--context", "context:primary-signature", "--verbose=2", image],
    ]


def make_image(places: Places, app: Path, image: Path) -> Path:
    """Sign Inglenook.app, pack it into the disk image `image`, and notarize that where the secrets are there.

    Without INGLENOOK_MAC_IDENTITY the signature has no name, and macOS asks the person before the first start.
    """
    if platform.system() != "Darwin":
        raise SetupError("The disk image for macOS is made on a Mac.")
    identity = os.environ.get(IDENTITY) or AD_HOC
    if identity == AD_HOC:
        say(f"{IDENTITY} is not set: the application is signed without a name, and macOS will warn of it.")
    with signing_keychain():
        _run(places, "Signing the application", sign_commands(places.root, app, identity))
        _pack(places, app, image)
        if identity != AD_HOC:
            _run(places, "Signing the image", [["codesign", "--force", "--timestamp", "--sign", identity, image]])
    with notary_account() as account:
        if account:
            _run(places, "Notarizing", notary_commands(image, account))
        else:
            say(f"SKIPPED: not notarized, because {', '.join(NOTARY)} are not all set.")
    return image


def _pack(places: Places, app: Path, image: Path) -> None:
    work = places.root / "build" / "macos-image"
    shutil.rmtree(work, ignore_errors=True)
    content = work / "content"
    content.mkdir(parents=True)
    _run(places, "Copying the application", [["ditto", app, content / app.name]])
    (content / "Applications").symlink_to("/Applications")
    steps = image_commands(places.root, content, work / "writable.dmg", image)
    _run(places, "Making the disk image", [steps.make, steps.attach])
    try:
        _lay_out(places, steps.lay_out)
    finally:
        _run(places, "Closing the disk image", [steps.detach])
    _run(places, "Compressing the disk image", [steps.convert])


def _lay_out(places: Places, command: Command) -> None:
    """Only the looks of the image's window hang on this, and a Mac that nobody is signed in on has no Finder to ask."""
    failed = run_step("Laying out the image's window", command, places.logs / "mac-image.log")
    if failed is not None:
        say(f"SKIPPED: the image's window has the Finder's own layout, because:\n{last_lines(failed, 3)}")


def _run(places: Places, title: str, commands: Sequence[Command]) -> None:
    for command in commands:
        log = places.logs / "mac-image.log"
        failed = run_step(f"{title} ({Path(str(command[-1])).name})", command, log)
        if failed is not None:
            raise explained(failed, f"{title} failed. The last lines:\n{last_lines(failed)}The full log: {log}")
