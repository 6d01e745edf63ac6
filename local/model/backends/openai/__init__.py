"""A model behind somebody's OpenAI-compatible server."""
