"""Run as a process that gets killed: downloads one file, and says how far it is."""

import sys
from pathlib import Path

from app.core.cancel import CancelToken
from app.core.rate_limit import RateLimit
from app.hub.base import Repository, RepositoryFile
from app.hub.huggingface import HuggingFaceHub


def main(endpoint: str, target: str, path: str, size: str, sha256: str, rate: str) -> None:
    """Print each event's bytes; at the end "done"."""
    repository, file = Repository("a/b", "main", ()), RepositoryFile(path, int(size), sha256)
    limit = RateLimit(float(rate))
    for event in HuggingFaceHub(endpoint).fetch(repository, file, Path(target), CancelToken(), limit):
        sys.stdout.write(f"{event.step} {event.done_bytes}\n")
        sys.stdout.flush()
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
