"""What somebody wrote in a reply stands apart from what his program quoted, and neither is lost."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.inbound.quoting import fold
from support.inbound.reading import read_mail
from tests.support.inbound.written_by_clients import CLIENTS

WORDS = "Le bouton « Valider » reste gris, sur l’écran des nuitées."


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)
def test_every_program_s_quotation_is_folded(client: Any) -> None:
    found = read_mail(client(WORDS, None, "alex@structure.example").as_bytes())
    assert found.text.removesuffix("\n\nBien cordialement,\nAlex Essai") == WORDS
    assert "Quel message voyez-vous" in found.quoted
    assert "Quel message" not in found.text


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("Oui.", "Oui."),
        ("Oui.\n> Vraiment ?", "Oui."),
        ("> Vraiment ?\nOui.", "> Vraiment ?\nOui."),
        ("Le lundi, il a écrit : rien.", "Le lundi, il a écrit : rien."),
        ("Deux points :\n- un\n- deux\n-- \nAlex", "Deux points :\n- un\n- deux"),
        ("Oui.\n\nSent from my iPhone", "Oui."),
        ("Oui.\nTélécharger Outlook pour Android\n\n", "Oui."),
        ("Oui.\n\n-----Message d’origine-----\nDe : a\nEnvoyé : b\nTexte", "Oui."),
        ("Oui.\n\nOn Tue, Nov 24, 2026 at 11:05 AM Assistance <a@b.example> wrote:\n> Texte", "Oui."),
        ("Oui.\n\nFrom: a@b.example\nSent: Tuesday\nTo: c@d.example\nSubject: x\n\nTexte", "Oui."),
        ("Le 24 à 11:05, A a écrit :\n> Un ?\n\nOui.\n\n> Deux ?\n\nNon.", None),
        ("Le 24 à 11:05, A a écrit :\n> Une ligne longue que le programme\na brisée\n> en trois.\n\nOui.", "Oui."),
        ("\n\n\n", ""),
        ("Le 24 à 11:05, A a écrit :\n> Un ?", ""),
    ],
)  # fmt: skip
def test_where_the_reply_ends(text: str, reply: str | None) -> None:
    assert fold(text).reply == (text if reply is None else reply)


@given(st.lists(st.sampled_from(["> a", "b", "", "Le 24 à 11:05, A a écrit :", "De : a", "Envoyé : b", "--", ">> c"])))
def test_no_line_is_lost(lines: list[str]) -> None:
    folded = fold("\n".join(lines))
    kept = f"{folded.reply}\n{folded.quoted}".split("\n")
    assert sorted(line for line in kept if line) == sorted(line for line in lines if line)
