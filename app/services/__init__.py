"""Use cases: one function each, owning transactions and locks; gateways only through the port.

Imported by: the doors (API, notifications, back office, jobs, commands) and the wiring.
Start with: ``observations.py`` (the one door of everything learnt), then ``checkout.py``,
``notifications.py``, ``status.py``, ``refunds.py``; ``desk.py`` is what every use case is given.
"""
