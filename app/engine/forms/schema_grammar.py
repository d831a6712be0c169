"""A JSON schema as GBNF, tight: every answer of the grammar is bounded, compact JSON that the schema accepts.

The grammar may say less than the schema allows, never more, except for what it cannot say at all: not, if, oneOf as
"exactly one", uniqueItems, maxContains, unevaluated parts, look-around in patterns. For that the finished answer is
checked.
"""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.core.errors import OutputFormatError
from app.engine.forms.grammar_rules import SPACE, GrammarRules, comma
from app.engine.forms.pattern_grammar import PatternGrammar, PatternUnsupportedError
from app.engine.forms.schema_merging import Schema, UnsatisfiableError, both, schema_fault
from app.engine.forms.schema_references import SchemaReferences
from app.engine.forms.schema_scalars import FORMATS, is_of, json_text, kinds_of, literal, numbers

_CHARACTER = r'([^"\\\x00-\x1F\x7F] | "\\" ["\\/bfnrt])'
_MOST_CHARACTERS = 1900
_MOST_ITEMS = 600
_KEY_CHARACTERS = 40


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
        self._references = SchemaReferences(schema)
        self._limits = limits
        self._rules = GrammarRules()
        self._open: dict[str, int] = {}
        self._known: dict[tuple[str, frozenset[tuple[str, int]]], str | None] = {}

    def text(self, root: str) -> str:
        """The whole grammar."""
        return self._rules.text(root)

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
                return self.expression(self._references.merged(schema, place), place)
            for key in ("anyOf", "oneOf"):
                if key in schema:
                    return self._union(schema, key, place)
            return self._value(schema, place)
        except (TypeError, ValueError, AttributeError, KeyError, ArithmeticError) as error:
            raise schema_fault(place, f"a keyword has a value that it cannot have ({error})") from error

    def _value(self, schema: Schema, place: str) -> str:
        kinds = kinds_of(schema, place)
        if "const" in schema or "enum" in schema:
            values = [schema["const"]] if "const" in schema else schema["enum"]
            return self._rules.choice(
                [literal(json_text(value)) for value in values if not kinds or is_of(value, kinds)]
            )
        if not kinds:
            return self._any(self._limits.depth)
        found = [text for kind in kinds for text in self._rules.alternatives(partial(self._typed, schema, kind, place))]
        return self._rules.choice(found)

    def _typed(self, schema: Schema, kind: str, place: str) -> str:
        if kind == "object":
            return self._object(schema, place)
        if kind == "array":
            return self._array(schema, place)
        if kind == "string":
            return self._string(schema, place)
        if kind in ("integer", "number"):
            return self._rules.choice(numbers(schema, kind, self._limits.digits))
        return '("true" | "false")' if kind == "boolean" else '"null"'

    def _reference(self, schema: Schema, place: str) -> str:
        pointer = schema["$ref"]
        target = self._references.target(pointer, place)
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
                self._known[key] = self._rules.named(
                    self.expression(target, "$" + pointer.removeprefix("#").replace("/", "."))
                )
            except UnsatisfiableError:
                self._known[key] = None
        found = self._known[key]
        if found is None:
            raise UnsatisfiableError
        return found

    def _union(self, schema: Schema, key: str, place: str) -> str:
        base = {name: value for name, value in schema.items() if name != key}
        found: list[str] = []
        for index, option in enumerate(schema[key]):
            here = f"{place}.{key}[{index}]"
            found += self._rules.alternatives(partial(self._option, base, option, here))
        return self._rules.choice(found)

    def _option(self, base: Schema, option: Schema | bool, place: str) -> str:
        return self.expression(both(base, option) if base else option, place)

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
            texts = [make()] if name in required else self._rules.alternatives(make)
            pairs += [(f"{literal(json_text(name) + ':')} {SPACE} {text}", name in required) for text in texts]
        for index, (pair, needed) in enumerate(pairs):  # the first of those that may be left out make up the least
            if not needed and sum(n for _, n in pairs) < least:
                pairs[index] = (pair, True)
        while len(pairs) > most and any(not needed for _, needed in pairs):
            pairs.remove(next(pair for pair in reversed(pairs) if not pair[1]))
        if not least <= max(len(pairs), least if others is not False else 0) or len(pairs) > most:
            raise UnsatisfiableError
        return self._rules.members(pairs)

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
            found += self._rules.alternatives(partial(self._free_pair, name, value, here))
        if not found and least == 0:
            return '"{}"'
        return self._rules.several("{", self._rules.choice(found), "}", least, most)

    def _free_pair(self, name: Schema, value: Any, place: str) -> str:
        inner = self._any(self._limits.depth - 1) if value is True or value == {} else self.expression(value, place)
        return f'{self.expression(name, place)} ":" {SPACE} {inner}'

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
        rest = self._rules.alternatives(partial(self._items, items, f"{place}.items")) if most else []
        if least and not rest:
            raise UnsatisfiableError
        if not first:
            return self._rules.several("[", self._rules.named(rest[0]), "]", least, most) if rest else '"[]"'
        more = f' ("," {SPACE} {self._rules.named(rest[0])}){{{least},{most}}}' if rest else ""
        return f'"[" {f" {comma()} ".join(first)}{more} "]"'

    def _items(self, items: Any, place: str) -> str:
        return self._any(self._limits.depth - 1) if items is True or items == {} else self.expression(items, place)

    def _string(self, schema: Schema, place: str) -> str:
        if "pattern" in schema:
            try:
                pattern = PatternGrammar(schema["pattern"], self._rules.named, min(200, self._limits.characters))
                return self._rules.named(f'"\\"" {pattern.body()} "\\""')
            except PatternUnsupportedError:
                pass  # a free text then; the finished answer is checked
        elif schema.get("format") in FORMATS:
            return self._rules.named(f'"\\"" {FORMATS[schema["format"]]} "\\""')
        least = schema.get("minLength", 0)
        if least > _MOST_CHARACTERS:
            raise schema_fault(f"{place}.minLength", f"more than {_MOST_CHARACTERS:,} characters cannot be demanded")
        most = int(min(schema.get("maxLength", math.inf), max(least, self._limits.characters)))
        if least > most:
            raise UnsatisfiableError
        return self._rules.named(
            f'"\\"" {self._rules.named(_CHARACTER)}{{{least},{most}}} "\\""' if most else '"\\"\\""'
        )

    def _any(self, depth: int) -> str:
        """Any value, nested up to `depth` deep."""
        scalars = [self._string({}, ""), self._rules.choice(numbers({}, "number", self._limits.digits))]
        scalars += ['"true"', '"false"', '"null"']
        value = self._rules.choice(scalars)
        for _ in range(depth):
            pair = f'{self._string({"minLength": 1, "maxLength": _KEY_CHARACTERS}, "")} ":" {SPACE} {value}'
            items = [self._rules.several("{", self._rules.named(pair), "}", 0, self._limits.items)]
            items += [self._rules.several("[", value, "]", 0, self._limits.items)]
            value = self._rules.choice([*items, *scalars])
        return value
