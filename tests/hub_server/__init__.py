"""A hub on this computer: the endpoints and headers of huggingface.co that we rely on, with faults on demand."""
