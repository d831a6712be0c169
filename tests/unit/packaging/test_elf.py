"""Shows that a library's needs are read as the loader reads them."""

import _ctypes
import sys
from pathlib import Path

import pytest

from dev_steps import elf

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the format of Linux")
LIBRARY = Path(_ctypes.__file__)


def test_what_a_library_is_linked_to() -> None:
    needs = elf.needs(LIBRARY)
    assert any(name.startswith("libffi.so") for name in needs.libraries)
    assert "libc.so.6" in needs.libraries
    assert any(library == "libc.so.6" and version.startswith("GLIBC_2.") for library, version in needs.versions)


def test_another_file_is_no_library(tmp_path: Path) -> None:
    text = tmp_path / "libtext.so"
    text.write_text("INPUT(libother.so)", encoding="utf-8")
    assert not elf.is_elf(text)
    with pytest.raises(ValueError, match="libtext"):
        elf.needs(text)
