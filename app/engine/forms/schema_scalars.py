"""The scalar parts of a JSON schema: which types it means, and its numbers, texts and formats as GBNF."""

import json
import math
from decimal import Decimal
from typing import Any

from app.engine.forms.number_grammar import decimals, integers, multiples
from app.engine.forms.schema_merging import Schema, schema_fault

_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_KEYWORD_TYPES = {
    "object": ("properties", "required", "additionalProperties", "patternProperties", "propertyNames", "minProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "contains", "uniqueItems"),
    "string": ("pattern", "minLength", "maxLength", "format"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}
_MONTH_AND_DAY = (
    '(("0" [13578] | "1" [02]) "-" ("0" [1-9] | [12] [0-9] | "3" [01]) '
    '| ("0" [469] | "11") "-" ("0" [1-9] | [12] [0-9] | "30") '
    '| "02-" ("0" [1-9] | "1" [0-9] | "2" [0-8]))'
)
_DATE = f'[12] [0-9]{{3}} "-" {_MONTH_AND_DAY}'
_HOUR = '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9]'
_TIME = f'{_HOUR} ":" [0-5] [0-9] ("." [0-9]{{3}})? ("Z" | [+-] {_HOUR})'
_BYTE = '("25" [0-5] | "2" [0-4] [0-9] | "1" [0-9]{2} | [1-9]? [0-9])'
_LABEL = "[a-z0-9]{1,20}"
_HOST = f'{_LABEL} ("." {_LABEL}){{0,2}} "." [a-z]{{2,6}}'
FORMATS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": f'{_DATE} "T" {_TIME}',
    "uuid": '[0-9a-f]{8} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{12}',
    "email": f'[a-z0-9] [a-z0-9._+-]{{0,30}} "@" {_HOST}',
    "ipv4": f'{_BYTE} ("." {_BYTE}){{3}}',
    "hostname": _HOST,
    "uri": f'"http" "s"? "://" {_HOST} ("/" [a-zA-Z0-9._~-]{{0,20}}){{0,4}}',
}


def kinds_of(schema: Schema, place: str) -> list[str]:
    """The types that a schema names or that its keywords speak of; none is any."""
    named = schema.get("type")
    if named is None:
        return next(
            (["number" if k == "number" else k] for k, words in _KEYWORD_TYPES.items() if {*words} & {*schema}), []
        )
    kinds = [named] if isinstance(named, str) else list(named)
    for kind in kinds:
        if kind not in _TYPES:
            raise schema_fault(f"{place}.type", f"{kind!r} is no type of JSON")
    return [kind for kind in kinds if kind != "integer" or "number" not in kinds]


def is_of(value: Any, kinds: list[str]) -> bool:
    """Whether a value is of one of the types."""
    if value is None or isinstance(value, bool):
        return ("null" if value is None else "boolean") in kinds
    if isinstance(value, int | float):
        return "number" in kinds or ("integer" in kinds and value == int(value))
    return ("string" if isinstance(value, str) else "array" if isinstance(value, list) else "object") in kinds


def numbers(schema: Schema, kind: str, digits: int) -> list[str]:
    """Alternatives for the numbers that a schema allows, with at most so many digits where it sets no bound."""
    low = _bound(schema, "minimum", "exclusiveMinimum", max)
    high = _bound(schema, "maximum", "exclusiveMaximum", min)
    if "multipleOf" in schema:
        step = Decimal(str(schema["multipleOf"]))
        whole = kind == "number" or step == int(step)
        texts = multiples(step, low, high)
        return [literal(text) for text in texts if whole or "." not in text]
    if kind == "integer":
        return integers(None if low is None else math.ceil(low), None if high is None else math.floor(high), digits)
    if low is None and high is None:
        return [f'"-"? ([0-9] | [1-9] [0-9]{{1,{digits - 1}}}) ("." [0-9]{{1,{min(6, digits)}}})?']
    return decimals(low, high, digits)


def _bound(schema: Schema, plain: str, exclusive: str, tighter: Any) -> Decimal | None:
    """A bound that may be reached; one that may not is moved by a step that no written number falls into."""
    for key in (plain, exclusive):
        if not isinstance(schema.get(key, 0), int | float):
            raise TypeError(f"{key} is no number")
    found = [Decimal(str(schema[plain]))] if plain in schema else []
    if isinstance(schema.get(exclusive), bool):  # draft 4: a flag beside the bound
        exclusives = found if schema[exclusive] else []
        found = [] if schema[exclusive] else found
    else:
        exclusives = [Decimal(str(schema[exclusive]))] if exclusive in schema else []
    step = Decimal("1e-9") if tighter is max else -Decimal("1e-9")
    found += [value + step for value in exclusives]
    return tighter(found) if found else None


def json_text(value: Any) -> str:
    """A value as the grammar writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def literal(text: str) -> str:
    """A text as GBNF."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
