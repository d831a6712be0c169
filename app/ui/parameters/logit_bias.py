"""The editor of logit bias: single tokens that are made likelier, less likely, or forbidden."""

import math
import re

from PySide6.QtWidgets import QLineEdit, QWidget

from app.core.declared import Declaration
from app.core.generation import TokenBias
from app.ui.parameters.editors import Editor
from app.ui.parameters.escapes import escaped, unescaped
from app.ui.parameters.fields import NumberBox
from app.ui.parameters.rows import ListRow, ListRows

_MOST = 1000.0
_ID = re.compile(r"#(\d+)")


class TokenBiasRow(ListRow):
    """A token (its text, or # and its id) and its bias, whose lowest value forbids the token."""

    def __init__(self, bias: TokenBias, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.token = QLineEdit(escaped(bias.token) if isinstance(bias.token, str) else f"#{bias.token}", self)
        self.token.setPlaceholderText("text, or #id")
        self.token.setAccessibleName("Token: its text, or # and its id")
        self.box = NumberBox(-_MOST, _MOST)
        self.box.setSpecialValueText("never")
        self.box.setSingleStep(1)
        self.box.setFixedWidth(90)
        self.box.setAccessibleName("Bias; the lowest value forbids the token")
        self.box.setValue(-_MOST if bias.bias == -math.inf else bias.bias)
        self.fields.addWidget(self.token, 1)
        self.fields.addWidget(self.box)
        self.set_name("this token")

    @property
    def bias(self) -> TokenBias | None:
        """What stands in the row; None while no token does."""
        text = self.token.text()
        if not text:
            return None
        match = _ID.fullmatch(text)
        value = self.box.value()
        return TokenBias(int(match[1]) if match else unescaped(text), -math.inf if value <= -_MOST else value)


class LogitBiasEditor(Editor):
    """Rows of tokens."""

    def __init__(self, declaration: Declaration, parent: QWidget | None = None) -> None:
        super().__init__(declaration, parent)
        self.rows = ListRows("Add a token", self)
        self.rows.add_requested.connect(self._on_add_requested)
        self.rows.changed.connect(self.changed)
        self.hold(self.rows)

    def value(self) -> tuple[TokenBias, ...]:
        """The rows in which a token stands."""
        rows = (row.bias for row in self.rows.rows if isinstance(row, TokenBiasRow))
        return tuple(bias for bias in rows if bias is not None)

    def show_value(self, value: tuple[TokenBias, ...]) -> None:
        """Show other tokens."""
        self.rows.clear()
        for bias in value:
            self.rows.add(TokenBiasRow(bias))

    def _on_add_requested(self) -> None:
        row = TokenBiasRow(TokenBias("", 0.0))
        self.rows.add(row)
        row.token.setFocus()
