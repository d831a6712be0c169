"""Nothing in the application makes code or objects of what a file says, and no library is opened by a bare name."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

APP = Path(__file__).resolve().parents[2] / "app"
MODULES = {
    *("pickle", "cPickle", "dill", "cloudpickle", "joblib", "marshal", "shelve", "torch", "yaml", "code", "codeop"),
    *("runpy", "imp", "pty"),
}
CALLS = {"eval", "exec", "compile", "__import__"}
METHODS = {
    ("np", "load"),
    ("numpy", "load"),
    ("os", "system"),
    ("os", "popen"),
    ("jinja2", "Environment"),
    ("jinja2", "Template"),
}
# By name the system's own are meant: Windows looks for them beside the program and among its own files only.
LIBRARIES = {"CDLL", "WinDLL", "OleDLL", "PyDLL", "LoadLibrary"}
SYSTEM_LIBRARIES = {"msvcrt", "dxgi"}


def breaches(source: str) -> Iterator[str]:
    """What is in a module and must not be, as "line: name"."""
    for node in ast.walk(ast.parse(source)):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Import):
            yield from (f"{line}: {one.name}" for one in node.names if one.name.partition(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in MODULES:
            yield f"{line}: {node.module}"
        elif isinstance(node, ast.Call):
            yield from (f"{line}: {name}" for name in called(node))


def called(node: ast.Call) -> Iterator[str]:
    """The name of a call that must not be."""
    function = node.func
    if isinstance(function, ast.Name) and function.id in CALLS:
        yield function.id
    if isinstance(function, ast.Attribute):
        owner = function.value.id if isinstance(function.value, ast.Name) else ""
        if (owner, function.attr) in METHODS:
            yield f"{owner}.{function.attr}"
        if function.attr in LIBRARIES and any(is_bare(argument) for argument in node.args):
            yield function.attr
    if any(k.arg == "shell" and isinstance(k.value, ast.Constant) and k.value.value for k in node.keywords):
        yield "shell=True"


def is_bare(argument: ast.expr) -> bool:
    """Whether an argument has a library's name without a folder, which is looked for in many places."""
    names = [n.value for n in ast.walk(argument) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    if isinstance(argument, ast.IfExp):  # the condition names a platform
        chosen = (argument.body, argument.orelse)
        names = [n.value for n in chosen if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return any("/" not in name and name not in SYSTEM_LIBRARIES for name in names if name != "objc")


def test_no_module_runs_what_it_reads() -> None:
    sources = {path.relative_to(APP).as_posix(): path.read_text(encoding="utf-8") for path in APP.rglob("*.py")}
    assert len(sources) > 100, "this is the application"
    found = {name: faults for name, source in sources.items() if (faults := list(breaches(source)))}
    assert found == {}
    templating = {name for name, source in sources.items() if "import jinja2" in source or "from jinja2" in source}
    assert templating, "templates are run somewhere"
    assert all(name.startswith("engine/templates/") for name in templating), "only there they are in the sandbox"


@pytest.mark.parametrize(
    "line",
    [
        "import pickle",
        "import torch.nn",
        "from yaml import load",
        "from marshal import loads",
        "eval(text)",
        "exec(text)",
        "__import__(name)",
        "np.load(path)",
        "os.system(text)",
        "subprocess.run(text, shell=True)",
        "jinja2.Environment()",
        "ctypes.CDLL('libggml.so')",
    ],
)
def test_a_breach_is_seen(line: str) -> None:
    assert list(breaches(line)) != []


@pytest.mark.parametrize("line", ["re.compile(text)", "menu.exec()", "ctypes.CDLL(str(folder / name))", "json.load(f)"])
def test_what_only_looks_like_one_is_none(line: str) -> None:
    assert list(breaches(line)) == []
