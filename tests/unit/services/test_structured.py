"""Schemas looked at before they are used, answers checked after they were written, and the tries between."""

import json
from itertools import pairwise

import pytest

from app.core.errors import OutputFormatError
from app.core.generation import OutputFormat, OutputKind, SamplingParameters, StopReason
from app.services.structured import answer_fault, require_valid_schema, tries

PERSON = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "tags": {"type": "array", "uniqueItems": True}},
    "required": ["name"],
}


def schema(value: object) -> OutputFormat:
    return OutputFormat(OutputKind.SCHEMA, json.dumps(value))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('{"type": "object",}', "line 1, column 19"),
        ('{"properties": {"age": {"type": "integr"}}}', "$.properties.age.type: 'integr' is no type"),
        ('{"properties": {"age": {"minimum": "3"}}}', "$.properties.age.minimum"),
        ('{"required": "name"}', "$.required"),
        ('{"items": {"pattern": "("}}', "$.items.pattern"),
        ('{"$schema": "http://json-schema.org/draft-07/schema#", "items": 3}', "$.items"),
        ("3", "$"),
        ('{"items": ' * 3000 + "{}" + "}" * 3000, "deeply"),
    ],
)
def test_a_bad_schema_is_refused_with_its_place(source: str, words: str) -> None:
    with pytest.raises(OutputFormatError) as caught:
        require_valid_schema(OutputFormat(OutputKind.SCHEMA, source))
    assert words in caught.value.sentence
    assert len(caught.value.sentence) < 400


def test_good_schemas_and_other_forms_are_let_through() -> None:
    for output in (schema(PERSON), schema(True), OutputFormat(), OutputFormat(OutputKind.GRAMMAR, "root ::= (")):
        require_valid_schema(output)


@pytest.mark.parametrize(
    ("output", "text", "stop_reason", "words"),
    [
        (schema(PERSON), '{"name": "Ada"}', StopReason.END_OF_TURN, None),
        (schema(PERSON), '{"name": "Ada"}', StopReason.MAX_TOKENS, None),
        (schema(PERSON), '{"name": 3}', StopReason.END_OF_TURN, "$.name"),
        (schema(PERSON), '{"name": "A", "tags": [1, 1]}', StopReason.END_OF_TURN, "$.tags"),
        (schema(PERSON), '{"name": "Ad', StopReason.MAX_TOKENS, "token limit"),
        (schema(PERSON), '{"name": "Ad', StopReason.CONTEXT_FULL, "context was full"),
        (schema(PERSON), "Ada", StopReason.END_OF_TURN, "not JSON"),
        (schema({"type": "number"}), "NaN", StopReason.END_OF_TURN, "NaN"),
        (schema({"type": "string", "format": "date"}), '"2023-02-30"', StopReason.END_OF_TURN, "date"),
        (schema({"$ref": "https://example.org/other.json"}), "3", StopReason.END_OF_TURN, "not in it"),
        (OutputFormat(OutputKind.JSON), "{}", StopReason.END_OF_TURN, None),
        (OutputFormat(OutputKind.JSON), "[]", StopReason.END_OF_TURN, "no object"),
        (OutputFormat(OutputKind.GRAMMAR, 'root ::= "a"'), "a", StopReason.END_OF_TURN, None),
        (OutputFormat(OutputKind.GRAMMAR, 'root ::= "ab"'), "a", StopReason.MAX_TOKENS, "token limit"),
        (OutputFormat(), "Anything", StopReason.MAX_TOKENS, None),
    ],
)
def test_the_fault_of_an_answer_is_told(
    output: OutputFormat, text: str, stop_reason: StopReason, words: str | None
) -> None:
    fault = answer_fault(output, text, stop_reason)
    assert (fault is None) if words is None else (fault is not None and words in fault)


def test_a_next_try_is_another_and_tighter() -> None:
    asked = list(tries(schema(PERSON), SamplingParameters(temperature=0.0, seed=2**32 - 2)))
    assert asked[0] == (schema(PERSON), SamplingParameters(temperature=0.0, seed=2**32 - 2))
    assert len(asked) == 3
    for (before, drawn), (after, redrawn) in pairwise(asked):
        assert after.tightness > before.tightness
        assert redrawn.seed != drawn.seed
        assert redrawn.temperature > 0
    assert list(tries(OutputFormat(), SamplingParameters())) == [(OutputFormat(), SamplingParameters())]
