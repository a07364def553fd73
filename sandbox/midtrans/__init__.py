"""The Midtrans half: Snap, Core API v2, signed notifications.

Imported by: the sandbox. The other half knows nothing of it.
Start with: ``payments.py``.
"""
