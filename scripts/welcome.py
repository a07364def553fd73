"""What a person reads once everything runs: addresses, and who can sign in."""

import json
from pathlib import Path
from typing import Final

from scripts.demo_settings import Settings
from scripts.messages import ROOT

STAFF_FILE: Final = ROOT / "app" / "demo" / "staff.json"


def welcome(settings: Settings, staff_file: Path = STAFF_FILE) -> str:
    """Return the block of addresses and demo sign-ins, framed by blank lines."""
    lines = ["", "Lunas is running.", "", *_addresses(settings)]
    if settings.is_demo:
        lines += ["", "Sign in to the back office as", *_sign_ins(staff_file)]
    return "\n".join([*lines, "", "Ctrl-C stops everything.", ""])


def _addresses(settings: Settings) -> list[str]:
    places = settings.places
    addresses = [
        f"  Shop         {places.web_url}/",
        f"  Back office  {places.web_url}/admin/",
    ]
    if settings.uses_sandbox:
        addresses.append(f"  Sandbox      {places.sandbox_url}/   (plays Midtrans and Xendit)")
    return addresses


def _sign_ins(staff_file: Path) -> list[str]:
    people = json.loads(staff_file.read_text())
    email_width = max(len(person["email"]) for person in people)
    password_width = max(len(person["password"]) for person in people)
    return [
        f"  {person['email']:<{email_width}}  {person['password']:<{password_width}}"
        f"  {person['role']}, {person['name']}"
        for person in people
    ]
