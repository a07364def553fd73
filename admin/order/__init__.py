"""What the pages of an order, of what was heard about it and of its refunds say in words."""
