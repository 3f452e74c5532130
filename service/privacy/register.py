"""The processing register (GDPR, article 30), from the table of retention; what the State has to say is marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from service.privacy.retention import RETENTION, Activity, KeptData
from service.settings import Settings

TO_FILL_IN = "[à compléter par le responsable de traitement]"
MISSION = "Mission d’intérêt public (RGPD, article 6, paragraphe 1, e)"
CONSENT = "Consentement (RGPD, article 6, paragraphe 1, a), retiré par le lien de chaque lettre ; mission pour le reste"


@dataclass(frozen=True, slots=True)
class RegisteredActivity:
    """What the register says of one activity, beside its data and periods."""

    activity: Activity
    basis: str
    people: str
    recipients: str


_OUR_RECIPIENTS = "Référents du département concerné, équipe nationale ; administrateurs pour la technique"
REGISTERED = (
    RegisteredActivity(
        Activity.TELEPHONE, MISSION, "Professionnels qui appellent l’assistance",
        f"{_OUR_RECIPIENTS} ; l’opérateur téléphonique, sous-traitant",
    ),
    RegisteredActivity(
        Activity.WRITTEN, MISSION, "Professionnels qui écrivent à l’assistance",
        f"{_OUR_RECIPIENTS} ; le CRM du ministère, si le connecteur est réglé (HUBSPOT_TOKEN)",
    ),
    RegisteredActivity(
        Activity.ACCESS, MISSION, "Référents, suppléants, équipe nationale, administrateurs",
        "Équipe nationale et administrateurs ; ProConnect, si la connexion par lui est réglée",
    ),
    RegisteredActivity(
        Activity.KNOWLEDGE, CONSENT, "Lecteurs qui signalent un article, abonnés de la lettre", "Équipe nationale",
    ),
    RegisteredActivity(
        Activity.MEASURE, MISSION, "Professionnels qui appellent, référents",
        "Équipe nationale, direction de programme ; le public pour des chiffres sans personne (PUBLIC_QUALITY)",
    ),
)  # fmt: skip

SECURITY = (
    "Chaque page est réservée à un compte, et chaque appel au département de son référent (testé adresse par adresse).",
    "Numéros masqués dans les pages et les courriels ; afficher un numéro ou écouter un message laisse une trace.",
    "Journal des accès auquel rien ne se retire avant son terme.",
    "Demandes de l’opérateur téléphonique signées et vérifiées ; formulaires protégés des envois d’autres sites.",
    "Liens de connexion à usage unique et sessions gardés sous forme d’empreinte ; ProConnect possible.",
    "Fichiers et base réservés au compte du service ; messages vocaux effacés ici et chez l’opérateur.",
    "Durées appliquées chaque nuit par le service, avec un compte rendu ; effacement sur demande, partout.",
    "Aucune conversation enregistrée, aucun traceur, aucune mesure d’audience.",
    "Chiffrement des échanges (https) et des disques, sauvegardes et leur durée : " + TO_FILL_IN,
)


def register(settings: Settings) -> dict[str, Any]:
    """The register, ready for JSON."""
    return {
        "controller": {
            "name": f"Direction responsable de l’assistance SI SIAO {TO_FILL_IN}",
            "representative": TO_FILL_IN,
            "data_protection_officer": TO_FILL_IN,
            "contact": settings.contact_email,
        },
        "processors": [
            f"Opérateur téléphonique (messages, appels) : contrat, région {TO_FILL_IN}",
            f"Hébergeur : {TO_FILL_IN}",
        ],
        "transfers": f"Hors de l’Union européenne : {TO_FILL_IN}",
        "activities": [_activity(one, settings) for one in REGISTERED],
        "security": list(SECURITY),
    }


def _activity(one: RegisteredActivity, settings: Settings) -> dict[str, Any]:
    lines = [line for line in RETENTION if line.activity is one.activity]
    return {
        "name": str(one.activity), "legal_basis": one.basis, "people": one.people, "recipients": one.recipients,
        "purposes": sorted({line.purpose for line in lines}),
        "data": [_line(line, settings) for line in lines],
    }  # fmt: skip


def _line(line: KeptData, settings: Settings) -> dict[str, Any]:
    return {
        "data": line.data, "purpose": line.purpose, "period": line.period(settings), "then": line.then,
        "setting": line.setting or None, "carried_out_by": line.job or None,
    }  # fmt: skip


def in_markdown(found: dict[str, Any]) -> Iterator[str]:
    """The same as a document in Markdown."""
    controller = found["controller"]
    yield "# Registre des activités de traitement (RGPD, article 30)"
    yield ""
    yield f"- Responsable de traitement : {controller['name']}"
    yield f"- Représentant : {controller['representative']}"
    yield f"- Délégué à la protection des données : {controller['data_protection_officer']}"
    yield f"- Contact : {controller['contact']}"
    yield from (f"- Sous-traitant : {one}" for one in found["processors"])
    yield f"- Transferts. {found['transfers']}"
    for number, activity in enumerate(found["activities"], start=1):
        yield ""
        yield f"## {number}. {activity['name']}"
        yield ""
        yield f"- Finalités : {' ; '.join(activity['purposes'])}"
        yield f"- Base légale : {activity['legal_basis']}"
        yield f"- Personnes concernées : {activity['people']}"
        yield f"- Destinataires : {activity['recipients']}"
        yield ""
        yield "| Donnée | Combien de temps | Ensuite | Réglage | Appliqué par |"
        yield "|---|---|---|---|---|"
        for line in activity["data"]:
            setting = f"`{line['setting']}`" if line["setting"] else "—"
            by = line["carried_out_by"] or "—"
            yield f"| {line['data']} | {line['period']} | {line['then']} | {setting} | {by} |"
    yield ""
    yield "## Mesures de sécurité"
    yield ""
    yield from (f"- {one}" for one in found["security"])
