"""A model inside this process, on llama.cpp: the one of the bundle, or a file of the user's own."""
