"""Container limits, from files as Linux writes them."""

from pathlib import Path

import pytest

from app.engine.machine.control_groups import GroupMemory, group_folders, group_memory, parse_limit, parse_reclaimable

GIB = 2**30
MOUNT_V1 = "35 31 0:32 {root} {point} rw,relatime - cgroup cgroup rw,memory\n"
MOUNT_V2 = "29 23 0:26 {root} {point} rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"


def process(folder: Path, groups: str, mounts: str) -> Path:
    (folder / "cgroup").write_text(groups)
    (folder / "mountinfo").write_text(mounts)
    return folder


def v2_group(folder: Path, limit: str, used: int, high: str = "max", cached: int = 0) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.high").write_text(f"{high}\n")
    (folder / "memory.current").write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {cached}\nactive_file 0\nslab 5\n")


def test_the_limit_of_a_docker_container_with_version_2(tmp_path: Path) -> None:
    v2_group(tmp_path / "sys", str(8 * GIB), 2 * GIB, cached=GIB)
    mounts = MOUNT_V2.format(root="/", point=tmp_path / "sys")
    assert group_memory(process(tmp_path, "0::/\n", mounts)) == GroupMemory(8 * GIB, 7 * GIB, "memory.max")


def test_the_tightest_of_nested_groups_counts_and_the_least_that_is_free(tmp_path: Path) -> None:
    v2_group(tmp_path / "sys" / "user" / "app", "max", GIB)
    v2_group(tmp_path / "sys" / "user", str(6 * GIB), 5 * GIB)
    v2_group(tmp_path / "sys", str(8 * GIB), 5 * GIB)
    mounts = MOUNT_V2.format(root="/", point=tmp_path / "sys")
    assert group_memory(process(tmp_path, "0::/user/app\n", mounts)) == GroupMemory(6 * GIB, GIB, "memory.max")


def test_what_slows_a_process_down_is_a_limit_too(tmp_path: Path) -> None:
    v2_group(tmp_path / "sys", str(8 * GIB), GIB, high=str(4 * GIB))
    mounts = MOUNT_V2.format(root="/", point=tmp_path / "sys")
    assert group_memory(process(tmp_path, "0::/\n", mounts)) == GroupMemory(4 * GIB, 3 * GIB, "memory.high")


def test_version_1_as_docker_mounts_it(tmp_path: Path) -> None:
    folder = tmp_path / "memory"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text(f"{2 * GIB}\n")
    (folder / "memory.usage_in_bytes").write_text(f"{3 * GIB}\n")
    (folder / "memory.stat").write_text("total_inactive_file 0\n")
    mounts = MOUNT_V1.format(root="/docker/abc", point=folder)
    found = group_memory(process(tmp_path, "4:memory:/docker/abc\n0::/\n", mounts))
    assert found == GroupMemory(2 * GIB, 0, "memory.limit_in_bytes")


def test_no_limit_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "memory"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text("9223372036854771712\n")
    v2_group(tmp_path / "unified", "max", GIB)
    mounts = MOUNT_V1.format(root="/", point=folder) + MOUNT_V2.format(root="/", point=tmp_path / "unified")
    assert group_memory(process(tmp_path, "4:memory:/\n0::/\n", mounts)) is None


@pytest.mark.parametrize("own", ["/../../outside", "/elsewhere"])
def test_a_group_outside_the_mount_is_seen_as_its_root(own: str) -> None:
    mounts = MOUNT_V2.format(root="/docker/abc" if own == "/elsewhere" else "/", point="/sys/fs/cgroup")
    assert [folder for folder, _ in group_folders(f"0::{own}\n", mounts)] == [Path("/sys/fs/cgroup")]


def test_what_is_no_line_of_a_mount_is_passed_over(tmp_path: Path) -> None:
    assert group_memory(process(tmp_path, "nonsense\n\n5\n", "a b c\n1 2 3 - x\n - cgroup2 a b\n")) is None
    assert group_memory(tmp_path / "missing") is None


@pytest.mark.parametrize("text", ["max", "", "-1", "9223372036854771712", "12 34", "eight"])
def test_what_is_no_limit(text: str) -> None:
    assert parse_limit(text) is None


def test_only_the_named_lines_are_summed() -> None:
    text = "inactive_file 5\nactive_file 7\ninactive_anon 11\nactive_file\ninactive_file x\n"
    assert parse_reclaimable(text, ("inactive_file", "active_file")) == 12
