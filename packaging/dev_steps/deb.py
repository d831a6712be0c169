"""Makes the Debian package from the bundle."""

import email.utils
import gzip
import os
import shutil
from pathlib import Path

from dev_steps import bundle_check, debian_depends, linux_tree, release_facts
from dev_steps.bundle import NAME, Bundle
from dev_steps.failure import SetupError, explained, last_lines
from dev_steps.places import Places
from dev_steps.progress import run_step, say

HOME = Path("usr", "lib", NAME)  # below the root of the system
MB = 10**6
# Measured: xz takes 80 s of processor time for the model alone, which hardly shrinks, and zstd 6 takes 4 s for
# everything; zstd 12 makes the package 3 MB smaller in 20 s more. The bundle's glibc is newer than dpkg's zstd.
_PACKING = ("-Zzstd", "-z6")


def make(places: Places, bundle: Bundle) -> Path:
    """The package in dist/; raises SetupError when dpkg-deb is missing or fails."""
    if shutil.which("dpkg-deb") is None:
        raise SetupError("A .deb is made by dpkg-deb, which is missing here: it comes with the package dpkg.")
    tree = places.root / "build" / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    _lay_out(places, bundle, tree)
    target = places.dist / f"{NAME}_{release_facts.version(places)}_amd64.deb"
    target.unlink(missing_ok=True)
    # One thread: what zstd writes hangs on whether there are several.
    date = str(release_facts.source_date(places))
    env = {**os.environ, "SOURCE_DATE_EPOCH": date, "DPKG_DEB_THREADS_MAX": "1"}
    command: list[str | Path] = ["dpkg-deb", "--root-owner-group", *_PACKING, "--build", tree, target]
    log = places.logs / "deb.log"
    failed = run_step("Packing the .deb", command, log, env)
    shutil.rmtree(tree)
    if failed is not None:
        raise explained(failed, f"The .deb could not be made. The last lines:\n{last_lines(failed)}The full log: {log}")
    say(f"The .deb takes {target.stat().st_size / MB:.0f} MB ({target}).")
    return target


def depends(bundle: Bundle) -> list[str]:
    """What the package depends on."""
    return debian_depends.depends(bundle_check.needs_of_system(bundle.folder))


def _lay_out(places: Places, bundle: Bundle, tree: Path) -> None:
    home = tree / HOME
    home.parent.mkdir(parents=True)
    linux_tree.place_bundle(bundle.folder, home)
    linux_tree.write_share(places, tree / "usr" / "share")
    command = tree / "usr" / "bin" / NAME
    command.parent.mkdir()
    command.symlink_to(Path("..", "lib", NAME, NAME))
    papers = tree / "usr" / "share" / "doc" / NAME
    linux_tree.write(papers / "copyright", linux_tree.source(places, "copyright").read_text(encoding="utf-8"))
    changes = (places.root / "packaging" / "CHANGELOG.md").read_bytes()
    (papers / "CHANGELOG.md.gz").write_bytes(gzip.compress(changes, mtime=0))
    entry = linux_tree.filled(places, "changelog", WHEN=email.utils.formatdate(release_facts.source_date(places)))
    (papers / "changelog.gz").write_bytes(gzip.compress(entry.encode(), mtime=0))
    control = linux_tree.filled(
        places,
        "control",
        INSTALLED_SIZE=-(-bundle.bytes // 1024),
        DEPENDS=", ".join(depends(bundle)),
        RECOMMENDS=", ".join(debian_depends.RECOMMENDED),
    )
    linux_tree.write(tree / "DEBIAN" / "control", control)
    linux_tree.make_alike(tree, release_facts.source_date(places))
