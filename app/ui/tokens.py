"""The colours and radii that the application paints: the design's tokens, by the same names, light and dark.

Where a colour of the design's pictures is too pale to be read on one of its grounds (WCAG 2.2, contrast 4.5 to 1), this
is the nearest one that is not: the text's lighter steps, comments in code and, in light, the accent, green and amber.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """One set of colours, each `#RRGGBB`; radii are in logical pixels."""

    window: str
    surface: str
    raised: str
    sunken: str
    line: str
    text: str
    text_2: str
    text_3: str
    accent: str
    accent_soft: str
    on_accent: str
    good: str
    good_soft: str
    warn: str
    warn_soft: str
    bad: str
    bad_soft: str
    info: str
    info_soft: str
    code: str
    kw: str
    str_: str
    num: str
    com: str
    fn: str
    r_s: int = 6
    r_m: int = 10
    r_l: int = 14


LIGHT = Tokens(
    window="#F6F3EE",
    surface="#FFFDFA",
    raised="#FFFFFF",
    sunken="#EFEAE2",
    line="#E3DCD1",
    text="#26211C",
    text_2="#5E564D",
    text_3="#71685E",
    accent="#AA4C1C",
    accent_soft="#F7E4D8",
    on_accent="#FFFFFF",
    good="#3B7649",
    good_soft="#E2EFE3",
    warn="#8C620A",
    warn_soft="#F6EBD0",
    bad="#A93232",
    bad_soft="#F8E1DF",
    info="#3A6390",
    info_soft="#E1EAF4",
    code="#F3EEE7",
    kw="#9A3B6B",
    str_="#3A7447",
    num="#3A6390",
    com="#6F675C",
    fn="#AA4C1C",
)

DARK = Tokens(
    window="#1A1816",
    surface="#211E1B",
    raised="#2A2622",
    sunken="#151311",
    line="#36312B",
    text="#EDE7DF",
    text_2="#AEA498",
    text_3="#958C81",
    accent="#E58A55",
    accent_soft="#3B2A20",
    on_accent="#1A1816",
    good="#86C08F",
    good_soft="#22301F",
    warn="#DDB255",
    warn_soft="#352B16",
    bad="#E58C85",
    bad_soft="#3A211F",
    info="#8FB4DC",
    info_soft="#1E2A38",
    code="#1A1816",
    kw="#E293BB",
    str_="#86C08F",
    num="#8FB4DC",
    com="#9C9489",
    fn="#E58A55",
)
