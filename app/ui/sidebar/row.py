"""Paints one row of the conversation list: a caption, or a title in a rounded field when it is the open one."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.core.conversation import Conversation
from app.ui.fonts import text_font
from app.ui.sidebar.conversations import CONVERSATION_ROLE
from app.ui.theme import Appearance

Index = QModelIndex | QPersistentModelIndex
ROW_HEIGHT = 34
CAPTION_HEIGHT = 34
_GAP = 4
_INSET = 10


class ConversationRowDelegate(QStyledItemDelegate):
    """Draws captions and titles; opens a line editor in the row that is renamed."""

    def __init__(self, appearance: Appearance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._caption_font = text_font(11, QFont.Weight.Medium)
        self._title_font = text_font()
        self._open_font = text_font(weight=QFont.Weight.Medium)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        text = str(index.data(Qt.ItemDataRole.DisplayRole))
        if index.data(CONVERSATION_ROLE) is None:
            self._paint_caption(painter, option.rect, text)
        else:
            self._paint_title(painter, option, index, text)
        painter.restore()

    def _paint_caption(self, painter: QPainter, rect: QRect, text: str) -> None:
        painter.setFont(self._caption_font)
        painter.setPen(QColor(self._appearance.tokens.text_3))
        below = rect.adjusted(_INSET, 12, -_INSET, -4)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_title(self, painter: QPainter, option: QStyleOptionViewItem, index: Index, text: str) -> None:
        tokens = self._appearance.tokens
        is_open = bool(option.state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        has_focus = bool(option.state & QStyle.StateFlag.State_HasFocus)
        field = option.rect.adjusted(0, 0, 0, -_GAP)
        if is_open or is_hovered:
            background = QColor(tokens.sunken)
            background.setAlphaF(1.0 if is_open else 0.5)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(background)
            painter.drawRoundedRect(field, tokens.r_s, tokens.r_s)
        conversation = index.data(CONVERSATION_ROLE)
        if isinstance(conversation, Conversation) and conversation.is_temporary:
            painter.setPen(QPen(QColor(tokens.text_3), 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(field).adjusted(0.5, 0.5, -0.5, -0.5), tokens.r_s, tokens.r_s)
        if has_focus:
            painter.setPen(QColor(tokens.accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(field.adjusted(0, 0, -1, -1), tokens.r_s, tokens.r_s)
        font = self._open_font if is_open else self._title_font
        inside = field.adjusted(_INSET, 0, -_INSET, 0)
        painter.setFont(font)
        painter.setPen(QColor(tokens.text if is_open else tokens.text_2))
        shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, inside.width())
        painter.drawText(inside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)

    def sizeHint(self, _option: QStyleOptionViewItem, index: Index) -> QSize:
        is_caption = index.data(CONVERSATION_ROLE) is None
        return QSize(0, CAPTION_HEIGHT if is_caption else ROW_HEIGHT + _GAP)

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName("New title")
        editor.setMaxLength(200)
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        editor.setGeometry(option.rect.adjusted(0, 0, 0, -_GAP))
