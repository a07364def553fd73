"""The photographer of the README and of the staff handbook: `make pictures`.

Imported by: nothing; it is a program: ``python -m scripts.pictures``.
Start with: ``__main__.py``, then ``day.py`` (the day of the shop that is photographed).
"""
