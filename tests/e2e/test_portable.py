"""portable.txt: everything stays beside the program and moves with it, and a read-only medium is no obstacle."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.driven import bare_environment, everything_in, run, write_launcher
from tests.gguf_files import small_model
from tests.hub_server.contents import Generated
from tests.hub_server.faults import Fault, Part
from tests.hub_server.repositories import ServedRepository
from tests.hub_server.server import HubServer
from tests.included import INCLUDED_MODEL

_SESSION = """
def steps(window):
    from PySide6.QtWidgets import QApplication, QFileDialog

    yield lambda: window.loader.current is not None
    window.page.send("Hello")
    yield lambda: not window.tasks.is_busy and len(window.page.transcript.rows) > 1
    window.model_dialogs.show_open()
    yield lambda: isinstance(QApplication.activeModalWidget(), QFileDialog)
    QApplication.activeModalWidget().setDirectory("/usr")
    QApplication.activeModalWidget().reject()
    window.dialogs.show_settings()
    yield lambda: QApplication.activeModalWidget() is not None
    QApplication.activeModalWidget().reject()
    print("asked", flush=True)
"""

# The engine is pretended, the hub is not.
_FETCHING = """
from dataclasses import replace

import app.bootstrap.model_parts

made = app.bootstrap.model_parts.make_hub
app.bootstrap.model_parts.make_hub = lambda options, *rest: made(replace(options, fake_engine=False), *rest)
"""
_BEGIN = (
    _FETCHING
    + """
def steps(window):
    from app.core.plan import ModelFile
    from app.ui.downloads.acts import AddRequest

    runner = window.downloads.runner
    yield lambda: runner.is_read
    runner.add(AddRequest("somebody/Small-GGUF", ModelFile("Small-Q4_K_M.gguf", "Q4_K_M", 6_000_000)))
    yield lambda: any(one.download.done_bytes > 500_000 for one in runner.fetched)
    window.downloads.let_close()
"""
)
_GO_ON = (
    _FETCHING
    + """
def steps(window):
    runner = window.downloads.runner
    yield lambda: runner.is_read and not runner.unfinished
    print(*(file.target for one in runner.downloads for file in one.files), flush=True)
"""
)


class Host:
    """A computer: its user's home and its folder of temporary files, empty both."""

    def __init__(self, root: Path) -> None:
        self.home = root / "home"
        self.temporary = root / "host tmp"
        self.home.mkdir()
        self.temporary.mkdir()
        self.environment = bare_environment(self.home, self.temporary)

    def left_behind(self) -> set[str]:
        return everything_in(self.home) | everything_in(self.temporary)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    folder = tmp_path / "a stick"
    write_launcher(folder)
    (folder / "portable.txt").touch()
    return folder


@pytest.mark.real_model
def test_a_question_leaves_nothing_on_the_host(host: Host, stick: Path) -> None:
    asked = run(stick / "inglenook", "ask", "Hello", "--max-tokens", "4", environment=host.environment)
    assert asked.returncode == 0, asked.stderr
    assert host.left_behind() == set()
    assert (stick / "data" / "machine.db").is_file(), "what was learnt of the model is on the stick"
    assert everything_in(stick / "data" / "tmp") == set()


def test_a_session_with_chats_and_file_dialogs_leaves_nothing_on_the_host(host: Host, stick: Path) -> None:
    launcher = write_launcher(stick, _SESSION)
    done = run(launcher, "--fake-engine", environment=host.environment)
    assert done.stdout == "asked\n", done.stderr
    assert host.left_behind() == set()
    data = everything_in(stick / "data")
    assert {"conversations.db", "machine.db", "logs/inglenook.log", "qt/QtProject.conf"} <= data


def test_the_same_session_without_the_mark_is_kept_in_the_home(host: Host, tmp_path: Path) -> None:
    launcher = write_launcher(tmp_path / "installed", _SESSION)
    done = run(launcher, "--fake-engine", environment=host.environment)
    assert done.stdout == "asked\n", done.stderr
    assert everything_in(tmp_path / "installed") == {"inglenook"}
    left = {name for name in host.left_behind() if not name.startswith(".local")}
    assert ".local/share/Inglenook/conversations.db" in host.left_behind()
    assert not {name for name in left if "QtProject" in name}, "Qt's notes are in the profile here too"


@pytest.mark.real_model
def test_a_model_on_the_stick_is_found_wherever_it_is_carried(host: Host, stick: Path, tmp_path: Path) -> None:
    models = stick / "my models"
    models.mkdir()
    shutil.copyfile(INCLUDED_MODEL, models / "mine.gguf")
    added = run(stick / "inglenook", "models", "import", models / "mine.gguf", environment=host.environment)
    assert added.returncode == 0, added.stderr
    assert listed(stick, host) == [str(models / "mine.gguf")]
    (stick / "data" / "settings.json").write_text(json.dumps({"model_path": "./my models/mine.gguf"}), encoding="utf-8")
    elsewhere = tmp_path / "other drive"
    stick.rename(elsewhere)
    assert listed(elsewhere, host) == [str(elsewhere / "my models" / "mine.gguf")]
    table = run(elsewhere / "inglenook", "models", "list", environment=host.environment).stdout
    assert any(line.startswith("*") and "mine.gguf" in line for line in table.splitlines()), table
    assert host.left_behind() == set()


def test_a_download_goes_on_by_itself_where_the_folder_was_carried(
    host: Host, stick: Path, tmp_path: Path, hub_server: HubServer
) -> None:
    model = Generated(6_000_000, first=small_model().to_bytes())
    hub_server.add(ServedRepository("somebody/Small-GGUF", {"Small-Q4_K_M.gguf": model}))
    hub_server.fail(Part.STORAGE, Fault(bytes_per_second=2_000_000, method="GET"))
    environment = {**host.environment, "HF_ENDPOINT": hub_server.endpoint}
    begun = run(write_launcher(stick, _BEGIN), "--fake-engine", environment=environment)
    assert begun.returncode == 0, begun.stderr
    (part,) = stick.rglob("*.part")
    had = part.stat().st_size
    assert had > 500_000
    hub_server.heal()
    elsewhere = tmp_path / "other drive"
    stick.rename(elsewhere)
    done = run(write_launcher(elsewhere, _GO_ON), "--fake-engine", environment=environment)
    file = elsewhere / part.relative_to(stick).with_name("Small-Q4_K_M.gguf")
    assert done.stdout == f"{file}\n", done.stderr
    assert (hub_server.sent[-1].start, hub_server.sent[-1].count) == (had, model.size - had), "no byte comes twice"
    assert hashlib.sha256(file.read_bytes()).hexdigest() == model.sha256
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert not stick.exists()
    assert host.left_behind() == set()


def listed(stick: Path, host: Host) -> list[str]:
    """The models of the user's own that are listed as there."""
    done = run(stick / "inglenook", "models", "list", "--json", environment=host.environment)
    models = json.loads(done.stdout)
    return [one["path"] for one in models if one["origin"] != "included" and not one["is_missing"]]


@pytest.fixture
def locked(stick: Path) -> Path:
    """A stick whose folder cannot be written, not even by root."""
    run(write_launcher(stick, _SESSION), "--fake-engine", environment=bare_environment(stick, stick))
    for name in (".cache", ".local"):
        shutil.rmtree(stick / name, ignore_errors=True)
    return stick


def read_only(folder: Path, command: list[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a command in a mount namespace of its own, in which the folder is mounted read-only."""
    script = 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && cd "$1" && shift && exec "$@"'
    unshare = ["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh", str(folder), *command]
    if shutil.which("unshare") is None or subprocess.run([*unshare[:3], "true"], check=False).returncode:
        pytest.skip("no mount namespace can be made here")
    return subprocess.run(unshare, capture_output=True, text=True, env=environment, timeout=120, check=False)


def test_a_medium_that_cannot_be_written_gets_a_temporary_session(host: Host, locked: Path) -> None:
    before = everything_in(locked)
    done = read_only(locked, ["./inglenook", "--fake-engine"], host.environment)
    assert done.stdout == "asked\n", done.stderr
    assert f"{locked} cannot be written to, so this session is a temporary one" in done.stderr
    assert host.left_behind() == set()
    assert everything_in(locked) == before


def test_what_is_run_from_it_is_started_with_the_hosts_own_folders(host: Host, stick: Path) -> None:
    from app.portable import as_on_host, kept_together

    environment = {**host.environment, "XDG_CACHE_HOME": "/the/host's"}
    with kept_together(environment):
        assert environment == {**host.environment, "XDG_CACHE_HOME": "/the/host's"}, "a checkout is never portable"
    with as_on_host(environment):
        assert environment["XDG_CACHE_HOME"] == "/the/host's"
    assert os.environ.get("INGLENOOK_STAND_IN") is None
