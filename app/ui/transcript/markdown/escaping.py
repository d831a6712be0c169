"""Keeps text from being read as Markdown, with no more backslashes than it takes."""

import re
from dataclasses import dataclass

_ENTITY_NAME = r"(?:\#[xX]?[0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{0,40});"
_ENTITY = re.compile("&" + _ENTITY_NAME)
_PUNCTUATION = r"!-/:-@\[-`{-~"
_BESIDE_TILDE = "\x00"  # stands for a tilde beside the text
# A character that means something, and then what it takes to do so, which looks back at it and around it.
_MEANT = rf"""
    [`\\*_~<&!^\]](?:
      (?<=`)
    | (?<=\\)(?=[{_PUNCTUATION}\n]|\Z)
    | (?<=\*)(?:(?<![^\S\n]\*)|(?![^\S\n]))                      # not between spaces
    | (?<=_)(?:(?<![^\S\n]_)(?![^\W_])|(?<=[^\S\n]_)(?![^\S\n])  # nor this
    |          (?<![^\S\n]_)(?<![^\W_]_)(?=[^\W_]))              # or within a word
    | (?<=~)(?:(?=[~\x00])|(?<=[~\x00]~))
    | (?<=<)(?=[^\W\d_]|[/!?]|\Z)
    | (?<=&)(?={_ENTITY_NAME})
    | (?<=[!^])(?=\[)
    | (?<=\[\^)
"""
_SPECIAL = re.compile(_MEANT + r"| (?<=\])(?=[(:]))", re.VERBOSE)
_SPECIAL_IN_BRACKETS = re.compile(_MEANT + r"| (?<=\]))", re.VERBOSE)
# What would be taken for an address, up to where a backslash keeps it from that.
_BARE_ADDRESS = re.compile(r"https?(?=://\w)|(?:mailto|xmpp)(?=:\w)|www(?=\.\w)|(?<=[\w.+-])(?=@[\w-]{1,63}\.)")
_BEFORE_LINE = re.compile(r"(?:[#>]|[-+](?=[\s-]|$)|[=:|](?=[\s=:|-]*$))|(\d{1,9})([.)])(?=\s|$)")
_BOX = re.compile(r"\[(?=[ xX]\](?:\s|$))")


def entity(character: str) -> str:
    """A character as Markdown writes one by its number."""
    return f"&#{ord(character)};"


def is_ascii_punctuation(character: str) -> bool:
    """Whether a backslash before it has a meaning."""
    return character.isascii() and character.isprintable() and not character.isalnum() and character != " "


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
    before, after = _stand_in(around.before), _stand_in(around.after)
    special = _SPECIAL_IN_BRACKETS if around.in_brackets else _SPECIAL
    written = special.sub(r"\\\g<0>", before + text + after)
    written = written[len(before) : len(written) - len(after)]
    if around.before == "]" and text[:1] in ("(", ":"):  # what precedes would become a link or a definition
        written = entity(text[0]) + written[1:]
    if around.has_dollars:
        written = written.replace("$", "\\$")
    if around.in_cell:
        written = written.replace("|", "\\|")
    if around.in_brackets:
        written = written.replace("[", entity("["))  # not a backslash, which would begin mathematics
    elif _BOX.match(written):
        written = entity("[") + written[1:]
    written = written.replace("\r", entity("\r"))
    return written if around.in_link else _BARE_ADDRESS.sub(r"\g<0>\\", written)


def _stand_in(character: str) -> str:
    """A character that means as much to the text beside it, and is nothing to be escaped itself."""
    if character == "~":
        return _BESIDE_TILDE
    return "." if character in ("`", "\\", "*", "_", "<", "&", "!", "^", "]") else character


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
