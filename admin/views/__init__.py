"""The pages of the back office, one module per thing that staff look at.

Imported by: ``admin/menu.py``, which gives each page its place.
Start with: ``base.py`` (what all lists have in common), then ``orders.py`` and ``refunds.py``.
"""
