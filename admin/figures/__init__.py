"""The figures of a period and of now, how they are drawn, and whether everything runs.

Imported by: the views alone.
Start with: ``of_now.py`` and ``of_period.py``.
"""
