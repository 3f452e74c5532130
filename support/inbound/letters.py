"""What whoever wrote is told when his mail was not added to a request: why, and how to write so that it arrives."""

from __future__ import annotations

from hashlib import sha256

from records.mail import SIGNATURE, Mail
from support.inbound.deciding import Pointed

SUBJECT = "[SI SIAO] Votre courriel n’a pas été ajouté à une demande"


def write_pointer(told: Pointed, to: str, number: int | None, site: str, week: str) -> Mail:
    """The mail; one for each reason, address and `week` (« 2026-W48 »): its key says so."""
    name = sha256(to.casefold().encode()).hexdigest()[:16]
    text = f"Bonjour,\n\n{_said(told, number, site)}{SIGNATURE}"
    return Mail(to, SUBJECT, text, key=f"inbound:{told}:{week}:{name}")


def _said(told: Pointed, number: int | None, site: str) -> str:
    again = f"Pour écrire à l’assistance :\n{site}/demande"
    match told:
        case Pointed.LATE:
            return (
                f"La demande n° {number} est close depuis plus de quinze jours : votre courriel n’y a pas été ajouté."
                f"\n\n{again}"
            )
        case Pointed.MERGED:
            return (
                f"La demande n° {number} a été réunie avec une autre, qui porte sur le même sujet : votre courriel "
                f"n’y a pas été ajouté.\n\n{again}"
            )
        case Pointed.DESK:
            return (
                f"Votre courriel n’a pas été transmis : on répond à la demande n° {number} sur sa page, une fois "
                f"connecté.\n{site}/demandes/{number}"
            )
        case Pointed.NEW:
            return (
                "Votre courriel ne répond à aucune demande que vous avez posée : il n’a pas été transmis. Cette boîte "
                "ne lit que les réponses, envoyées depuis l’adresse qui a posé la demande.\n\n"
                f"{again}\n\nVous pouvez aussi suivre une demande par le lien reçu quand elle a été enregistrée."
            )
