"""Use cases: one function each, owning transactions and locks; gateways only through the port."""
