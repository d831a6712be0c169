"""The names of quantizations are llama.cpp's own."""

from llama_cpp import llama_cpp

from app.engine.guards.file_types import QUANTIZATIONS


def test_every_number_has_the_name_that_the_library_gives_it() -> None:
    names = {"LLAMA_FTYPE_ALL_": 1, "LLAMA_FTYPE_MOSTLY_": 1}
    theirs = {
        value: name.removeprefix(prefix)
        for prefix in names
        for name, value in vars(llama_cpp).items()
        if name.startswith(prefix)
    }
    assert theirs == QUANTIZATIONS
