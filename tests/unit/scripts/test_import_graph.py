import pytest
from grimp import ImportGraph

from scripts.import_graph import (
    DOCUMENT,
    arrows_between,
    draw,
    parts_of,
    put_into,
    read_imports,
    without_detours,
)


@pytest.fixture(scope="module")
def graph() -> ImportGraph:
    return read_imports()


def test_the_architecture_shows_who_imports_whom_as_the_code_is(graph: ImportGraph) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")

    assert document == put_into(document, graph), "run: make imports"


def test_another_import_makes_the_document_old(graph: ImportGraph) -> None:
    document = DOCUMENT.read_text(encoding="utf-8")
    longer, gone = read_imports(), read_imports()
    longer.add_import(importer="sandbox.ids", imported="sandbox.clock")
    gone.remove_module("admin.wording")

    assert "p_sandbox_ids --> p_sandbox_clock" in put_into(document, longer)
    assert put_into(document, gone).count("admin/wording") == 0 < document.count("admin/wording")


def small() -> ImportGraph:
    graph = ImportGraph()
    for module in ("shop", "shop.door", "shop.door.bell", "shop.till", "shop.rules", "shop.mat"):
        graph.add_module(module)
    graph.add_import(importer="shop.door.bell", imported="shop.till")
    graph.add_import(importer="shop.door.bell", imported="shop.rules")
    graph.add_import(importer="shop.door", imported="shop.door.bell")
    graph.add_import(importer="shop.till", imported="shop.rules")
    return graph


def test_a_package_counts_as_one_with_all_that_lies_below_it() -> None:
    arrows = arrows_between(small(), parts_of(small(), "shop"))

    assert arrows == {
        "shop.door": {"shop.till", "shop.rules"},
        "shop.mat": set(),
        "shop.rules": set(),
        "shop.till": {"shop.rules"},
    }


def test_an_arrow_that_a_longer_way_replaces_is_not_drawn() -> None:
    arrows = without_detours(arrows_between(small(), parts_of(small(), "shop")))

    assert draw(arrows).splitlines() == [
        "```mermaid",
        "flowchart TD",
        '    p_shop_door["shop/door"]',
        '    p_shop_mat["shop/mat"]',
        '    p_shop_rules["shop/rules"]',
        '    p_shop_till["shop/till"]',
        "    p_shop_door --> p_shop_till",
        "    p_shop_till --> p_shop_rules",
        "```",
    ]
