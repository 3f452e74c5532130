"""What the fields of the forms are called on their pages: a refused form shows people's words, never our names."""

from __future__ import annotations

from collections.abc import Iterable

LABELS = {
    "a_envoyer": "À copier ou à envoyer",
    "a_lire": "À lire à voix haute",
    "au": "Au",
    "comment": "Commentaire",
    "commentaire": "Commentaire",
    "correction": "Correction proposée",
    "date": "Date",
    "departement": "Département",
    "departements": "Département",
    "description": "Description",
    "du": "Du",
    "duree": "Durée",
    "email": "Adresse électronique",
    "heure": "Heure",
    "mois": "Mois",
    "motif": "Motif",
    "niveau": "Niveau",
    "nom": "Prénom et nom",
    "note": "Note",
    "numero": "Numéro de téléphone",
    "objet": "Objet",
    "q": "Recherche",
    "region": "Région",
    "reponse": "Adresse pour la réponse",
    "sous_motif": "Sous-motif",
    "statut": "Statut",
    "suivis": "Sous-motifs suivis",
    "texte": "Texte",
    "thematique": "Thématique",
}
"""Field → label as people saw it, for every form in which somebody writes."""

TECHNICAL = frozenset(
    {
        "alerte", "audio", "cas", "choisir", "classeur", "cle", "comptes", "confirme", "confirmed", "contenu",
        "csrf_token",
        "duree_confirmee", "empreinte", "faire", "fichier", "ignorer", "issue", "periode", "poste", "qui", "raison",
        "retour",
        "role", "sans_numero", "suite", "suppleant", "valide", "vers", "version",
    }
)  # fmt: skip
"""Fields in which nobody writes: what a page carries for itself, boxes, files, and choices whose value is a code."""

ELSE = "Autre champ"
MOST = 40


def shown_fields(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a person wrote in a form, under the labels of its page; nothing written is left out."""
    written = [(LABELS.get(name, ELSE), text) for name, text in fields if name not in TECHNICAL and text.strip()]
    return written[:MOST]
