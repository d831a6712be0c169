"""Shows how the needs of libraries become what a Debian package depends on."""

import pytest

from dev_steps.debian_depends import depends
from dev_steps.failure import SetupError


def test_names_versions_and_the_renamed_packages() -> None:
    needs = {
        "libc.so.6": {"GLIBC_2.2.5", "GLIBC_2.35", "GLIBC_2.9"},
        "libm.so.6": {"GLIBC_2.29"},
        "libstdc++.so.6": {"GLIBCXX_3.4.21", "GLIBCXX_3.4.30", "CXXABI_1.3"},
        "libglib-2.0.so.0": set(),
        "libgthread-2.0.so.0": set(),
    }
    found = depends(needs)
    assert found == ["libc6 (>= 2.35)", "libglib2.0-0t64 | libglib2.0-0", "libstdc++6 (>= 12)", "xkb-data"]


def test_a_library_that_nobody_knows_stops_the_build() -> None:
    with pytest.raises(SetupError, match=r"libmystery\.so\.1"):
        depends({"libmystery.so.1": set()})
