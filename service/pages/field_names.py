"""What the fields of the forms are called on their pages: a refused form shows people's words, never our names."""

from __future__ import annotations

from collections.abc import Iterable

LABELS = {
    "a_envoyer": "À copier ou à envoyer",
    "a_lire": "À lire à voix haute",
    "adresse": "Adresse de l’article",
    "ajout": "Ligne à ajouter",
    "au": "Au",
    "au_heure": "Jusqu’à",
    "autre_demande": "Numéro d’une autre demande",
    "code": "Code",
    "comment": "Commentaire",
    "commentaire": "Commentaire",
    "correction": "Correction proposée",
    "date": "Date",
    "departement": "Département",
    "departements": "Département",
    "description": "Description",
    "destinataire": "Adresse électronique de la personne qui a appelé",
    "du": "Du",
    "du_heure": "À partir de",
    "duree": "Durée",
    "email": "Adresse électronique",
    "heure": "Heure",
    "introduction": "Introduction",
    "horaires": "Horaires",
    "jusqu_au": "Mettre de côté jusqu’au",
    "mesure": "Mesure de la carte",
    "minutes": "Durée",
    "mois": "Mois",
    "motif": "Motif",
    "mots": "Mots ou expressions, séparés par des virgules",
    "niveau": "Niveau",
    "nom": "Prénom et nom",
    "note": "Note",
    "nouveau_motif": "Nouveau motif",
    "nouvelle_thematique": "Nouvelle thématique",
    "numero": "Numéro de téléphone",
    "numero_demande": "Numéro de la demande",
    "objet": "Objet",
    "paragraphe": "Paragraphe du département",
    "prenom": "Prénom",
    "profil": "Profil",
    "q": "Recherche",
    "rang": "Rang",
    "resultat": "Réponse",
    "region": "Région",
    "reponse": "Adresse pour la réponse",
    "resume": "Résumé",
    "siao": "SIAO",
    "sous_motif": "Sous-motif",
    "statut": "Statut",
    "sujet": "Sujet du courriel",
    "suivis": "Sous-motifs suivis",
    "telephone": "Téléphone",
    "texte": "Texte",
    "thematique": "Thématique",
    "titre": "Titre",
    "verifie_le": "Vérifié le",
    "words": "Mots et expressions des appelants",
}
"""Field → label as people saw it, for every form in which somebody writes."""

TECHNICAL = frozenset(
    {
        "a", "absence", "accord", "alerte", "ancienne", "appel", "article", "audio", "avis", "base", "bureau",
        "canal", "cas", "choisir", "classeur", "cle", "comptes", "confirme", "confirmed", "confirmer", "contenu",
        "csrf_token", "de", "demande", "duree_confirmee", "emetteur", "empreinte", "etape", "etat", "expediteur",
        "faire", "fermer", "fichier", "fichiers", "filtrage", "garder", "geste", "ignorer", "issue", "ligne", "listes",
        "nature", "periode", "personne", "pivot", "poste", "pourquoi", "profil", "profils", "quand", "qui", "quoi",
        "raison", "referent", "repondre", "repondu", "resolu", "retard", "retenir", "retirer", "retirer_absents",
        "retour", "role", "sans_numero", "site", "site_web", "sous_motifs", "suite", "suppleant", "travail", "valide",
        "vers", "version", "vu",
    }
)  # fmt: skip
"""Fields in which nobody writes: what a page carries for itself, boxes, files, and choices whose value is a code."""

ELSE = "Autre champ"
MOST = 40


def shown_fields(fields: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """What a person wrote in a form, under the labels of its page; nothing written is left out."""
    written = [
        (LABELS.get(name, ELSE), text)
        for name, text in fields
        if name not in TECHNICAL and ":" not in name and text.strip()  # « choix:Mai:12 » is a choice, by its line
    ]
    return written[:MOST]
