"""How mails leave: rendered as text and HTML, over SMTP, into files, or onto the console.

Imported by: the wiring. What is sent when is decided in ``core/mails.py`` and
``services/mail_outbox.py``.
Start with: ``mailman.py``.
"""
