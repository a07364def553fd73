"""What the pages of an order, of what was heard about it and of its refunds say in words.

Imported by: the figures, the filters of templates, and the views.
Start with: ``situation.py`` (why the order is as it is), then ``story.py`` and ``order_page.py``.
"""
