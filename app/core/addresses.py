"""What counts as one client on the network."""

import ipaddress


def address_group(address: str | None) -> str:
    """Return what counts as one address: an IPv6 network of /64 belongs to one subscriber."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if found.version == 4:  # noqa: PLR2004 - the version's name is a number.
        return str(found)
    return str(ipaddress.ip_network(f"{found}/64", strict=False))
