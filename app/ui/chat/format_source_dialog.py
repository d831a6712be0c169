"""Where a JSON schema or a grammar for the answer is written, pasted, or read from a file."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.core.errors import InvalidParameterError
from app.core.generation import OutputFormat, OutputKind
from app.services.structured import require_valid_schema
from app.ui.file_choice import choose_file
from app.ui.parameters.dialog import ParameterDialog

_MOST_BYTES = 1_000_000
_TITLES = {OutputKind.SCHEMA: "JSON schema", OutputKind.GRAMMAR: "Grammar (GBNF)"}
_EXPLANATIONS = {
    OutputKind.SCHEMA: "Every answer in this conversation will be JSON that this schema accepts.",
    OutputKind.GRAMMAR: "Every answer in this conversation will be a text of this grammar.",
}
_EXAMPLES = {
    OutputKind.SCHEMA: '{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}',
    OutputKind.GRAMMAR: 'root ::= "yes" | "no"',
}
_FILES = {
    OutputKind.SCHEMA: "JSON files (*.json);;All files (*)",
    OutputKind.GRAMMAR: "Grammars (*.gbnf);;All files (*)",
}


class FormatSourceDialog(ParameterDialog):
    """`format_chosen` carries the text when it is taken; what is no schema is refused here, the rest by the engine."""

    format_chosen = Signal(OutputFormat)

    def __init__(self, kind: OutputKind, source: str, parent: QWidget | None = None) -> None:
        super().__init__(_TITLES[kind], _EXPLANATIONS[kind], "Use it", parent)
        self.resize(640, 460)
        self._kind = kind
        self.text = QPlainTextEdit(source, self)
        self.text.setProperty("kind", "field")
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName(_TITLES[kind])
        self.text.setPlaceholderText(_EXAMPLES[kind])
        self.text.textChanged.connect(lambda: self.show_problem(""))
        self.content.addWidget(self.text)
        self.open_button = self.add_left_button("Open a file…")
        self.open_button.clicked.connect(self._on_open_clicked)
        self.text.setFocus(Qt.FocusReason.OtherFocusReason)

    def apply(self) -> None:
        """Send off the text; raises InvalidParameterError for none, OutputFormatError for what is no schema."""
        source = self.text.toPlainText().strip()
        if not source:
            raise InvalidParameterError(f"There is nothing here yet. For example: {_EXAMPLES[self._kind]}")
        output = OutputFormat(self._kind, source)
        require_valid_schema(output)
        self.format_chosen.emit(output)

    def open_file(self, file: str) -> None:
        """Put a file's text in place; what cannot be read is said."""
        path = Path(file)
        try:
            if path.stat().st_size > _MOST_BYTES:
                self.show_problem(f"{path.name} is too large to be a schema or a grammar.")
                return
            self.text.setPlainText(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
            self.show_problem(f"{path.name} cannot be read: {reason}.")

    def _on_open_clicked(self) -> None:
        choose_file(self, f"Open a file: {_TITLES[self._kind]}", self.open_file, _FILES[self._kind])
