"""The demonstration shop: its goods and its staff."""
