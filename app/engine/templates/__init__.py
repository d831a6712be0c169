"""How messages become a prompt, and how reasoning is told from an answer: the model's own chat template, run safely."""
