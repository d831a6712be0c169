"""The library: the page on which models are found that fit this computer."""
