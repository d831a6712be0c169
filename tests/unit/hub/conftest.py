"""What the tests of downloads share with those of the other room that writes files: small disks, read-only folders."""

from tests.unit.storage.conftest import make_read_only, small_disk

__all__ = ["make_read_only", "small_disk"]
