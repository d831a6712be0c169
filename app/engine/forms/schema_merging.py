"""Two JSON schemas that must hold at once, as one."""

from typing import Any

from app.core.errors import OutputFormatError

Schema = dict[str, Any]

_MOST_ALTERNATIVES = 64


class UnsatisfiableError(Exception):
    """Nothing satisfies this part of a schema, or only what is nested too deeply; a parent may do without it."""


def schema_fault(place: str, reason: str) -> OutputFormatError:
    """The error for a schema that is wrong at `place`, a path such as "$.properties.age"."""
    return OutputFormatError(f"The schema is not valid at {place}: {reason}.")


def both(left: Schema | bool, right: Schema | bool) -> Schema:
    """A schema for what satisfies the two. References in them stay as they are, side by side in `allOf`."""
    if left is False or right is False:
        raise UnsatisfiableError
    merged = dict(left) if isinstance(left, dict) else {}
    for key, value in (right if isinstance(right, dict) else {}).items():
        if key not in merged or merged[key] == value:
            merged[key] = value
        elif key in ("$ref", "allOf"):
            merged["allOf"] = [*_list(merged.pop("allOf", [])), *([{"$ref": value}] if key == "$ref" else _list(value))]
        else:
            merged[key] = _joined(key, merged[key], value)
    return merged


def _joined(key: str, left: Any, right: Any) -> Any:
    if key == "properties":
        return {name: _either(left, right, name) for name in [*left, *(n for n in right if n not in left)]}
    if key == "required":
        return [*left, *(name for name in right if name not in left)]
    if key == "type":
        return _common_types(left, right)
    if key == "enum":
        return [value for value in left if value in right]
    if key in ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"):
        return max(left, right)
    if key in ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"):
        return min(left, right)
    if key in ("anyOf", "oneOf"):
        return [{"allOf": [a, b]} for a in left for b in right][:_MOST_ALTERNATIVES]
    if key in ("items", "additionalProperties", "contains", "propertyNames"):
        return False if left is False or right is False else {"allOf": [left, right]}
    return right  # what the grammar does not read, or cannot have both ways: the finished answer is checked


def _either(left: Schema, right: Schema, name: str) -> Any:
    if name in left and name in right:
        return {"allOf": [left[name], right[name]]}
    return left.get(name, right.get(name))


def _common_types(left: Any, right: Any) -> list[str]:
    others = _list(right)
    common = [kind for kind in _list(left) if kind in others or (kind == "integer" and "number" in others)]
    common += [kind for kind in others if kind == "integer" and "number" in _list(left) and kind not in common]
    if not common:
        raise UnsatisfiableError
    return common


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
