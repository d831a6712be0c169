"""Numbers between two bounds as GBNF: every text of the grammar is such a number."""

import math
from decimal import Decimal

_CANDIDATES = 400  # how many multiples are listed one by one
_DECIMALS = 9


def integers(low: int | None, high: int | None, digits: int) -> list[str]:
    """Alternatives for the whole numbers from `low` to `high`; None is as far as `digits` digits go. Empty: none."""
    low = _reach(high, -digits) if low is None else low
    high = _reach(low, digits) if high is None else high
    found = []
    if low < 0:
        found += [f'"-" {text}' for text in _naturals(max(1, -high), -low)]
    return found + _naturals(max(0, low), high)


def decimals(low: Decimal | None, high: Decimal | None, digits: int) -> list[str]:
    """Alternatives for the numbers from `low` to `high`, whole or with up to three decimals, more where none fits."""
    found: list[str] = []
    for places in range(_DECIMALS + 1):
        if places > 3 and found:
            break
        found += _with_places(low, high, places, digits)
    return found


def multiples(of: Decimal, low: Decimal | None, high: Decimal | None) -> list[str]:
    """The multiples of `of` nearest to zero between the bounds, as texts of JSON."""
    half = _CANDIDATES // 2
    first = -half if low is None else math.ceil(low / of)
    last = half if high is None else math.floor(high / of)
    if low is None and high is not None:
        first = min(first, last - half)
    if high is None and low is not None:
        last = max(last, first + half)
    if last - first > _CANDIDATES:
        first = max(first, min(last - _CANDIDATES, -half))
        last = min(last, first + _CANDIDATES)
    return [_plain(of * count) for count in range(first, last + 1)]


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _reach(other: int | None, digits: int) -> int:
    """Where a missing bound lies: `digits` nines, or a digit more than the other bound has."""
    reach: int = 10 ** max(abs(digits), len(str(abs(other or 0))) + 1) - 1
    return reach if digits > 0 else -reach


def _with_places(low: Decimal | None, high: Decimal | None, places: int, digits: int) -> list[str]:
    """Numbers with exactly so many decimals: whole numbers of the smallest unit, with the point put in."""
    scale = Decimal(10) ** places
    first = None if low is None else math.ceil(low * scale)
    last = None if high is None else math.floor(high * scale)
    first = _reach(last, -digits - places) if first is None else first
    last = _reach(first, digits + places) if last is None else last
    found = []
    if first < 0:
        found += [f'"-" {text}' for text in _pointed(max(1, -last), -first, places)]
    return found + _pointed(max(0, first), last, places)


def _pointed(low: int, high: int, places: int) -> list[str]:
    if places == 0:
        return _naturals(low, high)
    found = []
    for length in range(max(len(str(low)), places + 1), max(len(str(high)), places + 1) + 1):
        least = 0 if length == places + 1 else 10 ** (length - 1)
        first, last = max(low, least), min(high, 10**length - 1)
        if first <= last:
            for digits in _same_length(str(first).zfill(length), str(last).zfill(length)):
                whole, rest = digits[: length - places], digits[length - places :]
                found.append(_classes(whole) + ' "." ' + _classes(rest))
    return found


def _naturals(low: int, high: int) -> list[str]:
    """Alternatives for the whole numbers from low >= 0 to high, without leading zeros."""
    found = []
    for length in range(len(str(low)), len(str(max(high, 0))) + 1):
        first, last = max(low, 10 ** (length - 1) if length > 1 else 0), min(high, 10**length - 1)
        if first <= last:
            found += [_classes(digits) for digits in _same_length(str(first), str(last))]
    return found


def _same_length(low: str, high: str) -> list[list[str]]:
    """The numbers between two texts of one length, as lists of one class of digits for each place."""
    if len(low) == 1:
        return [[f"{low}-{high}"]]
    rest = len(low) - 1
    if low[0] == high[0]:
        return [[f"{low[0]}-{low[0]}", *tail] for tail in _same_length(low[1:], high[1:])]
    found = []
    first, last = int(low[0]), int(high[0])
    if low[1:] != "0" * rest:
        found += [[f"{first}-{first}", *tail] for tail in _same_length(low[1:], "9" * rest)]
        first += 1
    ending = []
    if high[1:] != "9" * rest:
        ending = [[f"{last}-{last}", *tail] for tail in _same_length("0" * rest, high[1:])]
        last -= 1
    if first <= last:
        found.append([f"{first}-{last}", *["0-9"] * rest])
    return found + ending


def _classes(digits: list[str]) -> str:
    """Classes in a row, equal neighbours counted."""
    parts: list[str] = []
    count = 0
    for index, digit in enumerate(digits):
        count += 1
        if index + 1 == len(digits) or digits[index + 1] != digit:
            parts.append(f"[{digit}]" + (f"{{{count}}}" if count > 1 else ""))
            count = 0
    return " ".join(parts)
