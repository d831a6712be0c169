"""A file with code gets a name that says what is in it, and that every system takes."""

import pytest

from app.ui.transcript.blocks.code_files import code_file_name


@pytest.mark.parametrize(
    ("language", "text", "name"),
    [
        ("python", "import time\n\ndef retry(call):\n    pass\n\nclass Other: ...", "retry.py"),
        ("py", "@dataclass\nclass Point:\n    x: int", "Point.py"),
        ("python", "async def fetch(): ...", "fetch.py"),
        ("python", "# tools/backoff.py\ndef retry(): ...", "backoff.py"),
        ("python", "x = 1", "code.py"),
        ("js", "const a = 1;\nexport async function load(x) {}", "load.js"),
        ("javascript", "const add = (a, b) => a + b;", "add.js"),
        ("ts", "export interface User { name: string }", "User.ts"),
        ("java", "public final class Main { }", "Main.java"),
        ("c", "#include <stdio.h>\nint main(void) {\n}", "main.c"),
        ("c++", "std::vector<int> sorted(std::vector<int> x) {\n}", "sorted.cpp"),
        ("go", "package main\n\nfunc (s *Server) Run() {}", "Run.go"),
        ("rust", "fn parse(x: &str) {}", "parse.rs"),
        ("sh", "set -e\nbackup() {\n}", "backup.sh"),
        ("sql", "CREATE TABLE IF NOT EXISTS users (id int);", "users.sql"),
        ("html", "<html><head><title>My page: 1/2</title></head></html>", "My-page-1-2.html"),
        ("html", "<!-- index.html -->\n<p>", "index.html"),
        ("markdown", "text\n\n# A Title\n", "A-Title.md"),
        ("yaml", "name: Build & test\non: push", "Build-test.yaml"),
        ("json", '{"a": 1}', "code.json"),
        ("dockerfile", "FROM python:3.11", "Dockerfile"),
        ("makefile", "all:\n\tcc x.c", "Makefile"),
        ("", "just text", "code.txt"),
        ("nosuchlanguage", "x", "code.txt"),
    ],
)
def test_names(language: str, text: str, name: str) -> None:
    assert code_file_name(language, text) == name


@pytest.mark.parametrize(
    "text",
    [
        "def con(): ...",
        "# ../../.bashrc.txt",
        "# /etc/cron.d/x.y",
        "<title>../../..\\..\\ </title>",
        "def " + "x" * 999,
    ],
)
@pytest.mark.parametrize("language", ["python", "html", "sh"])
def test_no_name_leaves_its_folder_or_is_reserved(language: str, text: str) -> None:
    name = code_file_name(language, text)
    assert not set(name) & set('/\\:*?"<>|\0 ')
    assert not name.startswith(".")
    assert name.partition(".")[0] not in {"", "con"}
    assert len(name) < 80


@pytest.mark.parametrize(
    "text", [" " * 500_000, "a" * 500_000, "a " * 250_000, "(" * 500_000, "//" * 250_000, "a/" * 250_000]
)
def test_long_input_gets_a_name_too(text: str) -> None:
    assert code_file_name("c", text).endswith(".c")
