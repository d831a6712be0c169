"""A file without a template gets the one of its family, which its tokens and its name tell; a base model gets none."""

import pytest

from app.core.conversation import Role
from app.core.errors import ChatTemplateError
from app.core.model import TemplateSource
from app.core.prompt import PromptMessage
from app.engine.templates.families import CHATML, FAMILIES, Family, find_family
from app.engine.templates.template import ChatTemplate, PlainCompletion, template_for

TALK = [
    PromptMessage(Role.SYSTEM, "Be brief."),
    PromptMessage(Role.USER, "One?"),
    PromptMessage(Role.ASSISTANT, "Two."),
    PromptMessage(Role.USER, "Three?"),
]
LLAMA3 = ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>")


def chosen(
    *, override: str | None = None, file: str = "", name: str = "", architecture: str = "llama", tokens: tuple[str, ...]
) -> ChatTemplate | PlainCompletion:
    return template_for(
        override=override,
        file_template=file,
        architecture=architecture,
        model_name=name,
        bos_token="<s>",
        eos_token="</s>",
        vocabulary_has=lambda text: text in tokens,
    )


@pytest.mark.parametrize(
    ("name", "architecture", "tokens", "family"),
    [
        ("Meta Llama 3 8B Instruct", "llama", LLAMA3, "llama3"),
        ("Meta Llama 3 8B", "llama", LLAMA3, None),
        ("OpenHermes 2.5 Mistral 7B", "llama", ("<|im_start|>", "<|im_end|>"), "chatml"),
        ("Qwen2.5 7B", "qwen2", ("<|im_start|>", "<|im_end|>"), None),
        ("Qwen2.5 7B Instruct", "qwen2", ("<|im_start|>", "<|im_end|>"), "chatml"),
        ("SmolLM2 135M base", "llama", ("<|im_start|>", "<|im_end|>"), None),
        ("phi-4", "phi3", ("<|im_start|>", "<|im_sep|>", "<|im_end|>"), "phi4"),
        ("Phi 3 mini", "phi3", ("<|user|>", "<|assistant|>", "<|end|>"), "phi3"),
        ("gemma-3-270m", "gemma3", ("<start_of_turn>", "<end_of_turn>"), None),
        ("gemma-3-270m-it", "gemma3", ("<start_of_turn>", "<end_of_turn>"), "gemma"),
        ("gemma-3-270m-pt", "gemma3", ("<start_of_turn>", "<end_of_turn>"), None),
        ("gpt-oss-20b", "gpt-oss", ("<|start|>", "<|message|>", "<|channel|>", "<|end|>"), "gpt-oss"),
        ("Mistral Nemo Instruct 2407", "llama", ("[INST]", "[/INST]"), "mistral-v3"),
        ("Mistral 7B Instruct v0.1", "llama", (), "mistral-v1"),
        ("Llama-2-7b-chat-hf", "llama", (), "llama2"),
        ("vicuna-13b-v1.5", "llama", (), "vicuna"),
        ("TinyLlama-1.1B-Chat-v1.0", "llama", (), "zephyr"),
        ("LLaMA v2", "llama", (), None),
        ("", "llama", (), None),
    ],
)
def test_the_family_is_told_by_tokens_and_name(
    name: str, architecture: str, tokens: tuple[str, ...], family: str | None
) -> None:
    found = find_family(architecture, name, lambda text: text in tokens)
    assert (found.name if found else None) == family
    template = chosen(name=name, architecture=architecture, tokens=tokens)
    assert template.origin is (TemplateSource.ARCHITECTURE if family else TemplateSource.NONE)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_every_family_writes_the_whole_conversation_and_begins_the_answer(family: Family) -> None:
    template = ChatTemplate(family.source, bos_token="<s>", eos_token="</s>")
    fresh = template.render(TALK)
    places = [fresh.text.index(message.text) for message in TALK]
    assert places == sorted(places)
    assert all("no system role" in sentence for sentence in fresh.repairs)
    assert fresh.text.endswith(template.render(TALK[1:2]).text.rpartition("One?")[2]), "the answer begins alike"
    assert all(token in fresh.text for token in family.tokens)


def test_known_prompts() -> None:
    def prompt(name: str) -> str:
        source = next(family.source for family in FAMILIES if family.name == name)
        return ChatTemplate(source, bos_token="<s>", eos_token="</s>").render(TALK).text

    assert prompt("chatml") == (
        "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nOne?<|im_end|>\n"
        "<|im_start|>assistant\nTwo.<|im_end|>\n<|im_start|>user\nThree?<|im_end|>\n<|im_start|>assistant\n"
    )
    assert prompt("llama2") == (
        "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nOne? [/INST] Two. </s><s>[INST] Three? [/INST]"
    )
    assert prompt("mistral-v3") == "<s>[INST] Be brief.\n\nOne?[/INST] Two.</s>[INST] Three?[/INST]"
    assert prompt("vicuna") == "<s>Be brief.\n\nUSER: One?\nASSISTANT: Two.</s>\nUSER: Three?\nASSISTANT:"
    assert prompt("deepseek") == "<s>Be brief.<｜User｜>One?<｜Assistant｜>Two.</s><｜User｜>Three?<｜Assistant｜>"


def test_the_catalogue_comes_before_the_file_and_the_file_before_the_family() -> None:
    mine, files = "mine {{ messages[0].content }}", "file {{ messages[0].content }}"
    for override, file, origin, text in (
        (mine, files, TemplateSource.CATALOGUE, "mine One?"),
        (None, files, TemplateSource.FILE, "file One?"),
        (None, " ", TemplateSource.ARCHITECTURE, "<s><|start_header_id|>user<|end_header_id|>\n\nOne?<|eot_id|>"),
    ):
        template = chosen(override=override, file=file, name="Llama 3 Instruct", tokens=LLAMA3)
        assert template.origin is origin
        assert template.render(TALK[1:2]).text.startswith(text)


def test_a_file_may_only_name_its_template() -> None:
    template = chosen(file="chatml", tokens=())
    assert (template.source, template.origin) == (CHATML, TemplateSource.FILE)


def test_a_broken_template_in_the_file_gives_way_to_the_familys_and_that_is_said() -> None:
    template = chosen(file="{% if %}", name="Llama 3 Instruct", tokens=LLAMA3)
    assert template.origin is TemplateSource.ARCHITECTURE
    assert "broken" in template.render(TALK).repairs[0]
    with pytest.raises(ChatTemplateError, match="broken"):
        chosen(file="{% if %}", tokens=())
    with pytest.raises(ChatTemplateError, match="broken"):
        chosen(override="{% if %}", name="Llama 3 Instruct", tokens=LLAMA3)
