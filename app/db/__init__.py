"""The tables, the sessions that reach them, and the locks taken on them."""
