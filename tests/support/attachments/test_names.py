"""What is made of the name of a file, which anybody may have typed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.attachments.names import LONGEST, clean_name, extension_of, inner_extensions, with_extension

UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
TYPED = st.text(st.characters(), max_size=400) | st.text("./\\ :a\u202e\u0000\u0301．con", max_size=60)


@pytest.mark.parametrize(("typed", "kept"), [
    ("écran blanc.png", "écran blanc.png"),
    ("C:\\Users\\Sam\\Bureau\\note.docx", "note.docx"),
    ("../../etc/passwd", "passwd"),
    ("/", "fichier"),
    ("", "fichier"),
    ("...", "fichier"),
    (".htaccess", "htaccess"),
    ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie_ b.pdf"),
    ("facture\u202efdp.exe", "facturefdp.exe"),
    ("a\u0000b.pdf", "ab.pdf"),
    ("facture．pdf", "facture.pdf"),
    ("℀.pdf", "c.pdf"),
    ("con.pdf", "_con.pdf"),
    ("COM1", "_COM1"),
    ('a"<b>|?*.pdf', "a__b____.pdf"),
    ("note.pdf. . ", "note.pdf"),
    ("e\u0301cran.png", "écran.png"),
    ("\U0001f600.png", "\U0001f600.png"),
])  # fmt: skip
def test_a_name_is_made_one_that_can_be_shown_and_kept(typed: str, kept: str) -> None:
    assert clean_name(typed) == kept


def test_a_name_that_is_too_long_is_cut_before_its_extension() -> None:
    assert clean_name("a" * 300 + ".pdf") == "a" * (LONGEST - 4) + ".pdf"
    assert clean_name("a" * 300) == "a" * LONGEST
    assert len(with_extension("a" * LONGEST, "docx")) == LONGEST


@given(TYPED)
def test_whatever_is_typed_the_name_is_short_seen_whole_and_of_no_folder(typed: str) -> None:
    name = clean_name(typed)
    assert 0 < len(name) <= LONGEST
    assert not {unicodedata.category(mark) for mark in name} & UNSEEN
    assert not set(name) & set('/\\<>:"|?*')
    assert name == name.strip(". ")
    name.encode("utf-8")
    assert clean_name(name) == name


@given(TYPED)
def test_an_extension_that_is_added_is_the_one_that_is_read(typed: str) -> None:
    name = with_extension(clean_name(typed), "png")
    assert extension_of(name) == "png"
    assert len(name) <= LONGEST


def test_what_stands_between_two_dots_is_seen() -> None:
    assert inner_extensions("facture.EXE .v2.pdf") == ["exe", "v2"]
    assert extension_of("CR du 12.03.2026") == "2026"
    assert extension_of("sans extension") == ""
