"""Every kind of finding has words in both languages."""

from app.core.finding_words import FINDING_WORDS
from app.core.findings import FREEZING, FindingCode


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
