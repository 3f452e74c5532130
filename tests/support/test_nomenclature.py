"""Finding what a person needs, and changing the list without touching the past."""

from __future__ import annotations

import pytest

from records.wording import Entry, Wording
from support.nomenclature.changing import NomenclatureChange, NomenclatureRefused, add, follow, merge, rename, retire
from support.nomenclature.entries import first_nomenclature

ACCESS = "Accès et authentification"
PASSWORD = Wording(ACCESS, "Problème de connexion au SI SIAO", "Réinitialisation du mot de passe")
ACCOUNT = Wording(ACCESS, "Problème de connexion au SI SIAO", "Accès au compte")
ENTRIES = (Entry("1", ACCOUNT), Entry("1", PASSWORD), Entry("2", Wording("Évolutions", "Autre", "Autre")))


def test_old_spellings_of_workbooks_lead_to_the_entry() -> None:
    found = first_nomenclature().find(
        "gestionn des données et conformité", "Accès aux données personnelles et RGPD", "AUTORISATION  EXTRACTION"
    )
    assert found is not None
    assert found.wording.thematique == "Gestion des données et conformité"


def test_a_sous_motif_alone_is_enough_only_when_it_exists_once() -> None:
    nomenclature = first_nomenclature()
    assert nomenclature.find("", "", "mise a jour d'une demande") is not None
    assert nomenclature.find("", "", "Autre") is None
    assert nomenclature.find(ACCESS, "", "") is None


def test_the_level_follows_the_sous_motif_and_for_some_the_escalation() -> None:
    extraction = first_nomenclature().find("", "", "Réaliser une extraction")
    assert extraction is not None
    assert [extraction.niveau_when(escalated=escalated) for escalated in (False, True)] == ["1", "2"]
    assert ENTRIES[0].niveau_when(escalated=True) == "1"


def test_a_new_sous_motif_stands_beside_its_kin() -> None:
    new = Wording(ACCESS, "Problème de connexion au SI SIAO", "Double  authentification")
    entries, change = add(ENTRIES, "1", new)
    assert [entry.wording.sous_motif for entry in entries] == [
        "Accès au compte",
        "Réinitialisation du mot de passe",
        "Double authentification",
        "Autre",
    ]
    assert change.kind == "add"


def test_the_list_refuses_doubles_unknown_levels_empty_names_and_emptiness() -> None:
    with pytest.raises(NomenclatureRefused, match="existe déjà"):
        add(ENTRIES, "1", Wording(ACCESS.upper(), "probleme de connexion au si siao", "acces au compte"))
    with pytest.raises(NomenclatureRefused, match="niveau"):
        add(ENTRIES, "3", Wording("A", "B", "C"))
    with pytest.raises(NomenclatureRefused, match="motif manque"):
        add(ENTRIES, "1", Wording("A", " ", "C"))
    with pytest.raises(NomenclatureRefused, match="déjà pris"):
        rename(ENTRIES, ACCOUNT, "1", PASSWORD)
    with pytest.raises(NomenclatureRefused, match="différents"):
        merge(ENTRIES, ACCOUNT, ACCOUNT)
    with pytest.raises(NomenclatureRefused, match="au moins un"):
        retire(ENTRIES[:1], ACCOUNT)
    with pytest.raises(NomenclatureRefused, match="n'est pas"):
        retire(ENTRIES, Wording("A", "B", "C"))


def test_a_wording_of_the_past_is_followed_through_renames_and_merges() -> None:
    """For comparisons only: what a call carries is never rewritten."""
    renamed = Wording(ACCESS, "Connexion", "Mot de passe oublié")
    entries, first = rename(ENTRIES, PASSWORD, "1", renamed)
    entries, second = merge(entries, renamed, ACCOUNT)
    assert [entry.wording for entry in entries] == [ACCOUNT, ENTRIES[2].wording]
    assert follow(PASSWORD, [first, second]) == ACCOUNT
    assert follow(ACCOUNT, [first, second]) == ACCOUNT
    assert follow(PASSWORD, [NomenclatureChange("retire", PASSWORD, None)]) == PASSWORD
