"""Keeps text from being read as Markdown, with no more backslashes than it takes."""

import re
from dataclasses import dataclass

_ENTITY = re.compile(r"&(?:#[xX]?[0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{0,40});")
_BEFORE_LINE = re.compile(r"(?:[#>]|[-+](?=[\s-]|$)|[=:|](?=[\s=:|-]*$))|(\d{1,9})([.)])(?=\s|$)")
_BOX = re.compile(r"\[[ xX]\](?=\s|$)")
_PUNCTUATION = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
# What would be taken for an address, up to where a backslash keeps it from that.
_BARE_ADDRESS = re.compile(r"https?(?=://\w)|(?:mailto|xmpp)(?=:\w)|www(?=\.\w)|(?<=[\w.+-])(?=@[\w-]+\.)")
_RISKY = re.compile(r"[\\`*_~\[\]<&$!^|]")


def entity(character: str) -> str:
    """A character as Markdown writes one by its number."""
    return f"&#{ord(character)};"


def is_ascii_punctuation(character: str) -> bool:
    """Whether a backslash before it has a meaning."""
    return character in _PUNCTUATION


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a piece of running text stands between: the characters beside it, empty at the paragraph's ends.

    `in_link`: it is what a link says; `in_image`: it describes an image. `has_dollars`: dollar signs might be taken for
    mathematics.
    """

    before: str
    after: str
    has_dollars: bool
    in_link: bool = False
    in_image: bool = False
    in_cell: bool = False

    @property
    def in_brackets(self) -> bool:
        """Whether brackets stand around it."""
        return self.in_link or self.in_image


def escaped(text: str, around: Surroundings) -> str:
    """A piece of running text that is read as it is."""
    pieces: list[str] = []
    done = 0
    if around.before == "]" and text[:1] in ("(", ":"):  # what precedes would become a link or a definition
        pieces.append(entity(text[0]))
        done = 1
    for found in _RISKY.finditer(text, done):
        at = found.start()
        pieces.append(text[done:at])
        last = text[at - 1] if at else around.before
        following = text[at + 1] if at + 1 < len(text) else around.after
        if text[at] == "[" and (around.in_brackets or (at == 0 and _BOX.match(text))):
            pieces.append(entity("["))  # not a backslash, which would begin mathematics
        else:
            check = _is_sign if text[at] in "*_~" else _is_special
            pieces.append("\\" + text[at] if check(text, at, last, following, around) else text[at])
        done = at + 1
    pieces.append(text[done:])
    written = "".join(pieces).replace("\r", entity("\r"))
    return written if around.in_link else _BARE_ADDRESS.sub(r"\g<0>\\", written)


def _is_sign(text: str, at: int, last: str, following: str, around: Surroundings) -> bool:  # noqa: ARG001 (as below)
    """Whether an asterisk, an underscore or a tilde might begin or end something."""
    if text[at] == "~":
        return "~" in (last, following) or at in (0, len(text) - 1)
    if last.isspace() and following.isspace() and "\n" not in (last, following):
        return False
    return text[at] == "*" or not (last.isalnum() and following.isalnum())


def _is_special(text: str, at: int, last: str, following: str, around: Surroundings) -> bool:
    """Whether another character might mean something."""
    match text[at]:
        case "[":
            return False
        case "\\":
            return not following or following == "\n" or is_ascii_punctuation(following)
        case "]":
            return around.in_brackets or following in ("(", ":")
        case "<":
            return following.isalpha() or following in ("", "/", "!", "?")
        case "&":
            return _ENTITY.match(text, at) is not None
        case "!" | "^":
            return following == "[" or last == "["
        case "$":
            return around.has_dollars
        case "|":
            return around.in_cell
        case _:
            return True


def escaped_lines(written: str) -> str:
    """Written text with no line that would begin a heading, a quote, a list, a table or be a line across."""
    return "\n".join(map(_escaped_line, written.split("\n")))


def _escaped_line(line: str) -> str:
    line = escaped_edges(line)
    found = _BEFORE_LINE.match(line)
    if found is None:
        return line
    if found[1]:
        return f"{found[1]}\\{line[len(found[1]) :]}"
    return "\\" + line


def escaped_edges(line: str) -> str:
    """A line whose spaces at the edges stay."""
    if line[:1].isspace():
        line = entity(line[0]) + line[1:]
    if line[-1:].isspace():
        line = line[:-1] + entity(line[-1])
    return line


def escaped_address(address: str) -> str:
    """An address, or the word after a fence, in which backslashes and entities stand for themselves."""
    return _ENTITY.sub(lambda found: "&amp;" + found[0][1:], re.sub(r"\\(?=[!-/:-@\[-`{-~])", r"\\\\", address))
