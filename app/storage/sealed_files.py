"""Encrypts whole files of a locked profile with AES-GCM, block by block, each file under a key of its own."""

import os
import struct
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from app.core.lock import KEY_BYTES, ProfileKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_MAGIC = b"inglenook sealed 1\n"
_SALT_BYTES = 32
_TAG_BYTES = 16
_BLOCK_BYTES = 4 << 20
_NONCE = struct.Struct(">Q3xB")  # the block's number, and 1 for the last: what was cut between two blocks is refused


class FileSealer:
    """Keeps the promise of app.core.sealing.Sealer with the key of a profile.

    A file is the magic, a random salt and the encrypted blocks. The file's key is derived by HKDF from the profile's
    key, the salt and the name: no two files share one, and none can be read in another's place.
    """

    def __init__(self, key: ProfileKey) -> None:
        self._key = key.files

    def write(self, path: Path, name: str, data: memoryview) -> None:
        """See Sealer.write."""
        salt = os.urandom(_SALT_BYTES)
        cipher = self._cipher(salt, name)
        with FileIO(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            _write_all(file, memoryview(_MAGIC + salt))
            for number, start in enumerate(range(0, max(len(data), 1), _BLOCK_BYTES)):
                block = data[start : start + _BLOCK_BYTES]
                is_last = start + _BLOCK_BYTES >= len(data)
                _write_all(file, memoryview(cipher.encrypt(_NONCE.pack(number, is_last), block, None)))

    def read(self, path: Path, name: str) -> bytearray:
        """See Sealer.read."""
        from cryptography.exceptions import InvalidTag

        with path.open("rb", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size - len(_MAGIC) - _SALT_BYTES
            if size < _TAG_BYTES or file.read(len(_MAGIC)) != _MAGIC:
                raise ValueError("not an encrypted file")
            cipher = self._cipher(_read_all(file, _SALT_BYTES), name)
            count = -(-size // (_BLOCK_BYTES + _TAG_BYTES))
            data = bytearray(size - count * _TAG_BYTES)
            view = memoryview(data)
            for number in range(count):
                block = _read_all(file, min(_BLOCK_BYTES + _TAG_BYTES, size - number * (_BLOCK_BYTES + _TAG_BYTES)))
                start = number * _BLOCK_BYTES
                into = view[start : start + len(block) - _TAG_BYTES]
                try:
                    cipher.decrypt_into(_NONCE.pack(number, number == count - 1), block, None, into)
                except InvalidTag as error:
                    raise ValueError(f"block {number} was changed, or has another key") from error
        return data

    def _cipher(self, salt: bytes, name: str) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        information = b"inglenook file " + os.fsencode(name)
        return AESGCM(HKDF(SHA256(), KEY_BYTES, salt, information).derive(self._key))


def _write_all(file: FileIO, data: memoryview) -> None:
    while data:
        data = data[file.write(data) :]


def _read_all(file: FileIO, size: int) -> bytes:
    found = file.read(size)
    while len(found) < size:
        more = file.read(size - len(found))
        if not more:
            raise ValueError("the file is cut short")
        found += more
    return found
