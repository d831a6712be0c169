"""Shows that every text can be read on every ground it stands on: a contrast of 4.5 to 1 at least (WCAG 2.2, 1.4.3)."""

import pytest

from app.ui.tokens import DARK, LIGHT, Tokens

LEAST = 4.5
LEAST_OF_SHAPES = 3.0  # WCAG 2.2, 1.4.11: what shows where the keyboard is

PAGES = ("window", "surface", "raised", "sunken", "code")
CODE = ("code", "accent_soft", "warn_soft")  # also selected, and found
GROUNDS = {
    "text": (*PAGES, "accent_soft", "warn_soft", "good_soft", "bad_soft", "info_soft"),
    "text_2": (*PAGES, "accent_soft", "warn_soft"),
    "text_3": PAGES,
    "accent": (*PAGES, "accent_soft"),
    "on_accent": ("accent",),
    "good": ("window", "surface", "raised", "good_soft"),
    "warn": ("window", "surface", "raised", "warn_soft"),
    "bad": (*PAGES, "bad_soft"),
    "info": (*PAGES, "info_soft"),
    "kw": CODE,
    "str_": CODE,
    "num": CODE,
    "com": CODE,
    "fn": CODE,
}
PAIRS = [(text, ground) for text, grounds in GROUNDS.items() for ground in grounds]
THEMES = [pytest.param(LIGHT, id="light"), pytest.param(DARK, id="dark")]


def luminance(colour: str) -> float:
    """WCAG's relative luminance of `#RRGGBB`, from 0 to 1."""
    linear = []
    for place in (1, 3, 5):
        part = int(colour[place : place + 2], 16) / 255
        linear.append(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    red, green, blue = linear
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_says() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#FF0000", "#FFFFFF") == pytest.approx(4.0, abs=0.01)


@pytest.mark.parametrize("tokens", THEMES)
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_is_readable(tokens: Tokens, text: str, ground: str) -> None:
    assert contrast(getattr(tokens, text), getattr(tokens, ground)) >= LEAST


@pytest.mark.parametrize("tokens", THEMES)
def test_the_steps_of_text_differ(tokens: Tokens) -> None:
    steps = [contrast(colour, tokens.surface) for colour in (tokens.text, tokens.text_2, tokens.text_3)]
    assert steps == sorted(steps, reverse=True)
    assert steps[1] - steps[2] > 1


@pytest.mark.parametrize("tokens", THEMES)
@pytest.mark.parametrize("ground", [*PAGES, "accent_soft", "warn_soft"])
def test_the_ring_of_the_keyboard_is_seen(tokens: Tokens, ground: str) -> None:
    assert contrast(tokens.accent, getattr(tokens, ground)) >= LEAST_OF_SHAPES


@pytest.mark.parametrize("tokens", THEMES)
def test_every_text_is_looked_at(tokens: Tokens) -> None:
    """A new colour must be a ground, a text, or nothing to read."""
    grounds = {ground for grounds in GROUNDS.values() for ground in grounds}
    radii = {"r_s", "r_m", "r_l"}
    assert set(Tokens.__slots__) == set(GROUNDS) | grounds | radii | {"line"}
