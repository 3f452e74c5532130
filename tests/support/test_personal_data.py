"""What looks like personal data is pointed at, and ordinary sentences of the desk are left in peace."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from support.personal_data import doubt_about, personal_data

FOUND = [
    ("Madame Dupont ne reçoit pas le lien", "nom", "Madame Dupont"),
    ("madame Dupont a rappelé", "nom", "madame Dupont"),
    ("MADAME DUPONT N'A PAS DE COMPTE", "nom", "MADAME DUPONT"),
    ("Mme DUPONT", "nom", "Mme DUPONT"),
    ("mme dupont a appelé", "nom", "mme dupont"),
    ("mr martin ne peut pas", "nom", "mr martin"),
    ("vu avec monsieur garcia", "nom", "monsieur garcia"),
    ("M. Martin est injoignable", "nom", "M. Martin"),
    ("M Martin est injoignable", "nom", "M Martin"),
    ("Mr. Martin", "nom", "Mr. Martin"),
    ("Mlle Petit-Jean", "nom", "Mlle Petit-Jean"),
    ("Mademoiselle Lenoir", "nom", "Mademoiselle Lenoir"),
    ("Monsieur Jean Dupont, hébergé", "nom", "Monsieur Jean Dupont"),
    ("Mme de la Tour", "nom", "Mme de la Tour"),
    ("M. de Villiers", "nom", "M. de Villiers"),
    ("Mme d’Ormesson", "nom", "Mme d’Ormesson"),
    ("Monsieur Le Goff", "nom", "Monsieur Le Goff"),
    ("M. Ben Salah", "nom", "M. Ben Salah"),
    ("Mme El Idrissi", "nom", "Mme El Idrissi"),
    ("M. van den Berg", "nom", "M. van den Berg"),
    ("Monsieur N’Diaye", "nom", "Monsieur N’Diaye"),
    ("MM. Durand et Morel", "nom", "MM. Durand"),
    ("Mmes Durand et Morel", "nom", "Mmes Durand"),
    ("situation de Mme Élodie Œuvrard", "nom", "Mme Élodie Œuvrard"),
    ("Mme Éthève", "nom", "Mme Éthève"),
    ("Doublon pour Monsieur Ould Ahmed", "nom", "Monsieur Ould Ahmed"),
    ("M.\u00a0Martin", "nom", "M.\u00a0Martin"),
    ("né le 12/03/1984", "date de naissance", "né le 12/03/1984"),
    ("Née le 12/03/84", "date de naissance", "Née le 12/03/84"),
    ("née le 12 mars 1984", "date de naissance", "née le 12 mars 1984"),
    ("né(e) le 1er août 1990", "date de naissance", "né(e) le 1er août 1990"),
    ("née en 1990", "date de naissance", "née en 1990"),
    ("nés en mars 2015", "date de naissance", "nés en mars 2015"),
    ("nee le 12-03-1984", "date de naissance", "nee le 12-03-1984"),
    ("ne le 12.03.1984", "date de naissance", "ne le 12.03.1984"),
    ("DDN 12/03/1984", "date de naissance", "DDN 12/03/1984"),
    ("ddn : 12/03/84", "date de naissance", "ddn : 12/03/84"),
    ("D.D.N. 12/03/1984", "date de naissance", "D.D.N. 12/03/1984"),
    ("date de naissance : 12/03/1984", "date de naissance", "date de naissance : 12/03/1984"),
    ("Date de naissance 4 avril 1971", "date de naissance", "Date de naissance 4 avril 1971"),
    ("naissance le 12/03/1984", "date de naissance", "naissance le 12/03/1984"),
    ("dossier 123456", "numéro de dossier", "dossier 123456"),
    ("Dossier n° 123456", "numéro de dossier", "Dossier n° 123456"),
    ("n° de ménage 1234567", "numéro de dossier", "n° de ménage 1234567"),
    ("ménage n°1234567", "numéro de dossier", "ménage n°1234567"),
    ("menage 1 234 567", "numéro de dossier", "menage 1 234 567"),
    ("demande 445566 en double", "numéro de dossier", "demande 445566"),
    ("numéro de demande : 445566", "numéro de dossier", "numéro de demande : 445566"),
    ("personne n° 7654321", "numéro de dossier", "personne n° 7654321"),
    ("numéro SI SIAO 998877", "numéro de dossier", "numéro SI SIAO 998877"),
    ("les dossiers 123456 et suivants", "numéro de dossier", "dossiers 123456"),
    ("DOSSIER: 123456", "numéro de dossier", "DOSSIER: 123456"),
    ("12 bis rue de la Paix", "adresse", "12 bis rue de la Paix"),
    ("12 bis rue de la Paix, 75002 Paris", "adresse", "12 bis rue de la Paix, 75002 Paris"),
    ("3, avenue des lilas", "adresse", "3, avenue des lilas"),
    ("5 place de la République", "adresse", "5 place de la République"),
    ("27 bd Voltaire 75011 Paris", "adresse", "27 bd Voltaire 75011 Paris"),
    ("8 allée des Acacias", "adresse", "8 allée des Acacias"),
    ("44 quai de l’Ourcq", "adresse", "44 quai de l’Ourcq"),
    ("1 impasse du moulin", "adresse", "1 impasse du moulin"),
    ("14B chemin des Vignes", "adresse", "14B chemin des Vignes"),
    ("7 résidence Les Ormes", "adresse", "7 résidence Les Ormes"),
    ("noor@exemple.fr", "adresse électronique", "noor@exemple.fr"),
    ("rappeler au 06 39 98 12 34", "numéro de téléphone", "06 39 98 12 34"),
    ("NIR 1 84 03 75 123 456 12", "numéro de sécurité sociale", "1 84 03 75 123 456 12"),
]

SILENT = [
    "Monsieur le directeur a appelé",
    "Monsieur le Directeur a appelé",
    "Madame la Préfète demande un point",
    "Madame, bonjour",
    "Madame, Monsieur, bonjour",
    "Madame Monsieur bonjour",
    "Bonjour Madame",
    "bonjour monsieur, je transmets",
    "Madame est enceinte et sans solution",
    "Monsieur est hébergé en CHRS",
    "Madame a perdu son mot de passe",
    "MONSIEUR EST HÉBERGÉ DEPUIS HIER",
    "monsieur n’a pas de compte",
    "Madame n'arrive pas à se connecter",
    "monsieur refuse l’orientation",
    "madame attend un retour",
    "madame accepte la proposition",
    "Monsieur X ne trouve plus la fiche de Madame Y",
    "Mme D. demande une fusion",
    "Monsieur du SIAO m’a répondu",
    "Madame du CHRS rappellera",
    "Monsieur de Paris a rappelé",
    "Madame de la Croix-Rouge",
    "Mme la cheffe de service",
    "monsieur toujours en attente",
    "ce monsieur aussi",
    "une dame et un monsieur",
    "Monsieur et Madame ont une seule fiche",
    "Ménage composé de Monsieur, Madame et deux enfants",
    "Demande du 12/03/2026",
    "Appel du 24/11/2026 à 11 h 00, département 75.",
    "demande créée le 12 mars 2026",
    "orientation du 12/03/1984 au 13/03/1984",
    "Le champ date de naissance est obligatoire",
    "erreur sur la date de naissance, message 4",
    "le dossier ne s’ouvre pas",
    "2 dossiers en double",
    "dossier 12",
    "demande n° 12 au niveau 2",
    "demande 2026",
    "la personne 2 du ménage",
    "un ménage de 5 personnes",
    "demande de 240000 euros",
    "ticket 998877 ouvert",
    "rue",
    "personnes à la rue depuis 3 jours",
    "2 rue",
    "il dort dans la rue",
    "12 places disponibles",
    "1 place en CHRS",
    "3 place disponible",
    "2 cours de formation",
    "durée 240 s, 12 places, 75001 Paris",
    "75001 Paris",
    "version 2.14.3 du navigateur",
    "Chrome 128.0.6613.120",
    "ouvert de 9 h 00 à 12 h 30",
    "rappel prévu le 25/11 à 14:30",
    "erreur 500 à 10:42:07",
    "M2 Paris, palier 2",
    "5 m de câble",
    "la mise en production du 12/03/2026",
    "n'arrive pas à valider 15 demandes",
    "SIAO du 93 injoignable",
    "le bouton est né d’une demande des référents",
    "né à l’étranger : le champ refuse le pays",
    "Numéro de ménage absent de l’extraction",
    "extraction de 12345 lignes",
    "3 min 20 d’attente, puis coupé",
]


@pytest.mark.parametrize(("text", "kind", "piece"), FOUND)
def test_it_is_pointed_at(text: str, kind: str, piece: str) -> None:
    assert [(found.kind, found.text) for found in personal_data(text)] == [(kind, piece)]


@pytest.mark.parametrize("text", SILENT)
def test_an_ordinary_sentence_is_left_in_peace(text: str) -> None:
    assert personal_data(text) == []


@pytest.mark.parametrize("name", ["reponses.csv", "nomenclature.csv", "nomenclature_variantes.csv"])
def test_no_delivered_text_is_an_alarm(name: str) -> None:
    path = Path(__file__).parents[2] / "support" / "data" / name
    for row in csv.reader(path.read_text(encoding="utf-8").splitlines()):
        for cell in row:
            assert personal_data(cell) == []


def test_one_sentence_names_every_piece_in_the_order_of_the_text() -> None:
    assert doubt_about("Mme Dupont, née en 1990, 12 rue des lilas") == (
        "Donnée personnelle ? nom « Mme Dupont », date de naissance « née en 1990 », adresse « 12 rue des lilas ». "
        "Retirez-la, ou confirmez que vous la gardez."
    )
    assert doubt_about("rien de tel") == ""


@pytest.mark.parametrize("piece", ["a", "a-", "1", "+33", "a@b-", "a@b.c ", "M. Ab ", "A-", "12 rue Ab-"])
def test_a_long_hostile_text_is_read_in_one_pass(piece: str) -> None:
    """Read again from each of its characters, the text of a form would hold the desk up for minutes."""
    assert len(personal_data(piece * (50_000 // len(piece)))) <= 50_000 // len(piece)
    assert len(doubt_about(piece * 1_000_000)) < 1_000_000


def test_ordinary_pieces_repeated_are_read_in_one_pass() -> None:
    for piece in ("Madame ", "n° de ménage ", "né le ", "12 rue ", "1 ", "’", "dossier:", "1 janv"):
        personal_data(piece * (4000 // len(piece)))


def test_the_number_of_our_own_line_is_nobodys() -> None:
    for number in ("0 806 000 156", "0 806 000 156", "0806000156", "+33 806 000 156"):
        assert personal_data(f"Rappelez l'assistance au {number} (service gratuit).") == []
    assert personal_data("Rappelez le 0 806 000 157.")
