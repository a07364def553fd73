"""The back office: who may do what, what staff see, and the forms by which they act.

Imported by: the application; ``gate`` and ``people`` also by commands and the demonstration.
Start with: ``setup.py`` and ``menu.py`` (how it stands in the application), then
``views/orders.py`` with ``views/base.py``; ``acts.py`` is the way of every write by a person.
"""

from admin.setup import install

__all__ = ["install"]
