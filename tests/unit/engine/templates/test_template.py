"""A conversation becomes the prompt that the model's own template makes; what it refuses is repaired, and said."""

import time
from pathlib import Path

import pytest

from app.core.conversation import Role
from app.core.errors import ChatTemplateError
from app.core.model import TemplateSource
from app.core.prompt import PromptMessage
from app.engine.templates.limits import RenderLimits
from app.engine.templates.template import ChatTemplate, PlainCompletion
from tests.included import catalog

TEMPLATES = Path(__file__).parents[3] / "data" / "templates"
ALL = sorted(path.stem for path in TEMPLATES.glob("*.jinja"))


def template(name: str) -> ChatTemplate:
    return compiled((TEMPLATES / f"{name}.jinja").read_text(encoding="utf-8"))


def compiled(source: str, limits: RenderLimits | None = None) -> ChatTemplate:
    return ChatTemplate(source, bos_token="<s>", eos_token="</s>", limits=limits)


def says(text: str, reasoning: str = "") -> PromptMessage:
    return PromptMessage(Role.ASSISTANT, text, reasoning)


def asks(text: str) -> PromptMessage:
    return PromptMessage(Role.USER, text)


def system(text: str) -> PromptMessage:
    return PromptMessage(Role.SYSTEM, text)


TALK = [system("Be brief."), asks("One?"), says("Two.", "Hm, one and one."), asks("think")]


def test_the_template_of_the_included_model_writes_chatml() -> None:
    source = catalog().included.chat_template
    assert source is not None
    chatml = ChatTemplate(source, bos_token="", eos_token="<|im_end|>", origin=TemplateSource.CATALOGUE)
    prompt = chatml.render([asks("Hello")])
    assert prompt.text == "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"
    assert (prompt.repairs, prompt.opens_reasoning, prompt.mid_text) == ((), False, False)
    assert (chatml.reasoning, chatml.has_thinking_switch, chatml.origin) == (None, False, TemplateSource.CATALOGUE)


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("thinking", [None, True, False])
def test_the_system_prompt_and_the_last_message_always_get_through(name: str, thinking: bool | None) -> None:
    prompt = template(name).render(TALK, thinking=thinking)
    assert prompt.text.index("Be brief.") < prompt.text.rindex("think")
    assert "messages out" in " ".join(prompt.repairs) or prompt.text.index("One?") < prompt.text.index("Two.")


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("written", [says("So f"), says("So f", "Hm."), says("", "Hm")])
def test_writing_on_ends_exactly_with_what_was_written(name: str, written: PromptMessage) -> None:
    ours = template(name)
    fresh = ours.render(TALK)
    prompt = ours.render([*TALK, written], continues=True)
    assert prompt.text.startswith(fresh.text)
    assert prompt.mid_text
    assert prompt.opens_reasoning == (ours.reasoning is not None and not written.text)
    if written.text:
        assert prompt.text.endswith("So f")
    if ours.reasoning is not None:
        assert ("Hm" in prompt.text[len(fresh.text) :]) == bool(written.reasoning)
    else:
        assert prompt.text == fresh.text + written.text


def test_writing_on_closes_what_the_prompt_itself_has_opened() -> None:
    r1 = template("deepseek-r1")
    assert r1.render([asks("q"), says("Yes", "Hm")], continues=True).text.endswith("<think>\nHm\n</think>\n\nYes")
    assert r1.render([asks("q"), says("Yes")], continues=True).text.endswith("<think>\n\n</think>\n\nYes")
    nothing = r1.render([asks("q"), says("")], continues=True)
    assert nothing == r1.render([asks("q")])


def test_writing_on_two_messages_of_the_assistant_joins_them() -> None:
    prompt = template("qwen3").render([asks("q"), says("One."), says("Two")], continues=True)
    assert prompt.text.endswith("<|im_start|>assistant\nOne.\n\nTwo")
    assert len(prompt.repairs) == 1


def test_a_reasoning_template_opens_the_reasoning_or_leaves_that_to_the_model() -> None:
    assert template("deepseek-r1").render([asks("q")]).opens_reasoning
    assert not template("qwen3").render([asks("q")]).opens_reasoning
    assert not template("qwen3").render([asks("<think>")]).opens_reasoning
    off = template("qwen3").render([asks("q")], thinking=False)
    assert off.text.endswith("<think>\n\n</think>\n\n")
    assert not off.opens_reasoning
    assert template("seed-oss").render([asks("q")], thinking=False).opens_reasoning


def test_the_end_of_the_prompt_may_depend_on_the_messages() -> None:
    source = (
        "{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}"
        "{{ '<think></think>' if '/no' in messages[-1].content else '<think>\n' }}"
    )
    assert compiled(source).render([asks("q")]).opens_reasoning
    assert not compiled(source).render([asks("q /no")]).opens_reasoning


@pytest.mark.parametrize(
    ("name", "on", "off"),
    [
        ("qwen3", "<|im_start|>assistant\n", "<think>\n\n</think>\n\n"),
        ("granite", "<|end_of_role|>", "<|end_of_role|>"),
        ("gpt-oss", "Reasoning: high", "Reasoning: low"),
        ("seed-oss", "assistant\n", "<seed:cot_budget_reflect>"),
    ],
)
def test_the_thinking_switch_is_the_templates_own(name: str, on: str, off: str) -> None:
    ours = template(name)
    assert ours.has_thinking_switch
    switched_on, switched_off = (ours.render([asks("q")], thinking=thinking).text for thinking in (True, False))
    assert on in switched_on
    assert off in switched_off
    assert switched_on != switched_off


def test_an_effort_that_the_template_refuses_is_not_asked_for() -> None:
    strict = compiled(
        "{% if reasoning_effort is defined and reasoning_effort not in ['none', 'medium'] %}"
        "{{ raise_exception('none or medium') }}{% endif %}{{ reasoning_effort }} {{ messages[0].content }}"
    )
    assert strict.render([asks("q")], thinking=True).text == "medium q"
    assert strict.render([asks("q")], thinking=False).text == "none q"


@pytest.mark.parametrize("name", ["deepseek-r1", "llama3", "gemma", "mistral", "parts"])
def test_a_template_without_a_switch_says_so(name: str) -> None:
    assert not template(name).has_thinking_switch


def test_earlier_reasoning_is_the_templates_to_keep_or_to_drop() -> None:
    assert "<seed:think>Hm, one and one.</seed:think>\nTwo." in template("seed-oss").render(TALK).text
    for name in ("qwen3", "mistral", "gpt-oss"):
        assert "one and one" not in template(name).render(TALK).text


@pytest.mark.parametrize("name", ["gemma", "silent-system"])
def test_without_a_system_role_the_system_prompt_is_put_before_the_first_message(name: str) -> None:
    prompt = template(name).render(TALK)
    assert "Be brief.\n\nOne?" in prompt.text
    assert prompt.repairs == (
        "This model's template has no system role: the system prompt was put before the first message.",
    )
    assert template(name).render(TALK[1:]).repairs == (), "nothing to repair, nothing said"


def test_a_system_message_in_the_middle_goes_before_the_next_message() -> None:
    prompt = template("mistral").render([*TALK[:3], system("The story so far."), asks("And?")])
    assert "The story so far.\n\nAnd?" in prompt.text
    assert "[INST] Be brief." in prompt.text, "the one at the beginning stays the template's"
    assert len(prompt.repairs) == 1
    assert "only at the beginning" in prompt.repairs[0]


def test_a_system_prompt_alone_is_sent_as_the_users() -> None:
    prompt = template("gemma").render([system("Be brief.")])
    assert "<start_of_turn>user\nBe brief.<end_of_turn>" in prompt.text
    assert "as a message of the user" in prompt.repairs[0]


def test_neighbours_of_one_role_are_joined_where_the_template_wants_turns() -> None:
    questions = [asks("One?"), asks("Two?"), says("3."), says("4.", "Hm"), asks("Five?")]
    prompt = template("mistral").render(questions)
    assert prompt.text == "<s>[INST] One?\n\nTwo?[/INST] 3.\n\n4.</s>[INST] Five?[/INST]"
    assert prompt.repairs == (
        "This model's template wants the roles to take turns: neighbouring messages of one role were joined.",
    )
    assert template("qwen3").render(questions).repairs == ()


def test_the_assistants_opening_is_left_out_where_the_user_must_begin() -> None:
    prompt = template("gemma").render([system("Be brief."), says("Welcome!"), asks("One?")])
    assert "Welcome!" not in prompt.text
    assert "Be brief.\n\nOne?" in prompt.text
    assert len(prompt.repairs) == 2
    assert any("speak first" in sentence for sentence in prompt.repairs)
    assert "Welcome!" in template("qwen3").render([says("Welcome!"), asks("One?")]).text


def test_a_template_that_reads_one_message_is_said_to_leave_the_others_out() -> None:
    prompt = template("one-turn").render(TALK)
    assert prompt.text == "Translate this: Be brief.\n\nthink\nTranslation:"
    assert any("leaves earlier messages out" in sentence for sentence in prompt.repairs)
    assert template("one-turn").render([asks("think")]).repairs == ()


def test_contents_in_parts_are_given_where_the_template_reads_only_those() -> None:
    assert "User:One?<end_of_utterance>" in template("parts").render([asks("One?")]).text


def test_a_refusal_is_an_error_with_the_templates_own_words() -> None:
    with pytest.raises(ChatTemplateError, match="refuses this conversation: only on Sundays") as refused:
        compiled("{{ raise_exception('only on Sundays') }}").render([asks("q")])
    assert "TemplateRefusal" in refused.value.detail
    with pytest.raises(ChatTemplateError, match="undefined"):
        compiled("{{ messages[0].content + no_such.thing }}").render([asks("q")])


def test_a_template_that_loses_the_users_message_is_refused() -> None:
    with pytest.raises(ChatTemplateError, match="leaves your message out"):
        compiled("chatml-like nonsense").render([asks("What is this?")])


def test_a_broken_template_is_an_error_when_it_is_made() -> None:
    for source in ("{% if %}", "{{ 'a' | no_such_filter }}", "{% for a in [1] %}" * 40 + "{% endfor %}" * 40):
        with pytest.raises(ChatTemplateError, match="broken"):
            compiled(source)


@pytest.mark.parametrize(
    "source",
    [
        "{{ messages.__class__.__mro__ }}",
        "{% include 'etc/passwd' %}",
        "{{ ''.join.__globals__ }}{{ cycler.__init__.__globals__.os }}",
        "{{ messages.append(1) }}",
    ],
)
def test_a_template_cannot_leave_its_sandbox(source: str) -> None:
    with pytest.raises(ChatTemplateError):
        compiled("{{ messages[0].content }}" + source).render([asks("q")])


LARGE = "{% set ns = namespace(s='" + "x" * 1000 + "', n=7) %}"
MANY = "{% for i in range(100000) %}"


@pytest.mark.parametrize(
    "source",
    [
        MANY + MANY + "{% endfor %}{% endfor %}",
        MANY + "x" * 1000 + "{% endfor %}",
        LARGE + MANY + "{{ ns.s }}{% endfor %}",
        LARGE + "{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
        LARGE + "{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
        LARGE + "{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
        LARGE + "{% for i in range(60) %}{% set ns.s = {'a': ns.s, 'b': ns.s} %}{% endfor %}{{ ns.s | tojson }}",
        LARGE + "{% for i in range(60) %}{% set ns.s = dict(a=ns.s, b=ns.s) %}{% endfor %}{{ ns.s }}",
        LARGE + "{% for i in range(60) %}{% set t %}{{ ns.s }}{{ ns.s }}{% endset %}{% set ns.s = t %}{% endfor %}",
        LARGE + "{% for i in range(60) %}{% set ns.n = ns.n * ns.n %}{% endfor %}",
        LARGE + "{{ ns.s.replace('x', ns.s) }}",
        LARGE + "{{ ns.s | replace('x', ns.s) }}",
        LARGE + "{{ ns.s.join(ns.s) }}",
        LARGE + "{{ ns.s | join(ns.s) }}",
        LARGE + "{{ ns.s | replace('x', '\n') | indent(ns.s) }}",
        "{{ 'x' * 10 ** 9 }}",
        "{{ 2 ** 1000000000 }}",
        "{{ 'x' | center(1000000000) }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ 'x'.translate({120: 'y' * 100000}) }}",
        "{{ '%1000000000d' % 1 }}{{ '%*d' % (1000000000, 1) }}",
        "{{ '%1000000000d' | format(1) }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ '{:{}}'.format(1, '1000000000') }}",
        "{% macro again() %}{{ again() }}{% endmacro %}{{ again() }}",
        "{% macro m0() %}x{% endmacro %}"
        + "".join(f"{{% macro m{i}() %}}{{{{ m{i - 1}() }}}}{{{{ m{i - 1}() }}}}{{% endmacro %}}" for i in range(1, 40))
        + "{{ m39() }}",
    ],
)
def test_a_template_that_never_ends_or_explodes_is_stopped(source: str) -> None:
    limits = RenderLimits(steps=20_000, characters=300_000, items=10_000)
    with pytest.raises(ChatTemplateError, match="refuses"):
        compiled("{{ messages[0].content }}" + source, limits).render([asks("q")])


def test_the_clock_stops_a_template_too() -> None:
    endless = compiled("{% for m in range(100) %}{% endfor %}{{ messages[0].content }}", RenderLimits(seconds=-1.0))
    with pytest.raises(ChatTemplateError, match="does not come to an end"):
        endless.render([asks("q")])


def test_what_templates_rely_on_is_there() -> None:
    source = (
        "{%- for m in messages %}{% if m.role == 'system' %}{% continue %}{% endif %}\n"
        "{% generation %}{{ m | tojson }}{% endgeneration %}{% endfor %}\n"
        "  {% set pair, rest = (1, 2), messages[1:] %}{{ pair }} {{ strftime_now('%Y') }} {{ tools is none }}"
        " {{ documents is defined }} {{ enable_thinking is defined }} {{ add_generation_prompt }}"
        " {{ {'a': messages | length} | tojson }} {{ bos_token ~ eos_token ~ 1 }} {{ messages[0].content }}"
    )
    prompt = compiled(source).render([system("S"), asks("<ä & b>")])
    assert prompt.text == (
        '{"role": "user", "content": "<ä & b>"}(1, 2) ' + time.strftime("%Y") + ' True False False True {"a": 2}'
        " <s></s>1 S"
    )


def test_a_long_conversation_is_rendered_whole() -> None:
    turns = [turn for i in range(400) for turn in (asks(f"q{i}"), says(f"a{i}"))]
    for name in ("gemma", "qwen3"):
        text = template(name).render([*turns, asks("last")]).text
        assert all(f"q{i}<" in text for i in range(400))


def test_a_base_model_writes_on_after_the_texts() -> None:
    plain = PlainCompletion(bos_token="<s>", eos_token="</s>")
    talk = [system("A tale."), asks("Once upon a time"), says(" there was a hen."), asks("One day")]
    assert plain.render(talk).text == "A tale.\n\nOnce upon a time there was a hen.\n\nOne day"
    assert plain.render([asks("Once"), says(" upon")], continues=True).text == "Once upon"
    assert (plain.origin, plain.reasoning, plain.has_thinking_switch) == (TemplateSource.NONE, None, False)
