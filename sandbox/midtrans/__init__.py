"""The Midtrans half: Snap, Core API v2, signed notifications."""
