"""The grammar of a schema: whatever it lets a model write is JSON that the schema accepts."""

import json
import random
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from app.core.errors import OutputFormatError
from app.core.generation import OutputFormat, OutputKind
from app.engine.forms.structured import grammar_for
from tests.unit.engine.forms.grammar_texts import GrammarTexts

NODE = {
    "type": "object",
    "properties": {"v": {"type": "integer"}, "kids": {"type": "array", "items": {"$ref": "#/$defs/node"}}},
    "required": ["v", "kids"],
}
OBJECT = {"type": "object"}
SCHEMAS: dict[str, Any] = {
    "anything": True,
    "no keyword": {},
    "an object": {"type": "object"},
    "a list": {"type": "array"},
    "required and optional": {
        **OBJECT,
        "properties": {
            "name": {"type": "string"},
            "age": {"type": "integer", "minimum": 0, "maximum": 120},
            "tags": {"type": "array", "items": {"type": "string", "maxLength": 5}, "minItems": 1, "maxItems": 3},
        },
        "required": ["age"],
        "additionalProperties": False,
    },
    "all optional": {
        **OBJECT,
        "properties": {"a": {"type": "boolean"}, "b": {"type": "null"}, "c": {"type": "number"}},
    },
    "required but not described": {**OBJECT, "required": ["x"], "properties": {"a": {"type": "integer"}}},
    "number of properties": {
        **OBJECT,
        "properties": {k: {"const": k} for k in "abc"},
        "minProperties": 2,
        "maxProperties": 2,
    },
    "dependent": {
        **OBJECT,
        "properties": {"a": {"type": "null"}, "b": {"type": "null"}},
        "dependentRequired": {"a": ["b"]},
    },
    "map": {**OBJECT, "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1}},
    "map with names": {**OBJECT, "propertyNames": {"pattern": "^[a-z]{2,4}$"}, "minProperties": 0},
    "pattern of names": {**OBJECT, "patternProperties": {"^x_": {"type": "integer"}}, "additionalProperties": False},
    "no property at all": {**OBJECT, "additionalProperties": False},
    "reference": {"$defs": {"node": NODE}, "$ref": "#/$defs/node"},
    "reference with more beside": {
        "$defs": {"n": {"type": "integer", "minimum": 3}},
        "$ref": "#/$defs/n",
        "maximum": 12,
    },
    "reference to the whole": {
        **OBJECT,
        "properties": {
            "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
            "v": {"enum": ['b"\\', 3, None, {"x": [1]}]},
        },
        "required": ["next", "v"],
    },
    "reference to an anchor": {"$defs": {"a": {"$anchor": "here", "type": "boolean"}}, "items": {"$ref": "#here"}},
    "escaped reference": {"$defs": {"a/b~c d": {"const": 1}}, "$ref": "#/$defs/a~1b~0c%20d"},
    "all of": {
        "allOf": [
            {**OBJECT, "properties": {"a": {"type": "number"}}, "required": ["a"]},
            {"$ref": "#/$defs/q"},
            {"properties": {"a": {"minimum": 5, "type": "integer"}}},
        ],
        "$defs": {"q": {"properties": {"b": {"const": "é\n"}}, "required": ["b"]}},
    },
    "any of": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "integer", "exclusiveMinimum": 3, "maximum": 9}]},
    "one of with more beside": {
        "type": "object",
        "oneOf": [{"required": ["a"]}],
        "properties": {"a": {"type": "null"}},
    },
    "several types": {"type": ["string", "null", "integer"], "minLength": 2, "maximum": -4},
    "const": {"const": {"a": [1, 'ü"\\']}},
    "enum of one type": {"type": "string", "enum": ["a", 1, "b"]},
    "tuple": {
        "prefixItems": [{"type": "integer"}, {"type": "null"}],
        "items": {"type": "boolean"},
        "minItems": 3,
        "type": "array",
    },
    "closed tuple": {"prefixItems": [{"type": "integer"}], "items": False},
    "contains": {"type": "array", "contains": {"type": "integer"}, "maxItems": 3},
    "lengths": {"type": "string", "minLength": 3, "maxLength": 4},
    "empty string": {"type": "string", "maxLength": 0},
    "whole numbers": {"type": "integer", "minimum": -105, "maximum": 1017},
    "large numbers": {"type": "integer", "minimum": 10**20},
    "negative numbers": {"type": "number", "exclusiveMaximum": 0, "minimum": -2.5},
    "narrow numbers": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    "multiples": {"type": "integer", "multipleOf": 7, "minimum": 10},
    "parts": {"type": "number", "multipleOf": 0.25, "maximum": 2},
    "pattern": {"type": "string", "pattern": r'^(\+\d{1,3} )?\d{3}-[^"x]{2}[\w."\\]*$'},
    "pattern with alternatives": {"type": "string", "pattern": "^(?:ab|c.d)+?$|^$"},
    "pattern without anchors": {"type": "string", "pattern": r"[A-F]{2}\u0041"},
    **{
        f: {"type": "string", "format": f}
        for f in ("date", "time", "date-time", "uuid", "email", "ipv4", "hostname", "uri")
    },
}


@pytest.mark.parametrize("tightness", [0, 1, 2])
@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS)
def test_every_text_of_the_grammar_is_valid_for_the_schema(schema: Any, tightness: int) -> None:
    grammar = grammar_for(OutputFormat(OutputKind.SCHEMA, json.dumps(schema), tightness))
    assert grammar is not None
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    texts = GrammarTexts(grammar, random.Random(7), most=3)
    for _ in range(25):
        text = texts.draw()
        validator.validate(json.loads(text))


def test_the_grammar_lets_a_model_choose() -> None:
    grammar = grammar_for(OutputFormat(OutputKind.SCHEMA, json.dumps(SCHEMAS["required and optional"])))
    assert grammar is not None
    texts = GrammarTexts(grammar, random.Random(3), most=3)
    drawn = [json.loads(texts.draw()) for _ in range(200)]
    assert {"name" in value for value in drawn} == {True, False}
    assert len({value["age"] for value in drawn}) > 50


def test_free_json_is_an_object() -> None:
    grammar = grammar_for(OutputFormat(OutputKind.JSON))
    assert grammar is not None
    texts = GrammarTexts(grammar, random.Random(3), most=2)
    assert all(isinstance(json.loads(texts.draw()), dict) for _ in range(30))


def test_a_tighter_answer_is_shorter() -> None:
    longest = []
    for tightness in (0, 1, 2):
        grammar = grammar_for(OutputFormat(OutputKind.SCHEMA, json.dumps(SCHEMAS["a list"]), tightness))
        assert grammar is not None
        texts = GrammarTexts(grammar, random.Random(5), most=60)
        longest.append(max(len(texts.draw()) for _ in range(8)))
    assert longest == sorted(longest, reverse=True)


def test_plain_text_has_no_grammar_and_a_grammar_is_the_users_own() -> None:
    assert grammar_for(OutputFormat()) is None
    assert grammar_for(OutputFormat(OutputKind.GRAMMAR, 'root ::= "a"')) == 'root ::= "a"'
    with pytest.raises(OutputFormatError, match="line 1"):
        grammar_for(OutputFormat(OutputKind.GRAMMAR, "root ::= ("))


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ("{", "line 1"),
        ("[]", "$"),
        ('{"type": "integr"}', "$.type"),
        ('{"properties": {"age": {"type": "x"}}, "required": ["age"]}', "$.properties.age.type"),
        ('{"items": {"minLength": 5000}}', "$.items.minLength"),
        ('{"minItems": 5000}', "$.minItems"),
        ('{"properties": {"a": {"$ref": "other.json"}}}', "$.properties.a.$ref"),
        ('{"$ref": "#/nowhere"}', "$.$ref"),
        ('{"$ref": "#"}', "$"),
        ('{"allOf": [{"$ref": "#"}]}', "$.allOf"),
        ('{"type": "integer", "minimum": 3, "maximum": 2}', "$"),
        ('{"type": "string", "enum": [1]}', "$"),
        ("false", "$"),
        ('{"type": "integer", "minimum": "3"}', "$"),
        ('{"properties": 3}', "$"),
        ('{"required": ["x"], "properties": {"x": {"$ref": "#"}}}', "$"),
        ('{"items": ' * 2000 + "{}" + "}" * 2000, "deeply"),
    ],
)
def test_a_schema_that_cannot_be_used_is_refused_with_its_place(schema: str, place: str) -> None:
    with pytest.raises(OutputFormatError) as caught:
        grammar_for(OutputFormat(OutputKind.SCHEMA, schema))
    assert place in caught.value.sentence
