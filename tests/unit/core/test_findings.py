"""Every kind of finding has words in both languages."""

import ast
from pathlib import Path

import pytest

from app.core.finding_words import FINDING_WORDS, PHRASES, in_indonesian
from app.core.findings import FREEZING, FindingCode
from app.services import order_checks


def test_every_finding_is_a_sentence_in_english_and_another_in_indonesian():
    assert set(FINDING_WORDS) == set(FindingCode)
    for words in FINDING_WORDS.values():
        assert words.en != words.id
        for sentence in (words.en, words.id):
            assert sentence[0].isupper()
            assert sentence.endswith(".")


def test_no_two_findings_share_their_words():
    assert len({words.en for words in FINDING_WORDS.values()}) == len(FindingCode)
    assert len({words.id for words in FINDING_WORDS.values()}) == len(FindingCode)


def test_goods_and_forgotten_work_are_in_nobodys_way():
    assert set(FindingCode) - FREEZING == {
        FindingCode.STOCK_DIFFERS,
        FindingCode.RESERVED_STOCK_DIFFERS,
        FindingCode.REFUND_FORGOTTEN,
        FindingCode.ATTEMPT_FORGOTTEN,
        FindingCode.CLAIM_FORGOTTEN,
    }


@pytest.mark.parametrize(
    ("english", "indonesian"),
    [
        (
            "captured Rp 1, refunded Rp 2, reserved Rp 3",
            "diterima Rp 1, direfund Rp 2, dicadangkan Rp 3",
        ),
        (
            "a finish time, if finished, a time of sending",
            "waktu selesai, jika sudah selesai, waktu pengiriman",
        ),
        ("none planned", "tidak dijadwalkan"),
        ("none", "tidak ada"),
        ("partially_refunded", "partially_refunded"),
        ("refund_reserved Rp 5 (refund:LN-1)", "refund_reserved Rp 5 (refund:LN-1)"),
        ("broken at line 3", "terputus di baris 3"),
    ],
)
def test_differences_are_told_in_indonesian_too(english: str, indonesian: str):
    assert in_indonesian(english) == indonesian


def test_every_phrase_of_the_checks_is_translated():
    told = " | ".join(_texts())
    unknown = {t for t in _texts() if " " in t.strip() and in_indonesian(t) == t}

    assert unknown == set()
    assert {phrase for phrase in PHRASES if phrase not in told} == set()


def _texts() -> list[str]:
    """Return the texts in the checks, without docstrings."""
    tree = ast.parse(Path(order_checks.__file__).read_text())
    docs = {
        ast.get_docstring(node, clean=False)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef)
    }
    constants = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
    return [text for text in constants if isinstance(text, str) and text not in docs]
