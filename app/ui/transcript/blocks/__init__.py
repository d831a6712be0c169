"""The painters of a message's blocks: each knows its height at a width, paints itself and says what is where."""
