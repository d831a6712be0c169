"""The first start: what this computer is, and which model to begin with."""
