"""A conversation as it is read: the messages, their figures, and the answer that is being written."""
