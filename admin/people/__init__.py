"""Who works here: accounts, the person of this request, and roles in words."""
