"""The form of an answer: JSON schemas and grammars, made into what llama.cpp can safely use."""
