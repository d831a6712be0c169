"""The transcript as a person uses it."""
