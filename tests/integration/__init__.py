"""Use cases against the sandbox, SQLite and PostgreSQL, with crashes and races."""
