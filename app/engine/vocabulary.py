"""Text to tokens and back (imports llama_cpp: import late)."""

import ctypes
from collections.abc import Iterable

import llama_cpp.llama_cpp as llama

_PIECE_BYTES = 64


class Vocabulary:
    """A model's vocabulary; `handle` lives as long as the model.

    A control token's piece is empty, but for those that show() names because somebody must see them.
    """

    def __init__(self, model: int) -> None:
        self.handle = llama.llama_model_get_vocab(model)
        self.size = int(llama.llama_vocab_n_tokens(self.handle))
        self._buffer = ctypes.create_string_buffer(_PIECE_BYTES)
        self._shown: frozenset[int] = frozenset()

    @property
    def bos_text(self) -> str:
        """The text of the beginning-of-sequence token; empty when there is none."""
        return self.text(llama.llama_vocab_bos(self.handle))

    @property
    def eos_text(self) -> str:
        """The text of the end-of-sequence token; empty when there is none."""
        return self.text(llama.llama_vocab_eos(self.handle))

    def show(self, texts: Iterable[str]) -> None:
        """Give out these texts where they are control tokens, as the marks around reasoning are."""
        self._shown = frozenset(token for text in texts if (token := self.token(text)) is not None)

    def token(self, text: str) -> int | None:
        """The one token that `text` is, control tokens included; None when it is several or none."""
        tokens = self.tokenize(text, add_special=False)
        return tokens[0] if len(tokens) == 1 else None

    def has_control_token(self, text: str) -> bool:
        """Whether `text` is one token that is not ordinary text."""
        token = self.token(text)
        return token is not None and bool(llama.llama_vocab_is_control(self.handle, token) or self._is_marked(token))

    def tokenize(self, text: str, add_special: bool) -> list[int]:
        """The tokens of `text`, control tokens understood; `add_special` puts what the model wants in front."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        while True:
            tokens = (llama.llama_token * room)()
            count = llama.llama_tokenize(self.handle, data, len(data), tokens, room, add_special, True)
            if count >= 0:
                return list(tokens[:count])
            room = -count

    def text(self, token: int) -> str:
        """A token as the vocabulary's table has it, control tokens included; empty for a negative one."""
        text = llama.llama_vocab_get_text(self.handle, token) if token >= 0 else None
        return text.decode("utf-8", "replace") if text else ""

    def piece(self, token: int) -> bytes:
        """The token's bytes (perhaps a part of a character); empty for a control token that is not shown."""
        special = token in self._shown
        length = llama.llama_token_to_piece(self.handle, token, self._buffer, len(self._buffer), 0, special)
        if length < 0:  # longer than the buffer: the negative is the length needed
            self._buffer = ctypes.create_string_buffer(-length)
            length = llama.llama_token_to_piece(self.handle, token, self._buffer, -length, 0, special)
        return self._buffer.raw[:length] if length > 0 else b""

    def ends_turn(self, token: int) -> bool:
        """Whether the model means by this token that it has finished."""
        return bool(llama.llama_vocab_is_eog(self.handle, token))

    def _is_marked(self, token: int) -> bool:
        attributes = llama.llama_vocab_get_attr(self.handle, token)
        return bool(attributes & (llama.LLAMA_TOKEN_ATTR_CONTROL | llama.LLAMA_TOKEN_ATTR_USER_DEFINED))
