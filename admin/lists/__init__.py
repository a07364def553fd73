"""Lists: what is asked of them, their pages, columns and files, and finding by any name."""
