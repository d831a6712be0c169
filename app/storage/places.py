"""How a file is written down, so that a portable folder finds its own files again wherever it is carried."""

import os
from dataclasses import dataclass
from pathlib import Path

_HERE = "./"  # no absolute path of any system begins so, and no Path that the user gives keeps it


@dataclass(frozen=True, slots=True)
class Places:
    """Paths beneath `root` are written down relative to it where `relates`; any that was written so is understood.

    `root` is the folder above the profile. All other paths are written down whole, as they are everywhere else.
    """

    root: Path
    relates: bool = False

    @classmethod
    def of_file(cls, file: Path) -> "Places":
        """Those of a file that lies directly in a profile: what was written relative is understood, nothing related."""
        return cls(file.absolute().parent.parent)

    def key(self, path: Path) -> bytes:
        """The absolute path as bytes for a column, because a path need not be valid Unicode."""
        return os.fsencode(self.text(str(path.absolute())))

    def path(self, stored: bytes) -> Path:
        """The path in a column."""
        return Path(self.resolved(os.fsdecode(stored)))

    def text(self, path: str) -> str:
        """A path for a text file; an empty or relative one stays as it is."""
        if not self.relates or not Path(path).is_absolute() or not Path(path).is_relative_to(self.root):
            return path
        return _HERE + Path(path).relative_to(self.root).as_posix()

    def resolved(self, stored: str) -> str:
        """The path that text() wrote down."""
        return str(self.root / stored.removeprefix(_HERE)) if stored.startswith(_HERE) else stored
