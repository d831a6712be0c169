"""Brings the checkout from whatever state it is in to a finished environment, doing only what is missing."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import replace

from dev_steps import engine_wheel, environment, model_file, room, stamp, system
from dev_steps.lock_text import split_engine
from dev_steps.places import Places
from dev_steps.progress import say
from dev_steps.system import Lack
from dev_steps.waiting import alone


def set_up(places: Places, lacking: Sequence[Lack] = ()) -> None:
    """See to everything that the application needs; `lacking` is what the caller needs of the system beside that."""
    if is_finished(places):
        system.provide(lacking, places.logs)
        return
    began = time.monotonic()
    with alone(places.cache / "set-up.lock"):
        if is_finished(places):
            system.provide(lacking, places.logs)
        else:
            _finish(places, lacking)
            say(f"Set-up is finished ({time.monotonic() - began:.0f} s).")


def is_finished(places: Places) -> bool:
    """Whether nothing changed since the last set-up; costs milliseconds."""
    return stamp.read(places) == stamp.wanted(places) and model_file.is_placed(places)


def _finish(places: Places, lacking: Sequence[Lack]) -> None:
    """Do what differs between what is there and what is wanted.

    Each part is recorded when it is finished, and its record is struck out before it is begun anew: so whatever
    interrupts us, the next call goes on from the last whole part.
    """
    wanted, made = stamp.wanted(places), stamp.read(places)
    packages, engine_block = split_engine(places.requirements.read_text(encoding="utf-8"))
    if made.environment != wanted.environment:
        made = stamp.Stamp()  # what was installed goes with the environment that it was installed in
    if not model_file.is_placed(places):
        made = replace(made, model="")
    new_environment, new_engine = made.environment != wanted.environment, made.engine != wanted.engine
    to_build = new_engine and engine_wheel.kept_wheel(engine_wheel.folder_for(places, engine_block)) is None
    room.require(
        room.needed(
            places,
            environment=new_environment,
            engine=to_build,
            model=made.model != wanted.model and not model_file.cached_file(places).exists(),
        )
    )
    # All at once: nobody should be told of one missing package after the other.
    lacking = [*lacking, *(system.venv_lacks() if new_environment and not shutil.which("uv") else [])]
    system.provide([*lacking, *(system.compiler_lacks() if to_build else [])], places.logs)

    if made.environment != wanted.environment:
        environment.make(places, packages)
        made = _record(places, replace(made, environment=wanted.environment))
    if made.engine != wanted.engine:
        made = _record(places, replace(made, engine=""))
        folder = engine_wheel.folder_for(places, engine_block)
        wheel = engine_wheel.kept_wheel(folder) or engine_wheel.build(places, engine_block, folder)
        environment.install_wheel(places, wheel)
        made = _record(places, replace(made, engine=wanted.engine))
    if made.model != wanted.model:
        model_file.place(places)
        made = _record(places, replace(made, model=wanted.model))
    if made.project != wanted.project:
        environment.install_project(places)
        _record(places, replace(made, project=wanted.project))


def _record(places: Places, made: stamp.Stamp) -> stamp.Stamp:
    stamp.write(places, made)
    return made
