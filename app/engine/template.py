"""How a conversation becomes one prompt: the model's own chat template, run in a sandbox."""

from collections.abc import Sequence
from typing import Any

import jinja2
from llama_cpp.llama_chat_format import Jinja2ChatFormatter

from app.core.errors import ChatTemplateError
from app.core.prompt import PromptMessage

# For a file without a template: the commonest form, which most models tuned for chat have seen.
CHATML = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)


class ChatTemplate:
    """A parsed Jinja template. Raises ChatTemplateError when it cannot be parsed or refuses the messages."""

    def __init__(self, source: str, bos_token: str, eos_token: str) -> None:
        self.bos_token = bos_token
        try:
            self._formatter = Jinja2ChatFormatter(source, eos_token=eos_token, bos_token=bos_token)
        except jinja2.TemplateError as error:
            raise ChatTemplateError("The model's chat template is broken; choose another model.", str(error)) from error

    def render(self, messages: Sequence[PromptMessage]) -> str:
        """The prompt that ends where the assistant's answer begins."""
        try:
            # The formatter's own type asks for a dict type for each role; the template only reads these two keys.
            plain: Any = [{"role": m.role.value, "content": m.text} for m in messages]
            answer = self._formatter(messages=plain)
        except (jinja2.TemplateError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
            # A template is a program that comes with the file: it may refuse on purpose or by mistake.
            raise ChatTemplateError(
                f"The model's chat template refuses this conversation: {error}", repr(error)
            ) from error
        return str(answer.prompt)
