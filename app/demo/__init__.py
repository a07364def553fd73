"""The demonstration shop: its goods and its staff.

Imported by: commands. Production has no use for it: it is refused without ``DEMO=1``.
Start with: ``seeding.py``.
"""
