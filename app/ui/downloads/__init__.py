"""Downloads: what runs them, and how they are shown and steered."""
