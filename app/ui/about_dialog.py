"""What something is, in a few facts, and the licences under which it may be used."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app import __version__
from app.core.model import LoadedModel
from app.core.quantities import file_size, parameter_count
from app.ui.choices import words_of

if TYPE_CHECKING:
    from app.ui.model_memory import ModelMemoryView

_WIDTH, _HEIGHT = 620, 520
_OURS = (
    ("Inglenook", "Apache-2.0.txt"),
    ("Inter", "inter-OFL-1.1.txt"),
    ("JetBrains Mono", "jetbrains-mono-OFL-1.1.txt"),
    ("Lucide icons", "lucide-ISC.txt"),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: its name and what it says."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Licence:
    """The text of a licence and what it is for."""

    title: str
    file: Path


class AboutDialog(QDialog):
    """A title, facts, and in tabs what the model takes of this computer, if it is one, and the licences' texts."""

    def __init__(
        self,
        title: str,
        facts: Sequence[Fact],
        licences: Sequence[Licence],
        parent: QWidget | None = None,
        memory: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        heading = QLabel(title, self)
        heading.setTextFormat(Qt.TextFormat.PlainText)
        heading.setProperty("kind", "title")
        close = QPushButton("Close", self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        buttons.addStretch()
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 22, 24, 18)
        column.setSpacing(14)
        column.addWidget(heading)
        column.addLayout(_facts(facts))
        if licences or memory is not None:
            column.addWidget(_tabs(licences, memory), 1)
        else:
            column.addStretch()
        column.addLayout(buttons)
        self.resize(_WIDTH, max(_HEIGHT, column.heightForWidth(_WIDTH)))  # else facts of several lines are cut off


def about_model(
    model: LoadedModel, resources: Path, parent: QWidget, memory: "ModelMemoryView | None" = None
) -> AboutDialog:
    """What the model in use says of itself, what the catalogue adds, and what it takes of this computer."""
    info, entry = model.info, model.entry
    facts = [
        Fact("File", str(info.path)),
        Fact("Size", file_size(info.size_bytes)),
        Fact("Architecture", info.architecture),
        Fact("Parameters", parameter_count(info.parameter_count) if info.parameter_count else ""),
        Fact("Quantization", info.quantization),
        Fact("Context", f"{info.context_length:,} tokens (trained on {info.trained_context_length:,})"),
        Fact("Chat template", words_of(info.template_source)),
        Fact("Device", info.device),
        Fact("KV cache", words_of(info.load.kv_cache_type)),
        Fact("Licence", entry.license if entry else "not known to Inglenook; see where the file comes from"),
        Fact("Source", entry.source if entry else ""),
        Fact("Note", entry.note if entry else ""),
    ]
    licences = [Licence(entry.license, resources / "licences" / entry.license_file)] if entry else []
    return AboutDialog(model.name, [fact for fact in facts if fact.value], licences, parent, memory)


def about_inglenook(resources: Path, parent: QWidget) -> AboutDialog:
    """The version and the licences of what comes with the application."""
    facts = [
        Fact("Version", __version__),
        Fact("What it is", "Private, offline chat with language models that run on this computer"),
        Fact("Licence", "Apache-2.0; Qt is used under the LGPL 3, llama.cpp under the MIT licence"),
    ]
    return AboutDialog(
        "Inglenook", facts, [Licence(title, resources / "licences" / file) for title, file in _OURS], parent
    )


def _facts(facts: Sequence[Fact]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(5)
    grid.setColumnStretch(1, 1)
    for row, fact in enumerate(facts):
        name, value = QLabel(fact.name), QLabel(fact.value)
        name.setProperty("kind", "quiet")
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setWordWrap(True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(value, row, 1)
    return grid


def _tabs(licences: Sequence[Licence], memory: QWidget | None) -> QWidget:
    if len(licences) == 1 and memory is None:
        return _licence_text(licences[0])
    tabs = QTabWidget()
    if memory is not None:
        tabs.addTab(memory, "Memory")
    for licence in licences:
        tabs.addTab(_licence_text(licence), licence.title)
    return tabs


def _licence_text(licence: Licence) -> QPlainTextEdit:
    text = QPlainTextEdit(licence.file.read_text(encoding="utf-8"))
    text.setProperty("kind", "paper")
    text.setReadOnly(True)
    text.setAccessibleName(f"Licence of {licence.title}")
    return text
