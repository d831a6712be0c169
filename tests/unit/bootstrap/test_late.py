"""What stands for a part: made when it is used, and anew when something else was chosen."""

from typing import cast

from app.bootstrap.late import Late, Renewed


def test_it_is_made_once_when_it_is_used() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("part")
        return made[-1]

    late = cast(str, Late(make))
    assert made == []
    assert (late.upper(), late.title()) == ("PART", "Part")
    assert made == ["part"]


def test_it_is_made_anew_when_something_else_was_chosen_and_only_then() -> None:
    made: list[str] = []
    choice: list[str | None] = [None]

    def make(chosen: str) -> str:
        made.append(chosen)
        return chosen

    part = cast(str, Renewed(lambda: choice[-1], make, "otherwise"))
    assert part.upper() == "OTHERWISE"
    choice.append("one")
    before = part.upper
    assert before() == part.upper() == "ONE"
    choice.append("two")
    assert part.upper() == "TWO"
    assert before() == "ONE", "who uses the one before keeps it"
    choice.append(None)
    assert part.upper() == "TWO", "it cannot be told: the part stays"
    assert made == ["otherwise", "one", "two"]
