"""A local imitation of the Midtrans and Xendit wire protocols, as one HTTP program.

Imported by: nothing of the product, and it imports nothing of it: ``python -m sandbox``. What it
does and does not imitate: docs/sandbox.md.
Start with: ``world.py`` and ``engine.py``, then ``midtrans/payments.py``; ``control.py`` is how
tests and people choose what happens next.
"""
