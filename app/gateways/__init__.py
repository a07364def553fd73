"""Both payment gateways: their official SDKs go in, our types and errors come out.

Imported by: the wiring and the settings, the self-test of the back office, and the command that
writes docs/states.md; everybody else sees the port (``core/ports.py``).
Start with: ``midtrans.py`` and ``xendit.py`` (the calls), then ``midtrans_reading.py`` and
``xendit_reading.py`` (what their words mean to us); ``watched.py`` stands around both.
"""
