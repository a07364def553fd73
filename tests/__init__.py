"""The tests: unit, contract, integration, http, simulation, e2e, and the benchmarks.

Imported by: nothing of the product.
Start with: ``world.py`` (a shop, its gateways' sandbox and its database, in one value), then
``integration/test_checkout_to_paid.py``; ``unit/core`` mirrors ``app/core`` file by file.
"""
