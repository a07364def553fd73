"""Lists: what is asked of them, their pages, columns and files, and finding by any name.

Imported by: the views. It knows none of them; ``exports.py`` names their columns in files.
Start with: ``questions.py`` and ``filters.py``, then ``paging.py``; ``exporting.py`` writes files.
"""
