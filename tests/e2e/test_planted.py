"""What somebody put into the current directory is not run: packages of Python, and llama.cpp's libraries."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.driven import bare_environment
from tests.e2e.process import REPOSITORY, SECONDS
from tests.included import INCLUDED_MODEL

_SPOILT = "import os\nopen(os.environ['PLANTED_MARK'], 'a').write(__name__ + '\\n')\nraise SystemExit('planted')\n"
_PACKAGES = ("llama_cpp", "PySide6", "huggingface_hub", "click", "jinja2", "platformdirs", "psutil", "numpy")
_MODULES = ("sitecustomize", "usercustomize", "logging", "pathlib", "sqlite3", "json")
_CONSOLE = "import sys; from app.__main__ import main; sys.argv[0] = 'inglenook'; main()"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its libraries have other names")


class Trap:
    """A folder full of impostors, and what is run in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "downloads"
        self.folder.mkdir()
        self.mark = folder / "mark"
        (folder / "home").mkdir()
        (folder / "tmp").mkdir()
        self.environment = {
            **bare_environment(folder / "home", folder / "tmp"),
            "PLANTED_MARK": str(self.mark),
            "PYTHONPATH": str(REPOSITORY),
        }

    def plant_packages(self, *names: str) -> None:
        for name in names:
            (self.folder / name).mkdir()
            (self.folder / name / "__init__.py").write_text(_SPOILT, encoding="utf-8")

    def plant_modules(self, *names: str) -> None:
        for name in names:
            (self.folder / f"{name}.py").write_text(_SPOILT, encoding="utf-8")

    def plant_libraries(self) -> None:
        """Files that are no libraries: whoever opens one fails."""
        import llama_cpp

        ours = [path.name for path in (Path(llama_cpp.__file__).parent / "lib").iterdir()]
        for name in (*ours, "libggml-evil.so", "libggml-cpu-evil.so", "libggml-vulkan.so", "libggml.dylib"):
            (self.folder / name).write_bytes(b"planted")

    def run(self, command: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.environment | environment,
            timeout=SECONDS,
            check=False,
        )


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    return Trap(tmp_path)


@pytest.mark.real_model
def test_the_command_runs_nothing_of_the_current_directory(trap: Trap) -> None:
    trap.plant_packages("app", *_PACKAGES)
    trap.plant_modules(*_MODULES)
    trap.plant_libraries()
    (trap.folder / INCLUDED_MODEL.name).symlink_to(INCLUDED_MODEL)  # what one is there for
    script = trap.folder.parent / "bin" / "inglenook"  # as pip writes it
    script.parent.mkdir()
    script.write_text(_CONSOLE, encoding="utf-8")
    question = ["--temp-profile", "ask", "Hello", "--max-tokens", "2", "--model", INCLUDED_MODEL.name]
    done = trap.run([sys.executable, str(script), *question], LD_LIBRARY_PATH=":/nowhere")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip()
    assert not trap.mark.exists(), trap.mark.read_text(encoding="utf-8")


def test_python_m_takes_no_library_of_the_current_directory_for_ours(trap: Trap) -> None:
    trap.plant_packages(*_PACKAGES)
    trap.plant_libraries()
    done = trap.run([sys.executable, "-m", "app", "devices"])  # by a child process, which has the engine
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ggml" in done.stdout, "the engine's version is told"
    assert not trap.mark.exists(), trap.mark.read_text(encoding="utf-8")


def test_the_trap_works(trap: Trap) -> None:
    trap.plant_packages("llama_cpp")
    trap.plant_libraries()
    done = trap.run([sys.executable, "-c", "import llama_cpp"])
    assert trap.mark.read_text(encoding="utf-8") == "llama_cpp\n"
    assert done.returncode != 0
    shutil.rmtree(trap.folder / "llama_cpp")
    done = trap.run([sys.executable, "-P", "-c", "import llama_cpp"], LD_LIBRARY_PATH=":/nowhere")
    assert done.returncode != 0, "an empty part of the linker's path is the current directory"


def test_no_library_of_the_engine_lies_outside_its_folder(trap: Trap) -> None:
    import llama_cpp

    folder = Path(llama_cpp.__file__).parent / "lib"
    for file in folder.iterdir():
        shutil.copy(file, trap.folder / file.name)  # sound ones: to open them would not be noticed otherwise
        shutil.copy(file, trap.folder / file.name.replace("libggml-cpu", "libggml-cpu-evil"))
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from app.engine.bindings import make_ready; make_ready(); "
        "print(open('/proc/self/maps').read())"
    )
    if not Path("/proc/self/maps").exists():
        pytest.skip("this system does not tell which libraries a process has")
    done = trap.run([sys.executable, "-P", "-c", program, str(REPOSITORY)])
    loaded = {line.split()[-1] for line in done.stdout.splitlines() if "libggml" in line or "libllama" in line}
    assert loaded, done.stderr
    assert all(Path(path).parent == folder.resolve() for path in loaded), loaded
