"""How long the shop was away after each fault, as somebody saw it who asked five times a second."""

from collections.abc import Iterable, Iterator, Sequence

from tests.hosts.faults import Injected
from tests.hosts.records import Asked


def windows(asked: Iterable[Asked]) -> Iterator[tuple[float, float]]:
    """Yield each time without a single good answer, from the first failure to the next success."""
    since: float | None = None
    last = 0.0
    for one in sorted(asked, key=lambda one: one.began):
        last = one.ended
        if one.failed:
            since = one.began if since is None else since
        elif since is not None:
            yield since, one.ended
            since = None
    if since is not None:
        yield since, last


def longest_by_kind(asked: Iterable[Asked], injected: Sequence[Injected]) -> dict[str, float]:
    """Return the longest such time (seconds) for each kind of fault; 0 where there was none.

    It is laid to the charge of the fault that began last before it ended: with a fault every few
    seconds, of several that overlap only one can be named.
    """
    longest = dict.fromkeys((one.fault.kind for one in injected), 0.0)
    for began, ended in windows(asked):
        earlier = [one for one in injected if one.began <= ended]
        if earlier:
            kind = max(earlier, key=lambda one: one.began).fault.kind
            longest[kind] = max(longest[kind], ended - began)
    return longest
