"""The figures of a period and of now, how they are drawn, and whether everything runs."""
