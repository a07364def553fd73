"""What the programs tell about themselves: log lines with ids and without secrets, and meters.

Imported by: everything but the core.
Start with: ``logs.py`` and ``redaction.py``, then ``meters.py``.
"""
