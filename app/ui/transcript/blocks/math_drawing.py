"""Turns TeX into SVG by ziamath, which is imported late and kept from work that takes long."""

import re
import warnings
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from functools import cache
from typing import Any

LONGEST_SOURCE = 2_000
_DEEPEST = 20  # braces, brackets, fences and environments in one another
_MOST_WORK = 1_000  # elements that ziamath lays out; each takes it about 0.06 ms
_LARGEST = 20_000.0  # logical pixels
_ROWS = frozenset(["math", "mrow", "mtd", "mtr", "none"])  # what ziamath lays out as a row
_NESTING = re.compile(r"\\(?P<open>left|begin)\b|\\(?P<close>right|end)\b|\\.|(?P<up>[{\[])|(?P<down>[}\]])", re.DOTALL)
_MATRIX = re.compile(r"\\(begin|end)(\{[bBpvV]?matrix\})")
_COMMAND = re.compile(r"\\[a-zA-Z]+")
_CONTROL = re.compile("[\0-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class MathError(Exception):
    """TeX that is not drawn; its text says why, in a sentence for the user."""


@dataclass(frozen=True, slots=True)
class MathDrawing:
    """A formula as SVG; its baseline is `ascent` below its top, and all are in logical pixels."""

    svg: str
    width: float
    ascent: float
    descent: float


def draw_math(source: str, size: float, colour: str, is_displayed: bool) -> MathDrawing:
    """Draw TeX beside letters of `size` pixels. MathError says why it cannot be; the work is bounded."""
    if len(source) > LONGEST_SOURCE:
        raise MathError(f"This formula is too long to be drawn: {len(source):,} characters.")
    if not source.strip():
        raise MathError("This formula is empty.")
    if _CONTROL.search(source):
        raise MathError("This formula has characters that cannot be drawn.")
    if _depth(source) > _DEEPEST:
        raise MathError("This formula is nested too deeply to be drawn.")
    try:
        return _draw(source, size, colour, is_displayed)
    except _drawing_errors() as error:
        raise MathError("This formula is not valid TeX, or not of the kind that can be drawn here.") from error


def _depth(source: str) -> int:
    deepest = depth = 0
    for found in _NESTING.finditer(source):
        if found["open"] or found["up"]:
            depth += 1
            deepest = max(deepest, depth)
        elif found["close"] or found["down"]:
            depth -= 1
    return deepest


def _draw(source: str, size: float, colour: str, is_displayed: bool) -> MathDrawing:
    _prepare()
    from ziamath.tex import tex2mml
    from ziamath.zmath import Math

    formula = ET.fromstring(tex2mml(_MATRIX.sub(_braced, source), inline=not is_displayed))
    for element in formula.iter():
        element.tag = element.tag.rpartition("}")[2]
        if element.tag == "mstyle":  # ziamath takes a style from any row, but does not know this one's name
            element.tag = "mrow"
            element.attrib.pop("mathcolor", None)  # chosen for another ground
        _check(element)
    if _work(formula, _stretching()) > _MOST_WORK:
        raise MathError("This formula is too large to be drawn.")
    formula.set("mathcolor", colour)
    drawn = Math(formula, size=size)
    box, margin = drawn.node.bbox, drawn.margin
    width, ascent, descent = box.xmax - box.xmin + 2 * margin, box.ymax + margin, margin - box.ymin
    if not (0 < width < _LARGEST and 0 < ascent + descent < _LARGEST):
        raise MathError("This formula is too large to be drawn.")
    return MathDrawing(drawn.svg(), width, ascent, descent)


def _braced(found: re.Match[str]) -> str:
    """A matrix in braces: latex2mathml takes no exponent at the end of an environment."""
    return f"{{{found[0]}" if found[1] == "begin" else f"{found[0]}}}"


def _check(element: ET.Element) -> None:
    from ziamath.nodes import mnode

    # ziamath would log a warning of the first, and write the name of the second in place of what it stands for.
    if element.tag not in mnode._node_classes and element.tag not in _ROWS:
        raise MathError("This formula has a part that cannot be drawn.")
    command = _COMMAND.match((element.text or "").strip())
    if command:
        raise MathError(f"The command {command[0]} is not known here.")


def _work(element: ET.Element, stretching: frozenset[str]) -> int:
    """How many elements are laid out: a row with fences lays out its parts twice, to know their height before."""
    work = 1
    for child in element:
        work += _work(child, stretching)
        if work > _MOST_WORK:
            return work
    return 2 * work if element.tag in _ROWS and _stretches(element, stretching) else work


def _stretches(row: ET.Element, stretching: frozenset[str]) -> bool:
    """Whether something in a row, but not in a row within it, is as high as the row."""
    for child in row:
        if child.get("stretchy") == "true" or (child.text or "").strip() in stretching:
            if child.get("stretchy") != "false":
                return True
        elif child.tag not in _ROWS and _stretches(child, stretching):
            return True
    return False


@cache
def _stretching() -> frozenset[str]:
    from ziamath.operators import operators

    return frozenset(text for (text, _), look in operators.items() if look.get("stretchy", "false") != "false")


@cache
def _prepare() -> None:
    """Import ziamath in peace, and set it up for QtSvg."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # ziamath 0.13 reads its fonts by an old function
        from ziamath.config import config

    config.svg2 = False  # QtSvg does not follow SVG 2's references to glyphs
    _use_quick_rows()


def _use_quick_rows() -> None:
    """Let rows lay out their parts once where nothing in them is as high as they are.

    ziamath 0.13 always lays them out twice, so that the time doubles with every brace: 2 s for ten fractions in one
    another. A subclass with a tag takes the place of the class with that tag, as its own do. Gone when it measures
    only where it must.
    """
    from ziamath.nodes.mrow import Mrow

    stretching = _stretching()

    class _QuickRow(Mrow, tag="mrow"):
        def _get_height_nostretch(self, line: list[ET.Element], **kwargs: Any) -> tuple[float, float]:
            holder = ET.Element("mrow")
            holder.extend(line)
            if _stretches(holder, stretching):
                return super()._get_height_nostretch(line, **kwargs)
            return 0.0, 0.0


@cache
def _drawing_errors() -> tuple[type[Exception], ...]:
    """What latex2mathml and ziamath raise for TeX that they do not understand: their own errors and stray ones."""
    from latex2mathml import exceptions

    own = [kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    stray = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, StopIteration, TypeError)
    return (*own, *stray, ValueError, ET.ParseError)
