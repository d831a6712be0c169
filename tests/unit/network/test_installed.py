"""How the gate is put up: first of all, with nothing heavy, and with the libraries' own ways out shut."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]
HEAVY = {"socket", "ssl", "logging", "subprocess", "json", "sqlite3", "ctypes", "asyncio", "click", "PySide6", "httpx2"}
LIGHT = """
import sys
from app.network.installed import install, the_gate
before = set(sys.modules)
gate = install()
assert gate is install() is the_gate()
import json
print(json.dumps(sorted(before)))
"""
QUIET = """
from app.network.installed import install
install()
import json
from huggingface_hub import constants
print(json.dumps({
    "telemetry": constants.HF_HUB_DISABLE_TELEMETRY,
    "implicit token": constants.HF_HUB_DISABLE_IMPLICIT_TOKEN,
    "update check": constants.HF_HUB_DISABLE_UPDATE_CHECK,
    "xet": constants.HF_HUB_DISABLE_XET,
}))
"""


def ran(program: str) -> Any:
    done = subprocess.run([sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_gate_stands_before_anything_that_could_use_the_network_is_imported() -> None:
    assert HEAVY.isdisjoint(ran(LIGHT))


def test_telemetry_implicit_sign_in_update_checks_and_native_transport_are_off() -> None:
    assert set(ran(QUIET).values()) == {True}
