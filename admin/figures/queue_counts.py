"""How much waits in each queue, asked once per page however often the menu shows it."""

from flask import g

from admin.reading import current_desk, reads
from app.services.queues import QueueCounts, count_queues


def queue_counts() -> QueueCounts:
    """Return the counts of this request."""
    if "queue_counts" not in g:
        g.queue_counts = count_queues(reads(), current_desk().clock())
    counts: QueueCounts = g.queue_counts
    return counts
