"""What stands at the door: passwords, second factors, passkeys, sessions, proving to be there.

Imported by: accounts, acts, views and the self-test. It knows no other page than its own.
Start with: ``front_door.py`` (the pages in their order), then ``factors.py`` and
``desk_sessions.py``; ``throttle.py`` ends guessing.
"""
