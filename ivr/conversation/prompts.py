"""Every sentence that somebody hears on the line, in French.

Rules: purpose first, key last; one idea a sentence; at most four choices; vouvoiement; dates in words. A `{name}` is
filled by `line`, which refuses a missing or an unknown one. Wording after docs/france.md#voice-script.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from types import MappingProxyType

from ivr.conversation.instructions import Line
from routing.departements import Departement
from routing.directory.reading import NATIONAL

PROMPTS = MappingProxyType(
    {
        "ACCUEIL": "Bonjour, et bienvenue à l'assistance téléphonique du SI SIAO. Cette ligne est réservée aux "
        "professionnels. Si vous cherchez un hébergement d'urgence, raccrochez et composez le 115.",
        "INFO_DONNEES": "Votre conversation n'est pas enregistrée. Votre numéro, la date, la durée et le motif de "
        "l'appel sont conservés pour le suivi de l'assistance.",
        "DEPARTEMENT": "Pour joindre le référent de votre département, tapez son numéro : deux chiffres pour "
        "l'Hexagone, trois chiffres pour l'outre-mer. Pour la Corse, tapez 20. Pour joindre l'équipe nationale, tapez "
        "étoile.",
        "DEPARTEMENT_VOIX": "Pour joindre le référent de votre département, dites ou tapez son numéro : deux chiffres "
        "pour l'Hexagone, trois chiffres pour l'outre-mer. Pour la Corse, tapez 20. Pour joindre l'équipe nationale, "
        "tapez étoile.",
        "DEPARTEMENT_COURT": "Pour joindre votre référent, tapez le numéro de votre département.",
        "DEPARTEMENT_COURT_VOIX": "Pour joindre votre référent, dites ou tapez le numéro de votre département.",
        "OFFRE": "Vous appelez pour {le_departement} ? Oui, tapez 1 ; non, tapez 2 ou votre département.",
        "SILENCE_1": "Je n'ai pas reçu votre réponse.",
        "SILENCE_2": "Je n'ai toujours pas reçu de réponse. Tapez les deux chiffres de votre département sur le "
        "clavier de votre téléphone, ou les trois chiffres pour l'outre-mer. Pour joindre l'équipe nationale, tapez "
        "étoile.",
        "NON_COMPRIS": "Je n'ai pas compris. Dites le nom ou le numéro du département, ou tapez-le sur votre clavier.",
        "INVALIDE": "Le numéro {saisie} ne correspond à aucun département. Veuillez recommencer.",
        "INCOMPLET_97": "Pour l'outre-mer, tapez le troisième chiffre. Par exemple, pour La Réunion, tapez 4.",
        "CORSE": "Pour la Corse-du-Sud, tapez 1. Pour la Haute-Corse, tapez 2.",
        "CONFIRME_EXPLICITE": "J'ai compris : département {numero}, {nom}. Si c'est exact, dites oui ou tapez 1. "
        "Sinon, dites non ou tapez 2.",
        "AMBIGU": "Plusieurs départements correspondent.",
        "AMBIGU_CHOIX": "Pour {nom}, tapez {touche}.",
        "AMBIGU_AUTRE": "Pour un autre département, tapez étoile.",
        "NOM": "{nom}.",
        "SONNE": "Ça sonne. Pour changer, étoile.",
        "SANS_REFERENT": "Aucun référent n'est joignable. Nous appelons l'équipe nationale.",
        "CHANGER": "Pour changer, étoile.",
        "RAPPEL_115": "Si vous cherchez un hébergement d'urgence, raccrochez et composez le 115.",
        "ECHEC": "Nous n'avons pas pu identifier votre département. Nous appelons l'équipe nationale.",
        "NATIONAL": "Nous appelons l'équipe nationale.",
        "DEBORDEMENT": "Nous appelons {desk}.",
        "ATTENTE": "Nous recherchons votre référent. Merci de rester en ligne.",
        "CHUCHOTEMENT": "Assistance SI SIAO. Appel du département {numero}. Pour prendre l'appel, tapez 1.",
        "CHUCHOTEMENT_NATIONAL": "Assistance SI SIAO. Appel pour l'équipe nationale. Pour prendre l'appel, tapez 1.",
        "CHUCHOTEMENT_RAPPEL": "Pour prendre l'appel, tapez 1.",
        "ABSENCE_NO_ANSWER": "Votre référent n'a pas pu répondre.",
        "ABSENCE_BUSY": "Votre référent est déjà en ligne.",
        "ABSENCE_REFUSED": "Votre référent n'est pas disponible pour le moment.",
        "ABSENCE_FAILED": "Nous ne parvenons pas à joindre votre référent.",
        "ABSENCE_CLOSED": "L'assistance de votre département est fermée.",
        "ABSENCE_HOLIDAY": "L'assistance de votre département est fermée en ce jour férié.",
        "ABSENCE_AWAY": "Votre référent est absent.",
        "ABSENCE_NO_REFERENT": "Aucun référent n'est joignable pour le moment.",
        "ABSENCE_NATIONAL": "L'équipe nationale n'a pas pu répondre.",
        "ABSENCE_NATIONAL_FERMEE": "L'équipe nationale n'est pas joignable pour le moment.",
        "ABSENCE_REPETEE": "Vous avez déjà appelé plusieurs fois. Votre demande sera traitée plus vite par un message.",
        "ABSENCE_AFFLUENCE": "Beaucoup d'appels arrivent en ce moment. Votre demande sera traitée plus vite par un "
        "message.",
        "ROUVRE": "Elle rouvre {moment}, heure locale.",
        "RETOUR": "Votre référent sera de retour {moment}, heure locale.",
        "ABSENCE_MENU": "Pour laisser un message, tapez 1. Pour être rappelé, tapez 2.",
        "ABSENCE_DEBORDEMENT": "Pour joindre {desk}, tapez 3.",
        "MESSAGERIE": "Après le signal sonore, indiquez votre nom, votre structure, votre numéro de téléphone et "
        "l'objet de votre demande. Ne citez aucune personne accompagnée et ne donnez aucune information de santé. "
        "Pour terminer, tapez dièse.",
        "MESSAGE_FIN": "Votre message est enregistré. Il sera écouté par l'équipe d'assistance, puis effacé au plus "
        "tard dans trente jours.",
        "MESSAGE_VIDE": "Nous n'avons rien entendu. Votre message n'a pas été enregistré.",
        "RAPPEL_LIRE": "Nous vous rappellerons au {numero}. Si c'est exact, tapez 1. Pour un autre numéro, tapez 2.",
        "RAPPEL_CONFIRMER": "Si ce numéro est exact, tapez 1. Pour un autre numéro, tapez 2.",
        "RAPPEL_SAISIR": "Pour être rappelé, tapez votre numéro de téléphone à dix chiffres, puis dièse.",
        "RAPPEL_AUTRE": "Nous ne pouvons pas rappeler le numéro d'où vous appelez.",
        "RAPPEL_REFUSE": "Nous ne pouvons pas rappeler ce numéro.",
        "RAPPEL_IMPOSSIBLE": "Nous n'avons pas pu noter votre numéro.",
        "RAPPEL_NOTE": "C'est noté. Vous serez rappelé à ce numéro.",
        "FORMULAIRE": "À tout moment, vous pouvez déposer une demande par le formulaire d'assistance, sur la base de "
        "connaissances du SI SIAO.",
        "MERCI": "Merci de votre appel. À bientôt.",
        "BOUCLE": "Cet appel nous est renvoyé par une ligne de l'assistance. Pour éviter qu'il ne tourne en boucle, "
        "nous ne pouvons pas le transférer. Composez directement le 0 806 000 156. Au revoir.",
        "TROP_LONG": "Nous n'avons pas pu traiter votre demande. Merci de rappeler, ou de déposer une demande par le "
        "formulaire d'assistance. Au revoir.",
        "PANNE": "Un incident technique nous empêche de traiter votre appel comme prévu. Nous vous mettons en relation "
        "avec l'équipe nationale.",
        "PANNE_REFERENT": "Assistance SI SIAO. Un incident technique nous empêche d'annoncer cet appel. L'appelant est "
        "en ligne.",
        "PANNE_FIN": "Si personne n'a pu vous répondre, merci de rappeler plus tard le 0 806 000 156, ou de déposer "
        "une demande par le formulaire d'assistance, sur la base de connaissances du SI SIAO. Au revoir.",
    }
)

_PLAIN = {prompt: Line(prompt, text) for prompt, text in PROMPTS.items() if "{" not in text}

READ_BACK = "RAPPEL_LIRE"
"""The one prompt that says somebody's number: its words are kept nowhere."""


def line(prompt: str, **values: str) -> Line:
    """The sentence named `prompt`, filled; KeyError when a value is missing or the prompt unknown."""
    return _PLAIN.get(prompt) or Line(prompt, PROMPTS[prompt].format_map(values))


def fields_of(prompt: str) -> frozenset[str]:
    """The names that a prompt needs."""
    return frozenset(name for _, name, _, _ in Formatter().parse(PROMPTS[prompt]) if name)


_ARTICLES = (("de la ", "la "), ("de l'", "l'"), ("du ", "le "), ("des ", "les "), ("de ", ""), ("d'", ""))


def with_article(departement: Departement) -> str:
    """A département as one speaks of it: « la Seine-Saint-Denis », « l'Ain », « les Landes », « Paris »."""
    of, the = next((of, the) for of, the in _ARTICLES if departement.de.startswith(of))
    return the + departement.de.removeprefix(of)


def name_of_desk(code: str, names: Mapping[str, Departement]) -> str:
    """A desk as it is spoken of: « l'équipe nationale », « le SIAO du Nord »."""
    return "l'équipe nationale" if code == NATIONAL else f"le SIAO {names[code].de}"
