"""What it looks like: the only room with PySide6."""
