"""Western Indonesian time: the day by which gateways, banks and staff reckon."""

from datetime import timedelta, timezone
from typing import Final

# Indonesia knows no summer time, so no list of zones is needed.
WIB: Final = timezone(timedelta(hours=7), "WIB")
