"""What a model file is checked for before llama.cpp reads it, and while it is in use."""
