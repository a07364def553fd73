"""The Xendit half: invoices, hosted page, refunds, callbacks.

Imported by: the sandbox. The other half knows nothing of it.
Start with: ``invoices.py``.
"""
