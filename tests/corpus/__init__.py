"""A stored corpus of orders: what gateways said about them, and what was decided then."""
