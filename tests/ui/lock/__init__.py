"""Tests of the lock in the window."""
