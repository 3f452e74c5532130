"""The letters of the desk: the one-time link, and the welcome that tells a new référent where to begin.

Both carry a link that opens an account once, for minutes or, with the welcome, for days; it is made when the letter
leaves (`posting.py`).
"""

from __future__ import annotations

from records.desks.accounts import WELCOME_LIVES, Account
from records.mail import SIGNATURE, Mail
from routing.departements import departements
from routing.phones import show_phone
from service.accounts.powers import NeededToEnter, needed_to_enter
from service.mail import MailFailed
from service.settings import Settings


def link_letter(account: Account, link: str) -> Mail:
    """The one-time link."""
    return Mail(
        account.email,
        "Votre lien de connexion à l'assistance SI SIAO",
        f"Bonjour{_name(account)},\n\n"
        f"Voici votre lien de connexion. Il sert une fois, pendant 15 minutes :\n\n{link}\n\n"
        "Si vous ne l'avez pas demandé, ne faites rien : sans vous, il n'ouvre rien." + SIGNATURE,
    )


def welcome_letter(account: Account, link: str, settings: Settings) -> Mail:
    """The first letter of an account: what the desk is for, how to begin, where to learn."""
    where = ", ".join(_names(account)) or "toute la France"
    return Mail(
        account.email,
        "Bienvenue : votre espace d'assistance téléphonique SI SIAO est ouvert",
        f"Bonjour{_name(account)},\n\n"
        f"Votre espace d'assistance téléphonique est ouvert pour : {where}.\n"
        "Les professionnels qui composent le 0 806 000 156 et choisissent votre département vous sont passés ; "
        "votre espace garde la trace de chaque appel pour que vous n'ayez rien à recopier.\n\n"
        f"{_how_to_enter(account, link, settings)}\n"
        "2. Enregistrez dans votre téléphone le numéro qui s'affichera à chaque appel : "
        f"{show_phone(settings.caller_id)}. Quand il sonne, décrochez et tapez 1 pour prendre l'appel.\n\n"
        "3. Après l'appel, ouvrez « À faire » : l'appel y est déjà. Cherchez le motif avec les mots de l'appelant, "
        "choisissez le statut, puis « Enregistrer et suivant ». La réponse type du sous-motif s'affiche, à lire ou à "
        "envoyer. Un appel « Escaladé » ouvre une demande à l'équipe nationale, qui vous répond.\n\n"
        "4. Vous partez en congé ? Déclarez votre absence dans « Absence » : votre suppléant sonnera à votre place.\n"
        + _learning(settings)
        + "\nN'écrivez jamais le nom d'une personne accompagnée dans un commentaire ; un numéro de dossier "
        "seulement s'il le faut." + SIGNATURE,
    )


def _how_to_enter(account: Account, link: str, settings: Settings) -> str:
    needed = needed_to_enter(settings, account)
    if needed is NeededToEnter.PROCONNECT:
        return f"1. Connectez-vous avec ProConnect, sous cette adresse électronique :\n{link}\n"
    code = (
        "   Un code vous sera ensuite demandé : la page explique comment installer l'application qui le donne.\n"
        if needed is NeededToEnter.CODE
        else ""
    )
    return (
        f"1. Connectez-vous avec ce lien, il sert une fois, pendant {WELCOME_LIVES.days} jours :\n{link}\n"
        f"{code}   Trop tard ? La page du lien vous en propose un nouveau.\n"
        f"   Plus tard, demandez-en un autre, avec cette adresse électronique : {settings.public_url}/connexion\n"
    )


def _learning(settings: Settings) -> str:
    links = (
        ("Tutoriels vidéo", settings.videos_url),
        ("Espace de formation", settings.training_url),
        ("Base de connaissances", settings.knowledge_url),
    )
    lines = [f"   - {label} : {address}" for label, address in links if address]
    return "\n5. Pour apprendre et vous entraîner :\n" + "\n".join(lines) + "\n" if lines else ""


def _name(account: Account) -> str:
    return f" {account.name}" if account.name else ""


def _names(account: Account) -> list[str]:
    known = departements()
    return [f"{known[code].name} ({code})" if code in known else code for code in account.departements]


class NoMail:
    """Stands where MAIL_URL is not set: nothing leaves, and the log says so."""

    def send(self, mail: Mail) -> None:
        """Refuses."""
        raise MailFailed(f"MAIL_URL manque : « {mail.subject} » n’est pas parti.")
