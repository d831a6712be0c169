"""How set-up fails: with one sentence and an exit code, never a traceback."""

import errno

NO_SPACE_TEXTS = ("No space left on device", "os error 28", "not enough space on the disk", "Disk quota exceeded")
NO_NETWORK_TEXTS = (
    "Temporary failure in name resolution",
    "Name or service not known",
    "nodename nor servname provided",
    "getaddrinfo failed",
    "Failed to establish a new connection",
    "Failed to resolve",
    "Network is unreachable",
    "dns error",
    "Connection refused",
    "Could not connect",
    "error sending request",
    "Temporary failure resolving",
)


class SetupError(Exception):
    """Set-up cannot go on: `sentence` says what happened and what to do, `exit_code` is what the process ends with."""

    def __init__(self, sentence: str, exit_code: int = 1) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.exit_code = exit_code


def no_space(where: str) -> SetupError:
    """The disk is full at `where`."""
    return SetupError(f"The disk is full ({where}). Make room and run the same command again; what is done is kept.")


def explained(output: str, otherwise: str) -> SetupError:
    """The likely cause of a failed command, judged by its `output`; `otherwise` is the sentence when none is known."""
    if any(text in output for text in NO_SPACE_TEXTS):
        return no_space("a command that set-up ran said so")
    if any(text in output for text in NO_NETWORK_TEXTS):
        return SetupError(
            "The packages could not be fetched: this computer does not reach the package index. "
            "Connect it and run the same command again; what is done is kept."
        )
    if "THESE PACKAGES DO NOT MATCH THE HASHES" in output or "Hash mismatch" in output:
        return SetupError(
            "A fetched package is not the one that packaging/requirements.lock names (its hash differs), so it was not "
            "installed. Check the package index that pip is set to use."
        )
    return SetupError(otherwise)


def last_lines(output: str, count: int = 15) -> str:
    """The end of a failed command's output, which most often holds the reason."""
    return "".join(f"{line}\n" for line in output.splitlines()[-count:])


def from_os_error(error: OSError) -> SetupError:
    """A failed file operation in words."""
    where = str(error.filename or "no file named")
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return no_space(where)
    return SetupError(f"Set-up could not go on: {error.strerror or error} ({where}).")
