"""The exit codes of the command line."""

import signal

DONE = 0
FAILURE = 1
CANCELLED = 128 + signal.SIGINT
