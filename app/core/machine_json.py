"""A machine as the values that JSON can hold, and back: `inglenook devices --json` writes what is read here."""

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from app.core.errors import InvalidParameterError
from app.core.machine import BackendNote, Device, DeviceKind, Machine, MemoryUse
from app.core.machine_doubts import doubted
from app.core.plain_json import plain

_LONGEST_TEXT = 1000
_LONGEST_LIST = 256
_T = TypeVar("_T")


def machine_values(machine: Machine) -> dict[str, Any]:
    """The machine as an object of JSON, with the names of its fields; amounts in bytes."""
    values = plain(machine)
    assert isinstance(values, dict)
    return values


def machine_from(values: object) -> Machine:
    """The machine that machine_values() wrote. Other keys than a machine's are left alone.

    What can be read and yet cannot be true (no memory, more free than there is) is among the machine's doubts. Raises
    InvalidParameterError, whose sentence names the field, for what is missing, negative or of the wrong type.
    """
    fields = _Fields(_object(values, "it"), "")
    machine = Machine(
        system=fields.text("system"),
        processor=fields.text("processor"),
        cores=fields.amount("cores"),
        ram_bytes=fields.amount("ram_bytes"),
        ram_free_bytes=fields.amount("ram_free_bytes"),
        devices=fields.many("devices", _device),
        name=fields.text("name", ""),
        ram_limit=fields.text("ram_limit", ""),
        swap_bytes=fields.amount("swap_bytes", 0),
        swap_free_bytes=fields.amount("swap_free_bytes", 0),
        disk_free_bytes=fields.amount("disk_free_bytes") if fields.has("disk_free_bytes") else None,
        uses=fields.many("uses", _use, ()),
        doubts=fields.texts("doubts"),
        multiply_rate=fields.amount("multiply_rate", 0),
        backends=fields.many("backends", _backend, ()),
    )
    names = [device.name for device in machine.devices]
    if len(set(names)) < len(names):
        raise _refused('two of "devices" have the same name')
    return doubted(machine)


def _device(fields: "_Fields") -> Device:
    return Device(
        name=fields.text("name"),
        description=fields.text("description"),
        backend=fields.text("backend"),
        kind=fields.kind("kind"),
        total_bytes=fields.amount("total_bytes"),
        free_bytes=fields.amount("free_bytes"),
        unified=fields.truth("unified") if fields.has("unified") else False,
        has_display=fields.truth("has_display") if fields.has("has_display") else None,
        bandwidth=fields.amount("bandwidth", 0),
        bandwidth_source=fields.text("bandwidth_source", ""),
    )


def _use(fields: "_Fields") -> MemoryUse:
    return MemoryUse(fields.text("device"), fields.text("program"), fields.amount("size_bytes"))


def _backend(fields: "_Fields") -> BackendNote:
    return BackendNote(
        fields.text("name"),
        fields.truth("is_used"),
        fields.text("reason"),
        fields.truth("can_be_chosen") if fields.has("can_be_chosen") else True,
    )


class _Fields:
    """Reads the fields of one object; `path` is where it stands, for the sentence of an error."""

    def __init__(self, values: Mapping[str, Any], path: str) -> None:
        self._values = values
        self._path = path

    def has(self, key: str) -> bool:
        """Whether there is a value; null is none."""
        return self._values.get(key) is not None

    def text(self, key: str, default: str | None = None) -> str:
        """A text without control characters, cut where it is absurdly long."""
        value = self._get(key, default)
        if not isinstance(value, str):
            raise self._wrong(key, "must be a text", value)
        return _clean(value)

    def amount(self, key: str, default: int | None = None) -> int:
        """A whole number that is not negative; 51.2e9 is one."""
        value = self._get(key, default)
        if isinstance(value, float) and math.isfinite(value) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(key, "must be a whole number", value)
        if value < 0:
            raise self._wrong(key, "must not be negative", value)
        return value

    def truth(self, key: str) -> bool:
        """True or false."""
        value = self._get(key, None)
        if not isinstance(value, bool):
            raise self._wrong(key, "must be true or false", value)
        return value

    def kind(self, key: str) -> DeviceKind:
        """What a device is to llama.cpp."""
        value = self._get(key, None)
        if not isinstance(value, str) or value not in set(DeviceKind):
            raise self._wrong(key, f"must be one of {', '.join(DeviceKind)}", value)
        return DeviceKind(value)

    def many(self, key: str, read: Callable[["_Fields"], _T], default: tuple[_T, ...] | None = None) -> tuple[_T, ...]:
        """A list of objects, each as `read` makes it."""
        found = self._list(key, None if default is None else [])
        return tuple(
            read(_Fields(_object(part, f'"{self._path}{key}[{number}]"'), f"{self._path}{key}[{number}]."))
            for number, part in enumerate(found)
        )

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; without the key there are none."""
        found = self._list(key, [])
        if not all(isinstance(part, str) for part in found):
            raise self._wrong(key, "must be a list of texts", found)
        return tuple(_clean(part) for part in found)

    def _list(self, key: str, default: list[Any] | None) -> list[Any]:
        value = self._get(key, default)
        if not isinstance(value, list):
            raise self._wrong(key, "must be a list", value)
        if len(value) > _LONGEST_LIST:
            raise _refused(f'"{self._path}{key}" has more than {_LONGEST_LIST} parts')
        return value

    def _get(self, key: str, default: object) -> object:
        value = self._values.get(key)
        if value is not None:
            return value
        if default is None:
            raise _refused(f'"{self._path}{key}" is missing')
        return default

    def _wrong(self, key: str, rule: str, value: object) -> InvalidParameterError:
        return _refused(f'"{self._path}{key}" {rule} and is {_short(value)}')


def _object(value: object, called: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _refused(f"{called} must be an object of JSON and is {_short(value)}")
    return value


def _refused(reason: str) -> InvalidParameterError:
    return InvalidParameterError(f"The description of a machine cannot be used: {reason}.")


def _short(value: object) -> str:
    """What a value is, for a sentence."""
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    if isinstance(value, int) and abs(value) >= 10**40:
        return "a number of more than 40 digits"
    text = _clean(f'"{value}"' if isinstance(value, str) else str(value))
    return text if len(text) <= 60 else f"{text[:60]}…"


def _clean(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text[:_LONGEST_TEXT])
