"""Shows that the release workflow has no logic and no rights of its own, and that actionlint has nothing to say."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from dev_steps import appimage, bundle, release

ROOT = Path(__file__).resolve().parents[3]
WORKFLOW = ROOT / "packaging" / "github" / "release.yml"
PINNED = re.compile(r"[\w./-]+@[0-9a-f]{40} # v\d+(\.\d+)+")
NOT_DEV = ("gh release create ",)


@pytest.fixture(scope="module")
def jobs() -> dict[str, Any]:
    """The workflow's jobs."""
    document = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))
    assert document["permissions"] == {}, "a job has the rights that it names, and no others"
    found: dict[str, Any] = document["jobs"]
    return found


def test_actions_are_pinned_by_commit() -> None:
    used = re.findall(r"uses: (.+)", WORKFLOW.read_text(encoding="utf-8"))
    assert [line for line in used if not PINNED.fullmatch(line)] == []
    assert len(used) > 8


def test_steps_only_call_dev_py(jobs: dict[str, Any]) -> None:
    lines = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert len(lines) > 6
    for line in lines:
        assert "\n" not in line, "a script in the workflow cannot be tried out here"
        assert "packaging/dev.py" in line or line.startswith(NOT_DEV)


def test_the_steps_of_a_release_that_are_called_exist(jobs: dict[str, Any]) -> None:
    text = " ".join(step.get("run", "") for job in jobs.values() for step in job["steps"])
    called = set(re.findall(r"dev\.py release (\w+)", text))
    assert called == set(release.STEPS)


def test_what_is_made_is_handed_on(jobs: dict[str, Any]) -> None:
    steps = jobs["packages"]["steps"]
    attested = next(step for step in steps if "attest" in step.get("uses", ""))["with"]["subject-path"].split()
    kept = next(step for step in steps if "upload-artifact" in step.get("uses", ""))["with"]["path"].split()
    assert set(attested) == {f"dist/*.{kind}" for kind in ("deb", "run", "AppImage", "exe", "dmg")}
    assert set(kept) == {*attested, "dist/*.cdx.json"}


def test_linux_makes_everything_twice_with_the_same_options(jobs: dict[str, Any]) -> None:
    runs = {step["run"]: step.get("if", "") for step in jobs["packages"]["steps"] if "run" in step}
    assert runs["python packaging/dev.py reproduce ${{ matrix.packages }}"] == "matrix.system == 'linux'"
    assert "python packaging/dev.py packages ${{ matrix.packages }}" in runs
    (linux,) = [one for one in jobs["packages"]["strategy"]["matrix"]["include"] if one["system"] == "linux"]
    assert linux["packages"].split() == [bundle.CUDA, appimage.OPTION]


def test_only_the_draft_may_write(jobs: dict[str, Any]) -> None:
    writing = {name for name, job in jobs.items() if job["permissions"].get("contents") == "write"}
    assert writing == {"draft"}
    for job in jobs.values():
        checkout = next(step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout"))
        assert checkout["with"]["persist-credentials"] is False
        assert job["timeout-minutes"] <= 300


def test_nothing_is_published_by_itself(jobs: dict[str, Any]) -> None:
    create = next(step["run"] for step in jobs["draft"]["steps"] if "gh release" in step.get("run", ""))
    assert "--draft" in create
    assert jobs["draft"]["needs"] == "packages"
    assert jobs["packages"]["needs"] == "test"


@pytest.mark.skipif(shutil.which("actionlint") is None, reason="actionlint is not installed")
def test_actionlint_has_nothing_to_say() -> None:
    done = subprocess.run(["actionlint", str(WORKFLOW)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
