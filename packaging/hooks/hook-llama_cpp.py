"""PyInstaller's hook for llama_cpp: the libraries that the build names, and no others."""

import os

from dev_steps.bundle_content import engine_binaries

binaries = engine_binaries(os.environ)
excludedimports = ["llama_cpp.server"]
