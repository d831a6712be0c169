"""Brings the checkout from whatever state it is in to a finished environment, doing only what is missing."""

import time
from dataclasses import replace

from dev_steps import engine_wheel, environment, model_file, stamp, system
from dev_steps.lock_text import split_engine
from dev_steps.places import Places
from dev_steps.progress import say
from dev_steps.waiting import alone


def set_up(places: Places) -> None:
    """See to everything that the application needs beside the system's own libraries."""
    if is_finished(places):
        return
    began = time.monotonic()
    with alone(places.cache / "set-up.lock"):
        if not is_finished(places):
            _finish(places)
            say(f"Set-up is finished ({time.monotonic() - began:.0f} s).")


def is_finished(places: Places) -> bool:
    """Whether nothing changed since the last set-up; costs milliseconds."""
    return stamp.read(places) == stamp.wanted(places) and model_file.is_placed(places)


def _finish(places: Places) -> None:
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
    _require_what_is_needed(places, made, wanted, engine_block)

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


def _require_what_is_needed(places: Places, made: stamp.Stamp, wanted: stamp.Stamp, engine_block: str) -> None:
    """Find out before the long steps whether there is room, and a compiler if one is needed."""
    new_engine = made.engine != wanted.engine
    if new_engine:
        new_engine = engine_wheel.kept_wheel(engine_wheel.folder_for(places, engine_block)) is None
    needs = system.room_needed(
        places,
        environment=made.environment != wanted.environment,
        engine=new_engine,
        model=made.model != wanted.model and not model_file.cached_file(places).exists(),
    )
    system.require_room(needs)
    if new_engine:
        system.require_compiler(places.logs)


def _record(places: Places, made: stamp.Stamp) -> stamp.Stamp:
    stamp.write(places, made)
    return made
