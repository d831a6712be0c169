"""A JSON schema as GBNF, tight: every answer of the grammar is bounded, compact JSON that the schema accepts.

The grammar may say less than the schema allows, never more, except for what it cannot say at all: not, if, oneOf as
"exactly one", uniqueItems, maxContains, unevaluated parts, look-around in patterns. For that the finished answer is
checked.
"""

import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any
from urllib.parse import unquote

from app.core.errors import OutputFormatError
from app.engine.number_grammar import decimals, integers, multiples
from app.engine.pattern_grammar import PatternGrammar, PatternUnsupportedError
from app.engine.schema_merging import Schema, UnsatisfiableError, both, schema_fault

_SPACE = '" "?'  # after a colon or a comma; more room is where small models lose themselves
_CHARACTER = r'([^"\\\x00-\x1F\x7F] | "\\" ["\\/bfnrt])'
_RULE_NAMES = re.compile(r"\br[0-9]+\b")
_TEXTS = re.compile(r'"(?:\\.|[^"\\])*"|\[(?:\\.|[^\]\\])*\]')
_TYPES = ("object", "array", "string", "number", "integer", "boolean", "null")
_MOST_CHARACTERS = 1900
_MOST_ITEMS = 600
_MOST_HOPS = 100
_KEY_CHARACTERS = 40
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
_FORMATS = {
    "date": _DATE,
    "time": _TIME,
    "date-time": f'{_DATE} "T" {_TIME}',
    "uuid": '[0-9a-f]{8} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{4} "-" [0-9a-f]{12}',
    "email": f'[a-z0-9] [a-z0-9._+-]{{0,30}} "@" {_HOST}',
    "ipv4": f'{_BYTE} ("." {_BYTE}){{3}}',
    "hostname": _HOST,
    "uri": f'"http" "s"? "://" {_HOST} ("/" [a-zA-Z0-9._~-]{{0,20}}){{0,4}}',
}


@dataclass(frozen=True, slots=True)
class Limits:
    """How far what the schema leaves open may go: characters of a string, items, a part nested in itself, digits."""

    characters: int
    items: int
    depth: int
    digits: int


def schema_grammar(schema: Schema | bool, limits: Limits) -> str:
    """The grammar, with the rule "root". Raises OutputFormatError, which names the place in the schema."""
    converter = _Converter(schema, limits)
    try:
        root = converter.expression(schema, "$")
    except UnsatisfiableError as error:
        raise schema_fault("$", "no answer of a bounded length satisfies it") from error
    except RecursionError as error:
        raise OutputFormatError("The schema is nested too deeply.") from error
    return converter.text(root)


class _Converter:
    """Expressions for parts of one schema; what is used again is a rule of its own."""

    def __init__(self, schema: Schema | bool, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._rules: dict[str, str] = {}  # body to name
        self._open: dict[str, int] = {}
        self._known: dict[tuple[str, frozenset[tuple[str, int]]], str | None] = {}

    def text(self, root: str) -> str:
        """The rules that `root` needs."""
        bodies = {name: body for body, name in self._rules.items()}
        needed: dict[str, str] = {}
        todo = [("root", root)]
        while todo:
            name, body = todo.pop()
            if name not in needed:
                needed[name] = body
                todo += [(word, bodies[word]) for word in _RULE_NAMES.findall(_TEXTS.sub("", body))]
        return "".join(f"{name} ::= {body}\n" for name, body in needed.items())

    def expression(self, schema: Any, place: str) -> str:
        """What stands for a value of `schema`. Raises OutputFormatError, UnsatisfiableError."""
        if schema is True:
            return self._any(self._limits.depth)
        if schema is False:
            raise UnsatisfiableError
        if not isinstance(schema, dict):
            raise schema_fault(place, "an object, true or false is expected")
        try:
            if "$ref" in schema:
                return self._reference(schema, place)
            if "allOf" in schema:
                return self.expression(self._merged(schema, place), place)
            for key in ("anyOf", "oneOf"):
                if key in schema:
                    return self._union(schema, key, place)
            return self._value(schema, place)
        except (TypeError, ValueError, AttributeError, KeyError, ArithmeticError) as error:
            raise schema_fault(place, f"a keyword has a value that it cannot have ({error})") from error

    def _value(self, schema: Schema, place: str) -> str:
        kinds = _kinds(schema, place)
        if "const" in schema or "enum" in schema:
            values = [schema["const"]] if "const" in schema else schema["enum"]
            return self._choice([_literal(_dump(value)) for value in values if not kinds or _is_of(value, kinds)])
        if not kinds:
            return self._any(self._limits.depth)
        found = [text for kind in kinds for text in self._alternatives(partial(self._typed, schema, kind, place))]
        return self._choice(found)

    def _typed(self, schema: Schema, kind: str, place: str) -> str:
        if kind == "object":
            return self._object(schema, place)
        if kind == "array":
            return self._array(schema, place)
        if kind == "string":
            return self._string(schema, place)
        if kind in ("integer", "number"):
            return self._choice(_numbers(schema, kind, self._limits.digits))
        return '("true" | "false")' if kind == "boolean" else '"null"'

    def _reference(self, schema: Schema, place: str) -> str:
        pointer = schema["$ref"]
        target = self._resolve(pointer, place)
        depth = self._open.get(pointer, 0)
        if depth >= self._limits.depth:
            raise UnsatisfiableError
        others = {key: value for key, value in schema.items() if key != "$ref"}
        self._open[pointer] = depth + 1
        try:
            if others:
                return self.expression(both(target, others), place)
            return self._once(pointer, target)
        finally:
            self._open[pointer] = depth

    def _once(self, pointer: str, target: Schema | bool) -> str:
        """The rule of a referenced part, made once for each way in which references are open."""
        key = (pointer, frozenset(self._open.items()))
        if key not in self._known:
            try:
                self._known[key] = self._named(
                    self.expression(target, "$" + pointer.removeprefix("#").replace("/", "."))
                )
            except UnsatisfiableError:
                self._known[key] = None
        found = self._known[key]
        if found is None:
            raise UnsatisfiableError
        return found

    def _resolve(self, pointer: Any, place: str) -> Schema | bool:
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

    def _merged(self, schema: Schema, place: str) -> Schema:
        """The schema and all of its `allOf` in one, references followed."""
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        todo = list(schema["allOf"])
        for _ in range(_MOST_HOPS):
            if not todo:
                return merged
            part = todo.pop(0)
            if isinstance(part, dict) and ("$ref" in part or "allOf" in part):
                inner = {key: value for key, value in part.items() if key not in ("$ref", "allOf")}
                followed = [self._resolve(part["$ref"], place)] if "$ref" in part else []
                todo = [*followed, *part.get("allOf", []), inner, *todo]
            else:
                merged = both(merged, part)
        raise schema_fault(f"{place}.allOf", "it has no end")

    def _union(self, schema: Schema, key: str, place: str) -> str:
        base = {name: value for name, value in schema.items() if name != key}
        found: list[str] = []
        for index, option in enumerate(schema[key]):
            here = f"{place}.{key}[{index}]"
            found += self._alternatives(partial(self._option, base, option, here))
        return self._choice(found)

    def _option(self, base: Schema, option: Schema | bool, place: str) -> str:
        return self.expression(both(base, option) if base else option, place)

    @staticmethod
    def _alternatives(make: Callable[[], str]) -> list[str]:
        """What `make` gives, or nothing where nothing satisfies it."""
        try:
            return [make()]
        except UnsatisfiableError:
            return []

    def _choice(self, found: list[str]) -> str:
        if not found:
            raise UnsatisfiableError
        distinct = list(dict.fromkeys(found))
        return distinct[0] if len(distinct) == 1 else self._named(" | ".join(distinct))

    def _named(self, body: str) -> str:
        return body if _RULE_NAMES.fullmatch(body) else self._rules.setdefault(body, f"r{len(self._rules)}")

    def _object(self, schema: Schema, place: str) -> str:
        properties = schema.get("properties", {})
        required = [*schema.get("required", [])]
        required += [n for k, names in schema.get("dependentRequired", {}).items() if k in properties for n in names]
        others = schema.get("additionalProperties", True)
        if not properties and not required:
            return self._map(schema, others, place)
        least, most = schema.get("minProperties", 0), schema.get("maxProperties", math.inf)
        pairs: list[tuple[str, bool]] = []
        for name in [*properties, *dict.fromkeys(n for n in required if n not in properties)]:
            here = f"{place}.properties.{name}"
            make = partial(self.expression, properties.get(name, others), here)
            texts = [make()] if name in required else self._alternatives(make)
            pairs += [(f"{_literal(_dump(name) + ':')} {_SPACE} {text}", name in required) for text in texts]
        for index, (pair, needed) in enumerate(pairs):  # the first of those that may be left out make up the least
            if not needed and sum(n for _, n in pairs) < least:
                pairs[index] = (pair, True)
        while len(pairs) > most and any(not needed for _, needed in pairs):
            pairs.remove(next(pair for pair in reversed(pairs) if not pair[1]))
        if not least <= max(len(pairs), least if others is not False else 0) or len(pairs) > most:
            raise UnsatisfiableError
        return self._members(pairs)

    def _members(self, pairs: list[tuple[str, bool]]) -> str:
        """Pairs in their order, each with a comma before it but the first."""
        after = first = '""'
        for pair, needed in reversed(pairs):
            with_comma = f'"," {_SPACE} {pair}' + ("" if after == '""' else f" {after}")
            begun = pair + ("" if after == '""' else f" {after}")
            first = self._named(begun if needed else f"{begun} | {first}")
            after = self._named(with_comma if needed else f"{with_comma} | {after}")
        return f'"{{" {first} "}}"' if pairs else '"{}"'

    def _map(self, schema: Schema, others: Any, place: str) -> str:
        """An object with names of the model's own choice."""
        least = schema.get("minProperties", 0)
        most = max(least, min(schema.get("maxProperties", self._limits.items), self._limits.items))
        kinds = [
            ({"type": "string", "pattern": pattern}, value, f"{place}.patternProperties")
            for pattern, value in schema.get("patternProperties", {}).items()
        ]
        if not kinds and others is not False:
            name = {"type": "string", "minLength": 1, "maxLength": _KEY_CHARACTERS}
            kinds = [(both(name, schema.get("propertyNames", True)), others, f"{place}.additionalProperties")]
        found: list[str] = []
        for name, value, here in kinds if most else ():
            found += self._alternatives(partial(self._free_pair, name, value, here))
        if not found and least == 0:
            return '"{}"'
        return self._several("{", self._choice(found), "}", least, most)

    def _free_pair(self, name: Schema, value: Any, place: str) -> str:
        inner = self._any(self._limits.depth - 1) if value is True or value == {} else self.expression(value, place)
        return f'{self.expression(name, place)} ":" {_SPACE} {inner}'

    def _array(self, schema: Schema, place: str) -> str:
        items, prefix = schema.get("items", True), schema.get("prefixItems", [])
        if isinstance(items, list):  # drafts before 2020-12
            items, prefix = schema.get("additionalItems", True), items
        least = schema.get("minItems", 0)
        if "contains" in schema:
            items, least = both(items, schema["contains"]), max(least, schema.get("minContains", 1))
        most = min(schema.get("maxItems", math.inf), max(least, len(prefix), self._limits.items))
        if least > _MOST_ITEMS:
            raise schema_fault(f"{place}.minItems", f"more than {_MOST_ITEMS} items cannot be demanded")
        if least > most:
            raise UnsatisfiableError
        first = [self.expression(p, f"{place}.prefixItems[{i}]") for i, p in enumerate(prefix[: int(most)])]
        least, most = max(0, least - len(first)), min(_MOST_ITEMS, int(most) - len(first))
        rest = self._alternatives(partial(self._items, items, f"{place}.items")) if most else []
        if least and not rest:
            raise UnsatisfiableError
        if not first:
            return self._several("[", self._named(rest[0]), "]", least, most) if rest else '"[]"'
        more = f' ("," {_SPACE} {self._named(rest[0])}){{{least},{most}}}' if rest else ""
        return f'"[" {f" {_comma()} ".join(first)}{more} "]"'

    def _items(self, items: Any, place: str) -> str:
        return self._any(self._limits.depth - 1) if items is True or items == {} else self.expression(items, place)

    def _several(self, opening: str, item: str, closing: str, least: int, most: int) -> str:
        name = self._named(item)
        more = f" ({_comma()} {name}){{{max(0, least - 1)},{most - 1}}}" if most > 1 else ""
        inside = f"{name}{more}" if least else f"({name}{more})?"
        return f'"{opening}" {inside} "{closing}"'

    def _string(self, schema: Schema, place: str) -> str:
        if "pattern" in schema:
            try:
                pattern = PatternGrammar(schema["pattern"], self._named, min(200, self._limits.characters))
                return self._named(f'"\\"" {pattern.body()} "\\""')
            except PatternUnsupportedError:
                pass  # a free text then; the finished answer is checked
        elif schema.get("format") in _FORMATS:
            return self._named(f'"\\"" {_FORMATS[schema["format"]]} "\\""')
        least = schema.get("minLength", 0)
        if least > _MOST_CHARACTERS:
            raise schema_fault(f"{place}.minLength", f"more than {_MOST_CHARACTERS:,} characters cannot be demanded")
        most = int(min(schema.get("maxLength", math.inf), max(least, self._limits.characters)))
        if least > most:
            raise UnsatisfiableError
        return self._named(f'"\\"" {self._named(_CHARACTER)}{{{least},{most}}} "\\""' if most else '"\\"\\""')

    def _any(self, depth: int) -> str:
        """Any value, nested up to `depth` deep."""
        scalars = [self._string({}, ""), self._choice(_numbers({}, "number", self._limits.digits))]
        scalars += ['"true"', '"false"', '"null"']
        value = self._choice(scalars)
        for _ in range(depth):
            pair = f'{self._string({"minLength": 1, "maxLength": _KEY_CHARACTERS}, "")} ":" {_SPACE} {value}'
            items = [self._several("{", self._named(pair), "}", 0, self._limits.items)]
            items += [self._several("[", value, "]", 0, self._limits.items)]
            value = self._choice([*items, *scalars])
        return value


def _comma() -> str:
    return f'"," {_SPACE}'


def _kinds(schema: Schema, place: str) -> list[str]:
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


def _is_of(value: Any, kinds: list[str]) -> bool:
    if value is None or isinstance(value, bool):
        return ("null" if value is None else "boolean") in kinds
    if isinstance(value, int | float):
        return "number" in kinds or ("integer" in kinds and value == int(value))
    return ("string" if isinstance(value, str) else "array" if isinstance(value, list) else "object") in kinds


def _numbers(schema: Schema, kind: str, digits: int) -> list[str]:
    low = _bound(schema, "minimum", "exclusiveMinimum", max)
    high = _bound(schema, "maximum", "exclusiveMaximum", min)
    if "multipleOf" in schema:
        step = Decimal(str(schema["multipleOf"]))
        whole = kind == "number" or step == int(step)
        texts = multiples(step, low, high)
        return [_literal(text) for text in texts if whole or "." not in text]
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


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
