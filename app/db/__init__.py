"""The tables, the sessions that reach them, and the locks taken on them.

Imported by: everything above it; never by the core, the gateways or the post.
Start with: ``shop.py`` and ``payments.py`` (the tables of money), then ``locks.py`` and
``claims.py``; ``models.py`` names all tables in one place.
"""
