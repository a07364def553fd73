"""Pure functions alone: no database server, no network; ``core`` mirrors ``app/core``."""
