"""Reads packaging/requirements.lock: one block a package, its first line flush left, its hashes indented."""

ENGINE = "llama-cpp-python"
FORBIDDEN = ("://", "--index-url", "--extra-index-url", "--find-links", "--trusted-host", " @ ", "file:")


def blocks(text: str) -> list[str]:
    """The lock's blocks, each with its closing line break."""
    found: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line[0].isspace() and found:
            found[-1] += line + "\n"
        else:
            found.append(line + "\n")
    return found


def name_of(block: str) -> str:
    """The package that a block pins."""
    return block.split("==", 1)[0].strip().lower()


def split_engine(text: str) -> tuple[str, str]:
    """The lock without the engine, and the engine's block alone."""
    rest = [block for block in blocks(text) if name_of(block) != ENGINE]
    engine = [block for block in blocks(text) if name_of(block) == ENGINE]
    return "".join(rest), "".join(engine)


def faults(text: str) -> list[str]:
    """What makes a lock unfit to be committed, each in a sentence: an address, a missing hash, a version left open."""
    found = [f"it holds {mark.strip()!r}" for mark in FORBIDDEN if mark in text]
    for block in blocks(text):
        if "==" not in block.splitlines()[0]:
            found.append(f"{block.splitlines()[0]!r} names no version")
        elif "--hash=sha256:" not in block:
            found.append(f"{name_of(block)} has no hash")
    return found
