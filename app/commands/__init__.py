"""Commands for the person who runs Lunas: ``flask --app app.factory …``.

Imported by: the application.
Start with: ``groups.py`` and ``lunas.py``; each further command has a module of its own.
"""

from app.commands.groups import register_commands

__all__ = ["register_commands"]
