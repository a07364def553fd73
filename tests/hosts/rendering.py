"""From kept runs to a page: docs/reliability.md out of docs/reliability.json."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from scripts.messages import ROOT

RESULTS: Final = ROOT / "docs" / "reliability.json"
_HEAD: Final = """# Reliability

Made by `make reliability` out of `reliability.json`; do not edit. Several hosts on one machine:
what they are, what is broken and what is judged stands [below](#how-it-is-done).
"""
_HOW: Final = Path(__file__).with_name("how_done.md")
_WORDS: Final = {
    "kill_web": "web: kill -9 of the main process",
    "kill_web_worker": "web: kill -9 of one worker",
    "kill_jobs": "jobs: kill -9",
    "kill_proxy": "proxy: kill -9 of the main process",
    "kill_proxy_worker": "proxy: kill -9 of one worker",
    "freeze_web": "web: frozen (SIGSTOP) for 2 to 8 s",
    "freeze_jobs": "jobs: frozen (SIGSTOP) for 64 to 72 s, past every lease",
    "cut_from_postgres": "one host cut off from PostgreSQL for 2 to 25 s",
    "cut_in_transaction": "the same, aimed at the middle of a transaction",
    "cut_from_gateway": "one host cut off from the gateways for 2 to 20 s",
    "cut_from_proxy": "one web host cut off from the proxy for 2 to 15 s",
    "restart_postgres_fast": "PostgreSQL: restarted (fast)",
    "restart_postgres_immediate": "PostgreSQL: restarted (immediate, recovers as after a crash)",
    "kill_postgres": "PostgreSQL: kill -9",
    "bad_cable": "a bad cable to PostgreSQL for 5 to 15 s",
}


def keep(run: Mapping[str, Any], file: Path = RESULTS) -> None:
    """Keep a run in the file, in the place of the last one of its seed."""
    known: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    known[str(run["seed"])] = run
    file.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")


def write_page(page: Path | None = None, results: Path = RESULTS) -> None:
    """Write the page of all runs that are kept."""
    runs = json.loads(results.read_text()).values() if results.exists() else ()
    told = [_HEAD, *("\n".join(_section(run)) for run in runs), _HOW.read_text()]
    (page or results.with_suffix(".md")).write_text("\n".join(told))


def _section(run: Mapping[str, Any]) -> Iterator[str]:
    hosts, counts = run["hosts"], run["counts"]
    yield f"## Seed {run['seed']}: {run['minutes']:g} minutes of load"
    yield ""
    yield (
        f"Commit `{run['commit']}`, {run['at']}; {run['machine']}; {hosts['web']} web hosts with "
        f"{hosts['workers']} processes each, {hosts['jobs']} job hosts."
    )
    yield ""
    yield "| what | number |"
    yield "|---|---:|"
    yield f"| faults injected | {sum(run['faults'].values())} |"
    yield f"| requests | {sum(run['requests'].values()):,} |"
    yield from (f"| {what} | {number:,} |" for what, number in counts.items())
    yield f"| breaches of any rule | {len(run['breaches'])} |"
    yield f"| seconds until all was settled | {run['settled_s']:g} |"
    yield ""
    yield "| fault | injected | longest time without a good answer, s |"
    yield "|---|---:|---:|"
    for kind, number in run["faults"].items():
        words = _WORDS[kind] + _more(kind, run)
        yield f"| {words} | {number} | {run['outages_s'].get(kind, 0):g} |"
    yield ""
    yield "| refused or unanswered, all tried again | number |"
    yield "|---|---:|"
    yield from (f"| {what} | {number:,} |" for what, number in run["refused"].items())
    yield ""


def _more(kind: str, run: Mapping[str, Any]) -> str:
    """Return what else a reader must know of a kind of fault."""
    if kind == "cut_in_transaction":
        return f" (met one {run['in_transaction']} times)"
    if kind == "bad_cable":
        delays = "delay 60 ± 20 ms, loss 3 %" if run["netem"] else "bursts of loss of 0.15 s"
        return f" ({delays})"
    return ""
