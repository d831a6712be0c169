"""Tells what a finished environment was made from, so that an unchanged one is recognised in milliseconds."""

import hashlib
import json
import sys
from dataclasses import asdict, dataclass

from dev_steps.engine_wheel import build_flags
from dev_steps.lock_text import split_engine
from dev_steps.places import Places


@dataclass(frozen=True)
class Stamp:
    """A fingerprint for each part that can change by itself; empty while the part is not finished."""

    environment: str = ""
    engine: str = ""
    model: str = ""
    project: str = ""


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def wanted(places: Places) -> Stamp:
    """What the checkout asks for now."""
    rest, engine = split_engine(places.requirements.read_text(encoding="utf-8"))
    return Stamp(
        # An environment carries absolute paths: a checkout that was moved needs a new one.
        environment=_fingerprint(rest, sys.version, sys.base_prefix, str(places.venv)),
        engine=_fingerprint(engine, build_flags()),
        model=_fingerprint(places.model_lock.read_text(encoding="utf-8"), places.catalog.read_text(encoding="utf-8")),
        project=_fingerprint(places.project.read_text(encoding="utf-8")),
    )


def read(places: Places) -> Stamp:
    """What the environment was made from, as far as it got."""
    if not places.python.exists():
        return Stamp()
    try:
        return Stamp(**json.loads(places.stamp.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return Stamp()


def write(places: Places, stamp: Stamp) -> None:
    """Keep what is finished; written after a part is, never before."""
    unfinished = places.stamp.with_suffix(".tmp")
    unfinished.write_text(json.dumps(asdict(stamp)), encoding="utf-8")
    unfinished.replace(places.stamp)
