"""The chat templates of model families, for a file that has none: which one its tokens and its name speak for."""

import re
from collections.abc import Callable
from dataclasses import dataclass

_TUNED = re.compile(
    r"(?<![a-z])(instruct|chat|it|assistant|think(ing)?|reason(ing|er)?|r1|dpo|sft|rlhf|tuned)(?![a-z])"
)
_BASE = re.compile(r"(?<![a-z])(base|pt|pretrain(ed)?|foundation)(?![a-z])")


@dataclass(frozen=True, slots=True)
class Family:
    """A chat format. All `tokens` must be single tokens of the vocabulary, and the model's name must hold `names`.

    `shared`: the family's base models have these tokens too, so that only a name that says so speaks for chat.
    """

    name: str
    source: str
    tokens: tuple[str, ...] = ()
    names: str = ""
    shared: bool = False


def find_family(architecture: str, model_name: str, vocabulary_has: Callable[[str], bool]) -> Family | None:
    """The family that a file without a template belongs to; None for a base model. `vocabulary_has` one such token."""
    name = model_name.lower().replace("_", "-")
    if _BASE.search(name):
        return None
    for family in FAMILIES:
        if not all(vocabulary_has(token) for token in family.tokens) or not re.search(family.names, name):
            continue
        shared = family.shared or (family.name == "chatml" and architecture.startswith("qwen"))
        return family if not shared or _TUNED.search(name) else None
    return None


def named_source(text: str) -> str | None:
    """The template that some files only name, for example "chatml"."""
    return next((family.source for family in FAMILIES if family.name == text.strip()), None)


_Form = tuple[str, str]  # what stands before a message and after it


def _source(system: _Form | None, user: _Form, assistant: _Form, answer: str, start: str = "") -> str:
    """A template that writes turn after turn; `EOS` in a form is the end-of-sequence token."""
    said = (
        f"{{% elif message['role'] == 'system' %}}{{{{ {_framed(system)} }}}}"
        if system
        else "{% elif message['role'] == 'system' %}{{ raise_exception('System role not supported') }}"
    )
    return (
        f"{{{{ bos_token + {start!r} }}}}{{% for message in messages %}}"
        f"{{% if message['role'] == 'user' %}}{{{{ {_framed(user)} }}}}{said}"
        f"{{% else %}}{{{{ {_framed(assistant)} }}}}{{% endif %}}{{% endfor %}}"
        f"{{% if add_generation_prompt %}}{{{{ {answer!r} }}}}{{% endif %}}"
    )


def _framed(form: _Form) -> str:
    before, after = form
    ending = " + eos_token + ".join(repr(part) for part in after.split("EOS"))
    return f"{before!r} + message['content'] + {ending}"


def _named_roles(before: str, between: str, after: str, assistant: str = "assistant") -> str:
    """A template whose turns begin with the role's name."""
    return _source(
        (f"{before}system{between}", after),
        (f"{before}user{between}", after),
        (f"{before}{assistant}{between}", after),
        f"{before}{assistant}{between}",
    )


CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)

_LLAMA2 = (
    "{% set system = messages[0]['content'] if messages[0]['role'] == 'system' else '' %}"
    "{% for message in (messages[1:] if system else messages) %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('Roles must alternate') }}{% endif %}"
    "{% set before = '<<SYS>>\n' + system + '\n<</SYS>>\n\n' if system and loop.first else '' %}"
    "{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + before + message['content'] + ' [/INST]' }}"
    "{% else %}{{ ' ' + message['content'] + ' ' + eos_token }}{% endif %}{% endfor %}"
)

# The more special before the more general: the first whose tokens and name fit is taken.
FAMILIES: tuple[Family, ...] = (
    Family(
        "gpt-oss",
        _source(
            ("<|start|>developer<|message|># Instructions\n\n", "<|end|>"),
            ("<|start|>user<|message|>", "<|end|>"),
            ("<|start|>assistant<|channel|>final<|message|>", "<|end|>"),
            "<|start|>assistant",
            start="<|start|>system<|message|>Reasoning: medium\n\n# Valid channels: analysis, final.<|end|>",
        ),
        ("<|start|>", "<|message|>", "<|channel|>", "<|end|>"),
    ),
    Family(
        "llama4",
        _named_roles("<|header_start|>", "<|header_end|>\n\n", "<|eot|>"),
        ("<|header_start|>", "<|header_end|>", "<|eot|>"),
        shared=True,
    ),
    Family(
        "llama3",
        _named_roles("<|start_header_id|>", "<|end_header_id|>\n\n", "<|eot_id|>"),
        ("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
        shared=True,
    ),
    Family(
        "phi4",
        _named_roles("<|im_start|>", "<|im_sep|>", "<|im_end|>"),
        ("<|im_start|>", "<|im_sep|>", "<|im_end|>"),
    ),
    Family("chatml", CHATML, ("<|im_start|>", "<|im_end|>")),
    Family("gemma4", _named_roles("<|turn>", "\n", "<turn|>\n", "model"), ("<|turn>", "<turn|>"), shared=True),
    Family(
        "gemma",
        _source(
            None,
            ("<start_of_turn>user\n", "<end_of_turn>\n"),
            ("<start_of_turn>model\n", "<end_of_turn>\n"),
            "<start_of_turn>model\n",
        ),
        ("<start_of_turn>", "<end_of_turn>"),
        shared=True,
    ),
    Family(
        "command-r",
        _source(
            ("<|START_OF_TURN_TOKEN|><|SYSTEM_TOKEN|>", "<|END_OF_TURN_TOKEN|>"),
            ("<|START_OF_TURN_TOKEN|><|USER_TOKEN|>", "<|END_OF_TURN_TOKEN|>"),
            ("<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>", "<|END_OF_TURN_TOKEN|>"),
            "<|START_OF_TURN_TOKEN|><|CHATBOT_TOKEN|>",
        ),
        ("<|START_OF_TURN_TOKEN|>", "<|USER_TOKEN|>", "<|CHATBOT_TOKEN|>", "<|END_OF_TURN_TOKEN|>"),
        shared=True,
    ),
    Family(
        "granite",
        _named_roles("<|start_of_role|>", "<|end_of_role|>", "<|end_of_text|>\n"),
        ("<|start_of_role|>", "<|end_of_role|>"),
        shared=True,
    ),
    Family(
        "deepseek",
        _source(("", ""), ("<｜User｜>", ""), ("<｜Assistant｜>", "EOS"), "<｜Assistant｜>"),
        ("<｜User｜>", "<｜Assistant｜>"),
        shared=True,
    ),
    Family(
        "exaone",
        _source(
            ("[|system|]", "[|endofturn|]\n"),
            ("[|user|]", "\n"),
            ("[|assistant|]", "[|endofturn|]\n"),
            "[|assistant|]",
        ),
        ("[|user|]", "[|assistant|]", "[|endofturn|]"),
    ),
    Family(
        "glm4",
        _source(
            ("<|system|>\n", ""), ("<|user|>\n", ""), ("<|assistant|>\n", ""), "<|assistant|>\n", start="[gMASK]<sop>"
        ),
        ("[gMASK]", "<sop>", "<|user|>", "<|assistant|>"),
        shared=True,
    ),
    Family(
        "phi3",
        _source(
            ("<|system|>\n", "<|end|>\n"),
            ("<|user|>\n", "<|end|>\n"),
            ("<|assistant|>\n", "<|end|>\n"),
            "<|assistant|>\n",
        ),
        ("<|user|>", "<|assistant|>", "<|end|>"),
    ),
    Family(
        "mistral-v7",
        _source(("[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]"), ("[INST]", "[/INST]"), ("", "EOS"), ""),
        ("[SYSTEM_PROMPT]", "[/SYSTEM_PROMPT]", "[INST]", "[/INST]"),
        shared=True,
    ),
    Family(
        "mistral-v3",
        _source(None, ("[INST] ", "[/INST]"), (" ", "EOS"), ""),
        ("[INST]", "[/INST]"),
        shared=True,
    ),
    Family(
        "openchat",
        _source(
            ("", "<|end_of_turn|>"),
            ("GPT4 Correct User: ", "<|end_of_turn|>"),
            ("GPT4 Correct Assistant: ", "<|end_of_turn|>"),
            "GPT4 Correct Assistant:",
        ),
        ("<|end_of_turn|>",),
    ),
    # These write their marks as plain text: only the name tells.
    Family("llama2", _LLAMA2, names=r"llama-?2.*chat"),
    Family("mistral-v1", _source(None, (" [INST] ", " [/INST]"), (" ", "EOS"), ""), names=r"mi[sx]tral.*instruct"),
    Family("vicuna", _source(("", "\n\n"), ("USER: ", "\n"), ("ASSISTANT: ", "EOS\n"), "ASSISTANT:"), names=r"vicuna"),
    Family(
        "zephyr",
        _source(("<|system|>\n", "EOS\n"), ("<|user|>\n", "EOS\n"), ("<|assistant|>\n", "EOS\n"), "<|assistant|>\n"),
        names=r"zephyr|tinyllama.*chat",
    ),
    Family(
        "alpaca",
        _source(("", "\n\n"), ("### Instruction:\n", "\n\n"), ("### Response:\n", "\n\n"), "### Response:\n"),
        names=r"alpaca",
    ),
)
