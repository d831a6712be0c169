"""The lock of a profile on the disk: its key, what opens it, what it encrypts, and how it is changed."""
