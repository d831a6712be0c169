"""What is taken out of a text for others, and what stays."""

from pathlib import PurePosixPath, PureWindowsPath

import pytest

from app.core.masking import without_names, without_secrets


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("token hf_abcDEF123 was refused", "token hf_… was refused"),
        ("authorization: Bearer eyJ0.abc-def", "authorization: Bearer …"),
        ("proxy http://me:pass%40word@proxy:3128/", "proxy http://…@proxy:3128/"),
        ("GET https://cdn.example/x.gguf?Signature=abc&Expires=1 failed", "GET https://cdn.example/x.gguf?… failed"),
        ("is it there? yes=no", "is it there? yes=no"),
        ("loaded SmolLM2: 135M, 2 threads", "loaded SmolLM2: 135M, 2 threads"),
    ],
)
def test_secrets_are_masked_and_the_rest_stays(text: str, masked: str) -> None:
    assert without_secrets(text) == masked


def test_the_home_folder_and_the_user_are_taken_out_of_paths() -> None:
    home = PurePosixPath("/home/jane.doe")
    text = "/home/jane.doe/models/x.gguf, /media/jane.doe/STICK, /home/jane.doerr/y, /mnt/jane.doe/z, jane.doe model"
    assert without_names(text, home, home.name) == (
        "~/models/x.gguf, /media/…/STICK, /home/…/y, /mnt/…/z, jane.doe model"
    )


def test_windows_paths_too_also_as_a_repr_writes_them() -> None:
    home = PureWindowsPath(r"C:\Users\Jane Doe")
    text = r"C:\Users\Jane Doe\x.gguf 'C:\\Users\\Jane Doe\\y' D:\Users\Other\z C:/Users/Jane Doe/w"
    assert without_names(text, home, home.name) == r"~\x.gguf '~\\y' D:\Users\…\z ~/w"


def test_a_home_that_is_the_root_is_no_name() -> None:
    assert without_names("/usr/lib/x", PurePosixPath("/"), "") == "/usr/lib/x"
