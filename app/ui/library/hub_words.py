"""Puts what the hub says of a repository into the few words that its card has room for."""

from app.core.errors import GatedError, HubTokenError, InglenookError
from app.core.hub_search import FoundRepository
from app.core.plan_wording import context_words
from app.ui.library.words import licence_words


def found_facts(found: FoundRepository) -> str:
    """What a repository is, as far as the hub says; who made it is a part of its name."""
    count = found.parameter_count
    parts = [
        "" if not count else f"{count / 10**9:.3g} B" if count >= 10**9 else f"{count / 10**6:.0f} M",
        licence_words(found.license) or "licence not told",
        "needs an account at the hub" if found.gated else "",
        f"{context_words(found.context_length)} context" if found.context_length else "",
        ", ".join(found.abilities),
        "" if found.downloads is None else f"{_short(found.downloads)} downloads in 30 days",
        f"changed {found.updated:%B %Y}" if found.updated else "",
    ]
    return " · ".join(part for part in parts if part)


def asks_for_token(error: InglenookError) -> bool:
    """Whether a token of the hub, or another one, may help."""
    return isinstance(error, GatedError | HubTokenError)


def page_in(error: InglenookError) -> str:
    """The page on which one agrees to a model's terms; empty for other errors."""
    return error.page if isinstance(error, GatedError) else ""


def _short(count: int) -> str:
    """ "950", "12 k", "1.2 M"."""
    if count < 1000:
        return f"{count}"
    return f"{count / 1000:.0f} k" if count < 10**6 else f"{count / 10**6:.1f} M"
