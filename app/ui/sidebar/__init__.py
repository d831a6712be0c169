"""The column on the left: the conversations, a new chat, and what holds for the whole window."""
