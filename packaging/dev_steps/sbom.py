"""Lists what is shipped as a CycloneDX bill of materials: the packages, and what is no package."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dev_steps import cuda_runtime, model_file, system_libraries
from dev_steps.bundle_content import normal
from dev_steps.environment import tool_environment
from dev_steps.failure import SetupError
from dev_steps.places import Places

Component = dict[str, Any]
ROOT = "root-component"
FONTS = {"Inter": "Inter-*.otf", "JetBrains Mono": "JetBrainsMono-*.ttf"}


def bom_name(version: str, system: str) -> str:
    """The bill's file name for one system: linux, macos or windows."""
    return f"Inglenook-{version}-{system}.cdx.json"


def write_bom(places: Places, version: str, target: Path) -> Path:
    """Write the bill of what the bundle of this environment holds; SOURCE_DATE_EPOCH is its date where it is set."""
    env = {**tool_environment(places), "PYTHONPATH": str(places.root / "packaging")}
    listing: list[str | Path] = [
        places.python,
        "-m",
        "cyclonedx_py",
        "environment",
        "--output-reproducible",
        "--of",
        "JSON",
    ]
    listing += ["--pyproject", places.project, places.python]
    document = json.loads(_output(listing, env))
    shipped = json.loads(_output([places.python, "-m", "dev_steps.licences", places.root, "--names"], env))
    others = [python_component(sys.version_info), *_resources(places), *_of_the_system(places)]
    others += cuda_runtime.components(places)
    target.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(bill(document, shipped, others, version), indent=2, ensure_ascii=False)
    target.write_text(text + "\n", encoding="utf-8", newline="\n")
    return target


def _output(command: Sequence[str | Path], env: Mapping[str, str]) -> str:
    done = subprocess.run([str(part) for part in command], capture_output=True, env=env, check=False)
    if done.returncode != 0:
        raise SetupError(f"The bill of materials could not be made:\n{done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode()


def bill(document: Component, shipped: Sequence[str], others: Sequence[Component], version: str) -> Component:
    """The environment's `document` cut down to the `shipped` packages, with what they and we carry besides."""
    wanted = {normal(name) for name in shipped}
    packages = [part for part in document["components"] if normal(part["name"]) in wanted]
    found = {normal(part["name"]) for part in packages}
    if wanted != found:
        raise SetupError(f"The bill of materials lacks what is shipped: {', '.join(sorted(wanted - found))}.")
    linked = [part for package in packages for part in _inside(package)]
    components = sorted([*packages, *linked, *others], key=lambda part: str(part["bom-ref"]))
    known = {part["bom-ref"] for part in components}
    document["metadata"]["component"]["version"] = version
    depends = {ROOT: sorted(known)}
    for entry in document["dependencies"]:
        if entry["ref"] in known:
            depends[entry["ref"]] = [ref for ref in entry.get("dependsOn", []) if ref in known]
    for part in components:
        depends.setdefault(part["bom-ref"], [])
    listed = [{"ref": ref, **({"dependsOn": refs} if refs else {})} for ref, refs in sorted(depends.items())]
    return {**document, "components": components, "dependencies": listed}


def _inside(package: Component) -> list[Component]:
    """What is linked into a package or comes in its files, and has another name and licence."""
    version = package["version"]
    match normal(package["name"]):
        case "pyside6-essentials":
            return [component("Qt", "LGPL-3.0-only", version)]
        case "llama-cpp-python":
            return [component("llama.cpp", "MIT", of=package)]
        case "sqlcipher3":
            return [component("SQLCipher", "BSD-3-Clause", of=package), component("OpenSSL", "Apache-2.0", of=package)]
        case "cryptography":
            return [component("OpenSSL", "Apache-2.0", of=package)]
    return []


def component(name: str, licence: str, version: str = "", *, of: Component | None = None) -> Component:
    """A library that is no package; without a version of its own it is the one that comes in the package `of`."""
    inside = f"in {of['name']} {of['version']}" if of else ""
    return {
        "type": "library",
        "bom-ref": " ".join(part for part in (name, version, inside) if part),
        "name": name,
        **({"version": version} if version else {}),
        **({"description": f"As it comes {inside}"} if inside else {}),
        "licenses": [{"license": {"id": licence}}],
    }


def python_component(version: Sequence[Any]) -> Component:
    """The Python that the bundle brings along."""
    number = ".".join(str(part) for part in version[:3])
    return {**component("Python", "PSF-2.0", number), "purl": f"pkg:generic/python@{number}"}


def _of_the_system(places: Places) -> list[Component]:
    """On Linux, the packages of the system whose libraries are in the bundle that was made."""
    if not sys.platform.startswith("linux"):
        return []
    return system_libraries.components(system_libraries.packages(places.system_libraries))


def _resources(places: Places) -> list[Component]:
    model = model_file.included(places)
    entry: Component = {
        **component(model.file_name, "Apache-2.0"),
        "type": "machine-learning-model",
        "hashes": [{"alg": "SHA-256", "content": model.sha256}],
    }
    fonts = [
        {**component(name, "OFL-1.1"), "type": "file", "hashes": [_hash(places.root / "resources" / "fonts", pattern)]}
        for name, pattern in FONTS.items()
    ]
    return [entry, *fonts, {**component("Lucide icons", "ISC"), "type": "file"}]


def _hash(folder: Path, pattern: str) -> Component:
    """One SHA-256 over the files of a font family, in the order of their names."""
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob(pattern))))
    return {"alg": "SHA-256", "content": digest.hexdigest()}
