"""Asks the hub whose a token is."""

from huggingface_hub import HfApi

from app import __version__
from app.hub.answers import LIBRARY
from app.hub.refusals import host_of, not_understood

_MOST_NAME = 100


def account(endpoint: str, token: str) -> str:
    """See Hub.account."""
    api = HfApi(endpoint, token=token, library_name=LIBRARY, library_version=__version__)
    try:
        said = api.whoami()
        name = said["name"]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        # Only the kind of the error is told: its words may hold the token.
        raise not_understood(host_of(endpoint), type(error).__name__) from error
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= _MOST_NAME:
        raise not_understood(host_of(endpoint), "an account without a name")
    return name
