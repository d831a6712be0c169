"""Opens the window, or says what is missing for one."""

import os
import sys

import click

from app.bootstrap import Application, Options, assemble
from app.cli.exit_codes import EXIT_FAILURE
from app.ui.services import WindowServices
