"""The sizes that text can be shown at."""

ZOOMS = (0.5, 0.67, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)


def stepped(zoom: float, by: int) -> float:
    """The next larger (1) or smaller (-1) size; the last one stays."""
    if by > 0:
        return next((size for size in ZOOMS if size > zoom + 0.001), ZOOMS[-1])
    return next((size for size in reversed(ZOOMS) if size < zoom - 0.001), ZOOMS[0])
