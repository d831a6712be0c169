"""Puts amounts of memory and sizes of models into words."""

_GB = 10**9
_MB = 10**6
_KB = 10**3


def gigabytes(size_bytes: int) -> str:
    """An amount of memory in GB, which are 10^9 bytes."""
    return f"{size_bytes / _GB:.1f} GB"


def file_size(size_bytes: int) -> str:
    """A file's size in GB or MB, which are 10^9 and 10^6 bytes."""
    return gigabytes(size_bytes) if size_bytes >= _GB else f"{size_bytes / _MB:.1f} MB"


def data_size(size_bytes: int) -> str:
    """What went over the network: as file_size(), and in kB or bytes below a MB."""
    if size_bytes >= _MB:
        return file_size(size_bytes)
    return f"{size_bytes / _KB:.1f} kB" if size_bytes >= _KB else f"{size_bytes} B"


def parameter_count(count: int) -> str:
    """How many parameters a model has, in millions or billions."""
    return f"{count / 10**9:.1f} billion" if count >= 10**9 else f"{count / 10**6:.0f} million"
