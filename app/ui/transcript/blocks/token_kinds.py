"""What Pygments' many token types come down to: the few that have a colour of their own."""

from enum import Enum, auto
from functools import lru_cache

from pygments.token import Comment, Generic, Keyword, Literal, Name, Number, Operator, String, Token, _TokenType


class TokenKind(Enum):
    """What a piece of code is, as far as it shows."""

    PLAIN = auto()
    KEYWORD = auto()
    STRING = auto()
    NUMBER = auto()
    COMMENT = auto()
    FUNCTION = auto()


_KINDS: dict[_TokenType, TokenKind] = {
    Token: TokenKind.PLAIN,
    Keyword: TokenKind.KEYWORD,
    Operator.Word: TokenKind.KEYWORD,
    Name.Tag: TokenKind.KEYWORD,
    String: TokenKind.STRING,
    Literal.Date: TokenKind.NUMBER,
    Number: TokenKind.NUMBER,
    Comment: TokenKind.COMMENT,
    Comment.Preproc: TokenKind.KEYWORD,
    Comment.PreprocFile: TokenKind.STRING,
    Name.Function: TokenKind.FUNCTION,
    Name.Class: TokenKind.FUNCTION,
    Name.Decorator: TokenKind.FUNCTION,
    Name.Attribute: TokenKind.FUNCTION,
    Generic.Inserted: TokenKind.STRING,
    Generic.Deleted: TokenKind.KEYWORD,
    Generic.Heading: TokenKind.FUNCTION,
    Generic.Subheading: TokenKind.FUNCTION,
    Generic.Prompt: TokenKind.COMMENT,
}


@lru_cache(1024)
def kind_of(token: _TokenType) -> TokenKind:
    """The kind of a token type: that of the nearest one above it which has one."""
    while token not in _KINDS:
        assert token.parent is not None
        token = token.parent
    return _KINDS[token]
