"""How much memory a container may use: Linux control groups, version 1 and 2, with every group above our own."""

import logging
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_log = logging.getLogger(__name__)

_UNLIMITED = 2**60  # version 1 writes a limit near 2^63 for "none"
_PROCESS = Path("/proc/self")


@dataclass(frozen=True, slots=True)
class GroupMemory:
    """The tightest limit of our group and those above it, what is free below it, and its file's name; in bytes."""

    limit_bytes: int
    free_bytes: int
    source: str


@dataclass(frozen=True, slots=True)
class GroupFiles:
    """The files of one version of control groups: limits, what is used, and the lines of memory.stat to take off."""

    limits: tuple[str, ...]
    used: str
    reclaimable: tuple[str, ...]


# memory.high does not end a process, but slows it so much that it is a limit all the same. What memory.stat counts as
# file pages is given back by the kernel when programs ask for it.
_V1 = GroupFiles(("memory.limit_in_bytes",), "memory.usage_in_bytes", ("total_inactive_file", "total_active_file"))
_V2 = GroupFiles(("memory.max", "memory.high"), "memory.current", ("inactive_file", "active_file"))


def group_memory(process: Path = _PROCESS) -> GroupMemory | None:
    """The limit that this process lives under; None where there is none or the system does not tell."""
    try:
        groups = (process / "cgroup").read_text("utf-8", "replace")
        mounts = (process / "mountinfo").read_text("utf-8", "replace")
    except OSError as error:
        _log.debug("no control groups: %s", error)
        return None
    found = [
        limit
        for folder, version in group_folders(groups, mounts)
        if (limit := _read_group(folder, version)) is not None
    ]
    if not found:
        return None
    tightest = min(found, key=lambda limit: limit.limit_bytes)
    return GroupMemory(tightest.limit_bytes, min(limit.free_bytes for limit in found), tightest.source)


def group_folders(groups: str, mounts: str) -> list[tuple[Path, GroupFiles]]:
    """The folders of our memory group and of all above it that are mounted, from the texts of /proc/self/cgroup and
    /proc/self/mountinfo (see proc(5) and cgroups(7)).
    """
    own_v1, own_v2 = _own_groups(groups)
    folders: list[tuple[Path, GroupFiles]] = []
    for line in mounts.splitlines():
        before, separator, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if not separator or len(fields) < 5 or len(kind) < 3:
            continue
        root, point = fields[3], fields[4]
        if kind[0] == "cgroup2" and own_v2 is not None:
            folders += [(folder, _V2) for folder in _upwards(own_v2, root, point)]
        elif kind[0] == "cgroup" and own_v1 is not None and "memory" in kind[2].split(","):
            folders += [(folder, _V1) for folder in _upwards(own_v1, root, point)]
    return folders


def _own_groups(groups: str) -> tuple[str | None, str | None]:
    """Our group's path for memory in version 1, and in version 2."""
    own_v1 = own_v2 = None
    for line in groups.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            own_v2 = path
        elif "memory" in controllers.split(","):
            own_v1 = path
    return own_v1, own_v2


def _upwards(own: str, root: str, point: str) -> list[Path]:
    """The folders from our own group up to the mount's own. A group outside the mount's root is seen as the root."""
    mounted = PurePosixPath(root)
    path = PurePosixPath(own)
    below = path.relative_to(mounted) if path.is_relative_to(mounted) else PurePosixPath()
    if ".." in below.parts:
        below = PurePosixPath()
    return [Path(point) / step for step in (below, *below.parents)]


def _read_group(folder: Path, version: GroupFiles) -> GroupMemory | None:
    limits = [(amount, name) for name in version.limits if (amount := parse_limit(_read(folder / name))) is not None]
    if not limits:
        return None
    limit, name = min(limits)
    used = parse_limit(_read(folder / version.used)) or 0
    reclaimable = parse_reclaimable(_read(folder / "memory.stat"), version.reclaimable)
    return GroupMemory(limit, max(limit - max(used - reclaimable, 0), 0), name)


def parse_limit(text: str) -> int | None:
    """An amount in bytes; None for "max", for version 1's way to say so, and for what is no amount."""
    text = text.strip()
    if not text.isdecimal():
        return None
    amount = int(text)
    return amount if amount < _UNLIMITED else None


def parse_reclaimable(text: str, names: tuple[str, ...]) -> int:
    """The sum of the lines `names` of a memory.stat."""
    lines = (line.split() for line in text.splitlines())
    return sum(int(line[1]) for line in lines if len(line) == 2 and line[0] in names and line[1].isdecimal())


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""  # the topmost group has no limits, and a file that may not be read says nothing
