"""The window as a person uses it: real widgets without a screen, real storage, a scripted engine."""
