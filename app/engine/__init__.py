"""How a model runs: the only room that knows llama_cpp."""
