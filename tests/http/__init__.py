"""Routes: the shop's API, notifications, and every page of the back office."""
