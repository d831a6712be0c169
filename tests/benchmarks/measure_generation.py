"""Compares generation through ChatService with the window painting against the engine alone, in turn, in one process.

Run: python -m tests.benchmarks.measure_generation [--rounds 7] [--tokens 200]
"""

import argparse
import os
import statistics
import tempfile
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.bootstrap import Options, assemble, window_services
from app.core.cancel import CancelToken
from app.core.conversation import MessageState, Role
from app.core.generation import Finished, SamplingParameters
from app.engine.base import PromptMessage
from app.engine.llama import LlamaEngine
from app.services.chat import ChatService
from app.services.models import ModelService
from app.storage.database import open_database
from app.storage.verified import VerifiedFiles

QUESTION = "Tell me a very long story about the sea, the ships and the people who live by the water."
