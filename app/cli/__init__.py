"""The command line: the same services as the window's, driven from a terminal."""
