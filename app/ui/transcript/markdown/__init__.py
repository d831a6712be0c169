"""What a message's Markdown says, without Qt: parsed while it is written, found in, selected from, and exported."""
