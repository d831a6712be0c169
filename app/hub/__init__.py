"""Where models come from: the only room that knows huggingface_hub."""
