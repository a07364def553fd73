"""A moment for tests that need one."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
