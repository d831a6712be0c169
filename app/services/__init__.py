"""What the application does where two rooms must work together; no Qt, no llama_cpp."""
