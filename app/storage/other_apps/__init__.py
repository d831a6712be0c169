"""The models that other applications keep: found and used where they lie, and never changed."""
