"""What the model sees of a long conversation, and how few counts it takes to find that out."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.core.conversation import Message, MessageState, Role
from app.core.errors import ContextFullError, PromptTooLongError
from app.core.prompt import PromptMessage
from app.services.context_plan import SUMMARY_HEADING, ContextPlanner, Outline

CONTEXT = 1000
NOW = datetime(2026, 11, 25, tzinfo=UTC)


class Counter:
    """Counts a word as a token and three for each message; remembers how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, messages: Sequence[PromptMessage]) -> int:
        self.calls += 1
        return sum(3 + len(m.text.split()) + len(m.reasoning.split()) for m in messages)


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture
def planner(counter: Counter) -> ContextPlanner:
    return ContextPlanner(counter, CONTEXT)


def message(place: int, role: Role, words: int) -> Message:
    text = " ".join(f"w{place}" for _ in range(words))
    return Message(100 + place, 1, role, text, MessageState.COMPLETE, NOW)


def history(*words: int) -> list[Message]:
    """Turns of these many words, question and answer in turn; their ids count from 100."""
    return [message(i, (Role.USER, Role.ASSISTANT)[i % 2], n) for i, n in enumerate(words)]


def question(words: int = 10) -> PromptMessage:
    return PromptMessage(Role.USER, " ".join(["ask"] * words))


def test_the_room_leaves_a_quarter_or_256_tokens_for_the_answer() -> None:
    assert ContextPlanner(Counter(), 512).room == 384
    assert ContextPlanner(Counter(), 4096).room == 3840
    assert ContextPlanner(Counter(), 131_072).room == 131_072 - 256


def test_what_fits_is_counted_once_and_left_whole(planner: ContextPlanner, counter: Counter) -> None:
    plan = planner.trimmed(Outline("Be brief.", history(100, 200, 100, 200), question()))
    assert counter.calls == 1
    assert (plan.left_out, plan.first_seen, plan.first_seen_message_id) == (0, 0, 100)
    assert plan.prompt_tokens == counter(plan.messages) <= planner.room
    assert [m.role for m in plan.messages] == [Role.SYSTEM, *[Role.USER, Role.ASSISTANT] * 2, Role.USER]


def test_a_first_message_has_nothing_before_it(planner: ContextPlanner) -> None:
    plan = planner.trimmed(Outline("", [], question()))
    assert plan.messages == (question(),)
    assert (plan.left_out, plan.first_seen_message_id) == (0, None)


def test_whole_oldest_turns_go_and_the_system_prompt_stays(planner: ContextPlanner, counter: Counter) -> None:
    plan = planner.trimmed(Outline("Be brief.", history(*[100] * 12), question()))
    assert plan.messages[0] == PromptMessage(Role.SYSTEM, "Be brief.")
    assert plan.messages[1].role is Role.USER, "a question goes with its answer"
    assert plan.first_seen == plan.left_out > 0
    assert plan.first_seen_message_id == 100 + plan.first_seen
    assert plan.prompt_tokens <= planner.room
    assert counter.calls <= 3


def test_trimming_leaves_room_for_several_turns_so_that_the_cache_stays_of_use(planner: ContextPlanner) -> None:
    """The memory begins at the same message for a while: otherwise every prompt would be read anew."""
    turns = history(*[30] * 40)
    begins: list[int] = []
    remembered: int | None = None
    for length in range(0, 41, 2):
        plan = planner.trimmed(Outline("", turns[:length], question(30)), remembered)
        remembered = plan.first_seen
        begins.append(plan.first_seen)
    moved = [b for a, b in zip(begins, begins[1:], strict=False) if b != a]
    assert begins[-1] > 0
    assert len(moved) <= 4
    assert begins == sorted(begins)


def test_the_memory_begins_where_it_did_with_a_single_count(planner: ContextPlanner, counter: Counter) -> None:
    turns = history(*[60] * 30)
    first = planner.trimmed(Outline("", turns[:28], question()))
    counter.calls = 0
    again = planner.trimmed(Outline("", turns, question()), first.first_seen, is_full=True)
    assert again.first_seen == first.first_seen
    assert counter.calls == 1


def test_a_longer_context_takes_the_old_turns_back(counter: Counter) -> None:
    turns = history(*[60] * 30)
    small = ContextPlanner(counter, CONTEXT).trimmed(Outline("", turns, question()))
    large = ContextPlanner(counter, 4096).trimmed(Outline("", turns, question()), small.first_seen)
    assert (small.left_out > 0, large.left_out) == (True, 0)
    middle = ContextPlanner(counter, 1900).trimmed(Outline("", turns, question()), small.first_seen)
    assert middle.left_out < small.left_out


@pytest.mark.parametrize("seed", range(40))
def test_any_history_is_fitted_with_few_counts(seed: int) -> None:
    chance = random.Random(seed)
    counter = Counter()
    planner = ContextPlanner(counter, chance.choice([256, 1000, 4096]))
    turns = history(*[chance.choice([1, 20, 90, 400]) for _ in range(2 * chance.randint(0, 60))])
    outline = Outline("Be brief." * chance.randint(0, 1), turns, question(chance.randint(1, 60)))
    plan = planner.trimmed(outline)
    assert counter.calls <= 8, "a bisection in the worst case"
    assert plan.prompt_tokens == counter(plan.messages) <= planner.room
    whole = planner.beginning_at(outline, 0)
    assert (plan.left_out == 0) == planner.fits(whole), "nothing is left out that need not be"
    assert plan.messages[-1].text.endswith(outline.last.text)


def test_turns_that_are_denser_than_they_look_do_not_cost_the_memory(planner: ContextPlanner) -> None:
    """Old turns of many short words let the newer ones look longer than they are."""
    dense = [replace(m, text=" ".join("x" * 900)) for m in history(1, 1)]
    light = [replace(m, text="extraordinarilylongword " * 60) for m in history(*[1] * 12)[2:]]
    plan = planner.trimmed(Outline("", [*dense, *light], question()))
    assert plan.prompt_tokens > planner.room / 3


def test_the_last_turn_stays_even_where_it_leaves_little_free(planner: ContextPlanner) -> None:
    plan = planner.trimmed(Outline("", history(100, 100, 340, 340), question()))
    assert (plan.left_out, plan.prompt_tokens) == (2, 340 * 2 + 9 + 10)


def test_a_question_alone_too_long_says_how_long(planner: ContextPlanner) -> None:
    with pytest.raises(PromptTooLongError, match=r"needs 903 tokens.*room for 750"):
        planner.trimmed(Outline("", history(5, 5), question(900)))


def test_stop_says_how_full_it_is_and_what_to_do(planner: ContextPlanner) -> None:
    with pytest.raises(ContextFullError, match=r"has 839 tokens.*room for 750.*new chat.*longer context") as caught:
        planner.whole(Outline("", history(400, 400, 20), question()))
    assert "settings" in caught.value.sentence
    with pytest.raises(PromptTooLongError):
        planner.whole(Outline("", history(4, 4), question(900)))
    assert planner.whole(Outline("", history(40, 40), question())).left_out == 0


def test_messages_without_text_are_skipped_and_not_counted(planner: ContextPlanner) -> None:
    turns = history(200, 0, 200, 200, 0, 200)
    plan = planner.trimmed(Outline("", turns, question()))
    assert plan.first_seen == 2
    assert plan.left_out == 1
    assert all(m.text for m in plan.messages)


def test_two_questions_in_a_row_are_joined(planner: ContextPlanner) -> None:
    (only,) = planner.trimmed(Outline("", history(2, 0), question(2))).messages
    assert only == PromptMessage(Role.USER, "w0 w0\n\nask ask")


def test_earlier_reasoning_goes_along(planner: ContextPlanner) -> None:
    turns = history(2, 2)
    turns[1] = replace(turns[1], reasoning="Hm.")
    assert planner.trimmed(Outline("", turns, question())).messages[1].reasoning == "Hm."


def test_a_summary_stands_in_the_system_prompt(planner: ContextPlanner) -> None:
    outline = Outline("Be brief.", history(2, 2, 2, 2), question())
    plan = planner.beginning_at(outline, 2, "They met.")
    assert plan.messages[0] == PromptMessage(Role.SYSTEM, f"Be brief.\n\n{SUMMARY_HEADING}\nThey met.")
    assert (plan.left_out, plan.summary, plan.first_seen_message_id) == (2, "They met.", 102)


def test_an_answer_is_written_on_with_its_question(planner: ContextPlanner) -> None:
    answer = PromptMessage(Role.ASSISTANT, "part " * 500)
    outline = Outline("", history(*[100] * 5), answer, continues=True, last_id=105)
    plan = planner.trimmed(outline)
    assert [m.role for m in plan.messages] == [Role.USER, Role.ASSISTANT]
    assert plan.messages[-1] == answer
    assert plan.first_seen_message_id == 104


def test_an_answer_longer_than_the_context_keeps_its_end(planner: ContextPlanner, counter: Counter) -> None:
    text = "\n".join(f"line {n} of a long answer" for n in range(400))
    plan = planner.trimmed(Outline("", history(8), PromptMessage(Role.ASSISTANT, text), continues=True))
    kept = plan.messages[-1].text
    assert text.endswith(kept)
    assert kept.startswith("line "), "it begins with a whole line"
    assert plan.left_out_characters == len(text) - len(kept)
    assert planner.room / 2 < plan.prompt_tokens <= planner.room
    assert counter.calls <= 5


def test_reasoning_longer_than_the_context_keeps_its_end(planner: ContextPlanner) -> None:
    last = PromptMessage(Role.ASSISTANT, "", "step " * 1200)
    plan = planner.trimmed(Outline("", history(8), last, continues=True))
    assert 0 < len(plan.messages[-1].reasoning) < len(last.reasoning)
    assert plan.left_out_characters == len(last.reasoning) - len(plan.messages[-1].reasoning)


def test_a_question_that_fills_the_context_leaves_no_room_to_write_on(planner: ContextPlanner) -> None:
    with pytest.raises(ContextFullError, match="cannot be continued"):
        planner.trimmed(Outline("", history(800), PromptMessage(Role.ASSISTANT, "part " * 300), continues=True))
