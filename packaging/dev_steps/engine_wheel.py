"""Builds the engine's wheel once per lock, flags, compiler, machine and Python, and keeps it in the cache."""

import hashlib
import os
import platform
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dev_steps import system
from dev_steps.environment import pip, tool_environment
from dev_steps.failure import explained, last_lines
from dev_steps.places import Places
from dev_steps.progress import run_step

# The processor's own instruction set is not asked for: on machines that advertise AMX such a build crashes.
DEFAULT_FLAGS = {"darwin": "-DGGML_METAL=ON"}
PORTABLE_FLAGS = "-DGGML_NATIVE=OFF"


def build_flags() -> str:
    """CMake's arguments: ours, then what the developer set in CMAKE_ARGS."""
    return f"{DEFAULT_FLAGS.get(sys.platform, PORTABLE_FLAGS)} {os.environ.get('CMAKE_ARGS', '')}".strip()


def key(engine_block: str, flags: str, compiler: str) -> str:
    """The name under which a wheel is kept: equal only where the wheel would be."""
    parts = [engine_block, flags, compiler, sysconfig.get_platform(), " ".join(platform.libc_ver())]
    parts.append(f"{sys.implementation.name} {sys.version_info.major}.{sys.version_info.minor}")
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def folder_for(places: Places, engine_block: str, flags: str | None = None) -> Path:
    """Where the wheel of this lock, these flags (None: build_flags()) and this computer is kept."""
    program = system.compiler()
    version = system.compiler_version(program) if program else "no compiler"
    return places.cache / "engine" / key(engine_block, build_flags() if flags is None else flags, version)


def kept_wheel(folder: Path) -> Path | None:
    """The wheel in `folder`, if it was built before."""
    return next(iter(sorted(folder.glob("*.whl"))), None)


@dataclass(frozen=True)
class Flavour:
    """How a wheel is built: CMake's arguments, more variables for the compiler, and what the step is called."""

    flags: str
    variables: Mapping[str, str] = field(default_factory=dict)
    title: str = "Building the engine (once; 3 to 8 minutes on two cores)"


def build(places: Places, engine_block: str, folder: Path, flavour: Flavour | None = None) -> Path:
    """Build the wheel (the plain one without `flavour`) and move it to `folder` in one step.

    So an interrupted build leaves nothing there.
    """
    flavour = flavour or Flavour(build_flags())
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left_over in folder.parent.glob("building-*"):
        shutil.rmtree(left_over, ignore_errors=True)
    log = places.logs / "engine-build.log"
    with tempfile.TemporaryDirectory(prefix="building-", dir=folder.parent, ignore_cleanup_errors=True) as temporary:
        work = Path(temporary)
        lock = work / "engine.lock"
        lock.write_text(engine_block, encoding="utf-8")
        wheels = work / "wheels"
        options = ("--verbose", "--no-deps", "--no-cache-dir", "--no-build-isolation", "--no-binary", ":all:")
        command = pip(places, "wheel", *options, "--require-hashes", "--wheel-dir", wheels, "--requirement", lock)
        # The build's own temporary files lie in the cache too: a small /tmp in memory would not hold them.
        own = {"CMAKE_ARGS": flavour.flags, "TMPDIR": str(work)}
        failed = run_step(flavour.title, command, log, {**tool_environment(places), **flavour.variables, **own})
        if failed is not None:
            sentence = f"The engine could not be built. The last lines:\n{last_lines(failed)}The full log: {log}"
            raise explained(failed, sentence)
        shutil.rmtree(folder, ignore_errors=True)
        wheels.rename(folder)
    wheel = kept_wheel(folder)
    assert wheel is not None, "pip reported success without a wheel"
    return wheel
