"""The product itself, without its doors; empty, so that importing the core imports nothing else.

Imported by: everything but the sandbox; ``factory``, ``commands`` and ``demo`` only by programs.
Start with: ``core/transitions.py``, then ``services/observations.py``; ``factory.py`` puts the web
application together, ``wiring.py`` what every process needs, from the values of ``settings.py``.
"""
