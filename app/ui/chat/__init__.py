"""The page on which one chats: the model in use, the conversation, and where one writes."""
