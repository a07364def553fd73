"""The rules of the desk: pure decisions about payments, with no clock, database or network.

Imported by: everything; it imports the standard library alone.
Start with: ``transitions.py`` (where an order goes after what was learnt, and why), then
``facts.py``, ``edges.py`` and ``refunds.py``; ``ports.py`` is all that we ask of a gateway,
``errors.py`` all that can be raised.
"""
