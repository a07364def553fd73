"""A seeded, deterministic simulation of shop, staff, jobs and both gateways in one process.

Read docs/simulation.md first. From the outside in: ``__main__`` and ``runner`` tell many stories;
``story`` plays one; ``steps`` writes its plot; ``shoppers``, ``staff``, ``gateway_side`` and
``strangers`` act; ``stage`` puts the real desk and the real sandbox together; ``network``,
``mailbag`` and ``boundaries`` carry what goes between them, and go wrong; ``invariants`` and
``ending`` judge by ``truth``, the gateways' own books.
"""
