"""References within a JSON schema, and the parts that they join."""

from typing import Any
from urllib.parse import unquote

from app.engine.forms.schema_merging import Schema, both, schema_fault

_MOST_HOPS = 100


class SchemaReferences:
    """Follows the references of one schema. Raises OutputFormatError for one that leads nowhere."""

    def __init__(self, schema: Schema | bool) -> None:
        self._schema = schema

    def target(self, pointer: Any, place: str) -> Schema | bool:
        """What a reference at `place` means."""
        if not isinstance(pointer, str) or not pointer.startswith("#"):
            raise schema_fault(f"{place}.$ref", "only a reference within the schema (#/…) can be followed")
        target: Any = self._schema
        if pointer not in ("#", "#/") and not pointer.startswith("#/"):
            target = _anchored(self._schema, pointer[1:])
        for step in unquote(pointer).split("/")[1:] if pointer.startswith("#/") else ():
            name = step.replace("~1", "/").replace("~0", "~")
            if isinstance(target, list) and name.isdecimal() and int(name) < len(target):
                target = target[int(name)]
            else:
                target = target.get(name) if isinstance(target, dict) else None
        if not isinstance(target, dict | bool):
            raise schema_fault(f"{place}.$ref", f"there is nothing at {pointer}")
        return target

    def merged(self, schema: Schema, place: str) -> Schema:
        """The schema and all of its `allOf` in one, references followed."""
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        todo = list(schema["allOf"])
        for _ in range(_MOST_HOPS):
            if not todo:
                return merged
            part = todo.pop(0)
            if isinstance(part, dict) and ("$ref" in part or "allOf" in part):
                inner = {key: value for key, value in part.items() if key not in ("$ref", "allOf")}
                followed = [self.target(part["$ref"], place)] if "$ref" in part else []
                todo = [*followed, *part.get("allOf", []), inner, *todo]
            else:
                merged = both(merged, part)
        raise schema_fault(f"{place}.allOf", "it has no end")


def _anchored(schema: Any, name: str) -> Any:
    todo = [schema]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            if part.get("$anchor") == name:
                return part
            todo += part.values()
        elif isinstance(part, list):
            todo += part
    return None
