"""Who works here: accounts, and roles in words.

Imported by: the page of staff, the commands about staff, and the demonstration.
Start with: ``staff_accounts.py``.
"""
