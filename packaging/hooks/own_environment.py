"""Runs first in the bundle: mends what its loader changed in the environment, and takes no libraries from there."""

import os
import sys

# The loader put our folder there for its own sake; programs of the system that we open must not look into it.
if sys.platform.startswith("linux"):
    before = os.environ.pop("LD_LIBRARY_PATH_ORIG", "")
    os.environ.pop("LD_LIBRARY_PATH", None)
    if before:
        os.environ["LD_LIBRARY_PATH"] = before

# A process that we start of ourselves sets itself up anew; it would else take that folder for known.
os.environ["PYINSTALLER_RESET_ENVIRONMENT"] = "1"

# Libraries are loaded from our own folder alone.
for name in (
    "LLAMA_CPP_LIB_PATH",
    "LLAMA_CPP_LIB",
    "GGML_BACKEND_PATH",
    "QT_PLUGIN_PATH",
    "QT_QPA_PLATFORM_PLUGIN_PATH",
):
    os.environ.pop(name, None)
