"""JSON is broken into lines, and stays the same JSON."""

import json

import pytest

from app.ui.transcript.json_text import json_in_lines


def test_each_member_and_element_has_its_line() -> None:
    text = '{"city":"Porto, \\"here\\"","n":[1,2.50e3],"none":{},"no":[]}'
    assert json_in_lines(text) == (
        '{\n  "city": "Porto, \\"here\\"",\n  "n": [\n    1,\n    2.50e3\n  ],\n  "none": {},\n  "no": []\n}'
    )


@pytest.mark.parametrize("value", [{}, [], "a: [b], {c}", [[], [{}], {"a": [None, True, -1.5]}], {"": {"\\": "\n"}}])
def test_it_stays_the_same_json(value: object) -> None:
    assert json.loads(json_in_lines(json.dumps(value))) == value


def test_what_was_cut_off_is_shown_as_far_as_it_came() -> None:
    assert json_in_lines('{"a": [1, {"b": "half of a, sen') == '{\n  "a": [\n    1,\n    {\n      "b": "half of a, sen'
    assert json_in_lines("}") == "}"
