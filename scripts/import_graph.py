"""Writes who imports whom into ARCHITECTURE.md, as the code is: `make imports`.

The graph comes from grimp, on which import-linter stands. The diagrams leave out an arrow where a
longer way leads to the same place, else nobody could read them; the table below them holds every
direct import.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from grimp import ImportGraph, build_graph

from scripts.messages import ROOT

DOCUMENT: Final = ROOT / "ARCHITECTURE.md"
_PACKAGES: Final = ("app", "admin", "webhooks", "jobs", "sandbox", "scripts")
_BEGIN: Final = "<!-- imports: written by `make imports` -->"
_END: Final = "<!-- imports: end -->"
_BETWEEN: Final = re.compile(rf"(?<={re.escape(_BEGIN)}\n).*(?={_END})", re.DOTALL)
_TITLES: Final = {
    "app": "All parts",
    "admin": "Inside the back office",
    "sandbox": "Inside the sandbox",
}

Arrows = Mapping[str, frozenset[str]]
"""What each part imports directly; parts by their full names."""


def read_imports() -> ImportGraph:
    """Return the graph of all imports between our modules, read from the files as they are."""
    return build_graph(*_PACKAGES, cache_dir=None)


def parts_of(graph: ImportGraph, package: str) -> list[str]:
    """Return the modules and packages directly below a package."""
    return sorted(m for m in graph.modules if m.rpartition(".")[0] == package)


def arrows_between(graph: ImportGraph, parts: Sequence[str]) -> Arrows:
    """Return which of the parts imports which, each with all that lies below it as one."""
    part_of = {
        module: part
        for module in graph.modules
        for part in parts
        if module == part or module.startswith(f"{part}.")
    }
    found: dict[str, set[str]] = {part: set() for part in parts}
    for module, part in part_of.items():
        imported = graph.find_modules_directly_imported_by(module)
        found[part] |= {part_of[other] for other in imported if other in part_of} - {part}
    return {part: frozenset(others) for part, others in found.items()}


def without_detours(arrows: Arrows) -> Arrows:
    """Leave out each arrow that a longer way replaces; there must be no circle."""
    beyond: dict[str, frozenset[str]] = {}

    def all_beyond(part: str) -> frozenset[str]:
        if part not in beyond:
            beyond[part] = arrows[part].union(*(all_beyond(other) for other in arrows[part]))
        return beyond[part]

    return {
        part: frozenset(
            other for other in others if not any(other in all_beyond(between) for between in others)
        )
        for part, others in arrows.items()
    }


def draw(arrows: Arrows) -> str:
    """Draw the parts and their arrows as a Mermaid diagram."""
    lines = ["```mermaid", "flowchart TD"]
    # Mermaid reads some words, such as "end", as its own; an id of two parts is never one.
    lines += [f'    p_{_id(part)}["{part.replace(".", "/")}"]' for part in sorted(arrows)]
    lines += [
        f"    p_{_id(part)} --> p_{_id(other)}"
        for part in sorted(arrows)
        for other in sorted(arrows[part])
    ]
    return "\n".join([*lines, "```"])


def _id(part: str) -> str:
    return part.replace(".", "_")


def _table(pictures: Iterable[Arrows]) -> str:
    rows = [
        f"| `{part}` | {', '.join(f'`{other}`' for other in sorted(others)) or 'nothing of ours'} |"
        for arrows in pictures
        for part, others in sorted(arrows.items())
    ]
    return "\n".join(["| part | imports |", "|---|---|", *rows])


def render(graph: ImportGraph) -> str:
    """Return the diagrams and the table, as they stand in the document."""
    top = [name for name in _PACKAGES if name != "app"]
    groups = {package: parts_of(graph, package) for package in _TITLES}
    groups["app"] += top
    pictures = {package: arrows_between(graph, parts) for package, parts in groups.items()}
    drawn = [
        f"### {_TITLES[package]}\n\n{draw(without_detours(arrows))}\n"
        for package, arrows in pictures.items()
    ]
    folded = "<details><summary>Every direct import</summary>"
    return "\n".join(["", *drawn, folded, "", _table(pictures.values()), "", "</details>\n"])


def put_into(document: str, graph: ImportGraph) -> str:
    """Return the document with what stands between the marks written anew."""
    return _BETWEEN.sub(lambda _: render(graph), document)


def main() -> None:
    """Write the graph into ARCHITECTURE.md."""
    document = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(put_into(document, read_imports()), encoding="utf-8")


if __name__ == "__main__":
    main()
