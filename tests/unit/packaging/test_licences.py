"""Shows that everything that is shipped has its licence's text, and that the build stops where one is missing."""

from pathlib import Path

import pytest

from dev_steps import licences
from dev_steps.failure import SetupError
from dev_steps.licences import Part, collect, is_licence, missing, parts

ROOT = Path(__file__).resolve().parents[3]


def test_everything_that_is_shipped_has_a_text(tmp_path: Path) -> None:
    found = parts(ROOT)
    assert missing(found) == []
    names = {part.name.lower() for part in found}
    assert {"inglenook", "python", "pyside6_essentials", "llama_cpp_python", "sqlcipher3", "inter"} <= names
    assert "pytest" not in names
    collect(found, tmp_path / "licences")
    overview = (tmp_path / "licences" / "README.txt").read_text(encoding="utf-8")
    assert "PySide6_Essentials" in overview
    qt = tmp_path / "licences" / "PySide6_Essentials"
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in (qt / "LGPL-3.0.txt").read_text(encoding="utf-8")
    assert "You may replace them" in (qt / "Qt-notice.txt").read_text(encoding="utf-8")


def test_a_missing_text_stops_the_build(tmp_path: Path) -> None:
    text = tmp_path / "LICENSE"
    text.write_text("MIT", encoding="utf-8")
    found = [Part("good", "1", (text,)), Part("bad", "2", ())]
    with pytest.raises(SetupError, match=r"must not be shipped: bad 2\."):
        collect(found, tmp_path / "target")
    assert not (tmp_path / "target").exists()


def test_a_text_of_ours_that_is_gone_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(licences.ADDED, "click", ("no-such-text.txt",))
    assert [name.split()[0] for name in missing(parts(ROOT))] == ["click"]


def test_texts_of_one_name_are_all_kept(tmp_path: Path) -> None:
    texts = []
    for number in range(3):
        path = tmp_path / str(number) / "LICENSE"
        path.parent.mkdir()
        path.write_text(str(number), encoding="utf-8")
        texts.append(path)
    collect([Part("x", "", tuple(texts))], tmp_path / "target")
    kept = sorted((tmp_path / "target" / "x").iterdir())
    assert [path.read_text(encoding="utf-8") for path in kept] == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("x-1.dist-info/LICENSE", True),
        ("x-1.dist-info/licenses/src/deep/whatever.txt", True),
        ("x-1.dist-info\\COPYING.txt", True),
        ("x-1.dist-info/METADATA", False),
        ("license_expression-1.dist-info/RECORD", False),
        ("x/license.py", False),
        ("x/LICENSE", False),
    ],
)
def test_what_is_a_text(file: str, expected: bool) -> None:
    assert is_licence(file) is expected
