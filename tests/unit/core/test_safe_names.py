"""Names of the hub's files on this computer: none leaves its folder, none is refused by another system."""

from pathlib import Path

import pytest

from app.core.errors import InvalidParameterError
from app.core.safe_names import MOST_NAME_BYTES, part_files, safe_target

ODD = [
    "",
    ".",
    "..",
    "../x.gguf",
    "a/../../x.gguf",
    "/etc/passwd",
    "a//b.gguf",
    "a\\b.gguf",
    "C:x.gguf",
    "x.gguf:stream",
    "CON",
    "con.gguf",
    "a/LPT1.gguf",
    "COM¹.gguf",
    "nul",
    "x.gguf.",
    "x.gguf ",
    " x.gguf",
    "a./x.gguf",
    "what?.gguf",
    "a*b.gguf",
    'a"b.gguf',
    "a<b.gguf",
    "a|b.gguf",
    "a\nb.gguf",
    "a\0b.gguf",
    "a\u202eb.gguf",
    "x.gguf.part",
    "x.gguf.Part.json",
    "x.gguf.damaged",
    "x" * (MOST_NAME_BYTES + 1),
    "ä" * MOST_NAME_BYTES,
    "/".join("abcdefghi"),
]


@pytest.mark.parametrize("path", ["x.gguf", "a/b/x.gguf", "Größe 🪵.gguf", "console.gguf", "a.part.gguf", "..x.gguf"])
def test_a_good_name_is_kept(tmp_path: Path, path: str) -> None:
    assert safe_target(tmp_path, path) == tmp_path / path


@pytest.mark.parametrize("path", ODD)
def test_a_name_that_cannot_be_is_refused_with_a_reason(tmp_path: Path, path: str) -> None:
    with pytest.raises(InvalidParameterError, match=r"cannot be saved under that name: .+\.$"):
        safe_target(tmp_path, path)


@pytest.mark.parametrize(
    ("there", "path"),
    [("Model.gguf", "model.gguf"), ("Sub/x.gguf", "sub/x.gguf"), ("stra\u00dfe", "STRASSE"), ("a\u0308", "\u00e4")],
)
def test_names_that_some_systems_take_for_one_clash(tmp_path: Path, there: str, path: str) -> None:
    (tmp_path / there).parent.mkdir(exist_ok=True)
    (tmp_path / there).touch()
    with pytest.raises(InvalidParameterError, match="is there already"):
        safe_target(tmp_path, path)
    assert safe_target(tmp_path, there) == tmp_path / there


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / "out").symlink_to(tmp_path)
    with pytest.raises(InvalidParameterError, match="a link there leads out of it"):
        safe_target(folder, "out/x.gguf")


def test_a_folder_that_is_not_there_yet_clashes_with_nothing(tmp_path: Path) -> None:
    assert safe_target(tmp_path / "new", "a/x.gguf") == tmp_path / "new/a/x.gguf"


def test_what_lies_beside_a_target_is_no_model(tmp_path: Path) -> None:
    found = part_files(tmp_path / "x.gguf")
    assert found[0] == tmp_path / "x.gguf.part"
    assert {path.parent for path in found} == {tmp_path}
    assert not [path for path in found if path.suffix == ".gguf"]
