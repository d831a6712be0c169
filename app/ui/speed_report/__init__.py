"""The speed report: measuring the model in use, and looking at what was measured before."""
