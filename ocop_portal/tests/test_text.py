import pytest

from ocop_portal.text import clean_line, clean_text, search_key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Huyện Ba Vì", "huyen ba vi"),
        ("CHÈ ĐẠI TỪ – Ổi, ưỡn", "che dai tu oi uon"),
        ("Ca\u0300 phe\u0302", "ca phe"),
        ("  Bầu   sao ", "bau sao"),
        ("Ðông Anh", "dong anh"),
    ],
)
def test_search_key_leaves_out_marks_and_punctuation(written: str, key: str) -> None:
    assert search_key(written) == key


def test_t2_both_unicode_forms_are_kept_as_one() -> None:
    assert clean_line("Che\u0300 Tha\u0301i") == "Chè Thái"


def test_c10_characters_that_cannot_be_seen_are_taken_out() -> None:
    assert clean_line("Chè\u202e Thái\u200b\u0000") == "Chè Thái"


def test_clean_text_keeps_lines() -> None:
    assert clean_text("một  hai \r\n\u00a0ba ") == "một hai\nba"
