"""What this computer is: asked in a process of its own, because a bad driver can end the one that asks."""
