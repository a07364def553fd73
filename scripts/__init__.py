"""Commands of `make`: set-up, running the whole of Lunas, and the stages of `make test`.

Imported by: nothing that serves; tests use a few.
Start with: ``setup.py`` and ``run.py``, then ``stages.py``.
"""
