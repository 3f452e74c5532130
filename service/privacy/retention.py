"""The table of retention: each thing that is kept of a person, why, how long, what becomes of it, and who does that.

The nightly job, its dry run, its report, the page of personal data and the processing register all read this table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from service.settings import Settings

YEAR = 365
NIGHTLY = "conservation"
"""The job that carries out the lines that no other job does."""
ERASED_FILE = "effacements.txt"
"""Where each machine keeps, under VAR_DIR, the fingerprints of what was erased."""


class Activity(StrEnum):
    """The processing activities of the register (GDPR, article 30), in French."""

    TELEPHONE = "Assistance téléphonique : acheminer, rappeler, qualifier les appels"
    WRITTEN = "Demandes écrites : les recevoir, y répondre"
    ACCESS = "Comptes des référents et contrôle des accès"
    KNOWLEDGE = "Base de connaissances et lettre d’information"
    MEASURE = "Mesure du service : enquête, tableaux, alarmes"


@dataclass(frozen=True, slots=True)
class KeptData:
    """One line. `days` is how long, by setting or fixed; `lasting` says it in words where days do not.

    `since` says from when the days are counted; `job` is the name of the scheduled job that carries it out.
    """

    key: str
    activity: Activity
    data: str
    purpose: str
    days: Callable[[Settings], int] | None
    since: str
    then: str
    setting: str = ""
    job: str = NIGHTLY
    lasting: str = ""
    files: tuple[str, ...] = ()
    """Files and folders of VAR_DIR in which it stands, beside its columns (`records.privacy.columns`)."""

    def period(self, settings: Settings) -> str:
        """How long, in French: « 12 mois après l’appel »."""
        if self.days is None:
            return self.lasting
        since = f" {self.since}" if self.since else ""
        return f"{in_words(self.days(settings))}{since}{self.lasting and f' ; {self.lasting}'}"


def in_words(days: int) -> str:
    """« 24 mois » for whole years, else « 90 jours »."""
    if days % YEAR == 0:
        return f"{days // YEAR * 12} mois"
    return f"{days} jour{'s' if days > 1 else ''}"


def _fixed(days: int) -> Callable[[Settings], int]:
    return lambda _: days


_A = Activity
RETENTION: tuple[KeptData, ...] = (
    KeptData(
        "numbers", _A.TELEPHONE, "Numéro de l’appelant, numéro à rappeler",
        "Rappeler, reconnaître un appel répété", lambda s: s.number_days, "après l’appel",
        "Remplacé par une empreinte, qui ne se lit pas sans la clé du service", "NUMBER_DAYS",
    ),
    KeptData(
        "speech", _A.TELEPHONE, "Ce que l’appelant a dit au serveur vocal ou tapé sur son clavier",
        "Comprendre pourquoi un appel a mal tourné", lambda s: s.speech_days, "après l’appel",
        "Effacé", "SPEECH_DAYS",
    ),
    KeptData(
        "comments", _A.TELEPHONE, "Commentaire libre d’un appel", "Suivre une demande",
        lambda s: s.comment_days, "après l’appel", "Effacé", "COMMENT_DAYS",
    ),
    KeptData(
        "calls", _A.TELEPHONE, "Date, durée, département, issue, motif d’un appel, qui l’a pris et qualifié",
        "Suivre les demandes, mesurer le service", lambda s: s.call_days, "après l’appel",
        "Reste ce que comptent les chiffres : ni personne, ni empreinte, ni déroulement", "CALL_DAYS",
    ),
    KeptData(
        "messages", _A.TELEPHONE, "Message vocal laissé par l’appelant", "Le rappeler",
        lambda s: s.message_days, "au plus", "Effacé, ici et chez l’opérateur", "MESSAGE_DAYS",
        job="effacement des messages", files=("voicemail",),
    ),
    KeptData(
        "memory", _A.TELEPHONE, "Département reconnu pour un numéro, appels rapprochés d’un même numéro",
        "Proposer le bon département à l’appel suivant, protéger la ligne", lambda s: s.memory_days,
        "sous forme d’empreinte", "Oublié", "MEMORY_DAYS", job="mémoire des appelants", files=("memory",),
    ),
    KeptData(
        "hunts", _A.TELEPHONE, "Téléphones qui sonnent pour un appel en cours, sans numéro",
        "Ne pas faire sonner deux fois", _fixed(1), "", "Effacé", job="greffier", files=("hunts",),
    ),
    KeptData(
        "journal", _A.TELEPHONE, "Journal local des appels, avant et après son entrée dans la base",
        "Ne perdre aucun appel quand la base est arrêtée", _fixed(7), "", "Les fichiers sont effacés",
        job="greffier", files=("journal",),
    ),
    KeptData(
        "recipients", _A.TELEPHONE, "Adresse à laquelle une réponse type a été envoyée",
        "Savoir si elle est partie, ne pas l’envoyer deux fois", _fixed(90), "après l’envoi",
        "L’envoi reste compté, sans elle", job="effacement des destinataires",
    ),
    KeptData(
        "erased", _A.TELEPHONE,
        "Empreinte d’un numéro effacé à la demande de la personne, dans la base et dans le fichier effacements.txt de "
        "chaque machine",
        "Qu’un ancien fichier ne le ramène pas", lambda s: s.call_days, "après l’effacement",
        "Effacée de la base et du fichier", "CALL_DAYS", files=(ERASED_FILE,),
    ),
    KeptData(
        "requests", _A.WRITTEN,
        "Demande, au téléphone ou par le formulaire, et son historique : nom, prénom, adresse électronique, textes, "
        "fichiers joints, liens, invitations",
        "La traiter et y répondre, savoir qui a fait quoi", lambda s: s.request_days, "après sa clôture",
        "Restent, pour les chiffres, ses dates, ses étapes, son motif, son département, le profil et la note de qui "
        "l’a posée, le numéro de ses tickets", "REQUEST_DAYS", files=("pieces",),
    ),
    KeptData(
        "forms", _A.WRITTEN, "Formulaire dont l’adresse n’est pas encore confirmée, et ses fichiers",
        "Attendre la preuve de l’adresse", _fixed(2), "sans être lu", "Effacé", job="effacement des formulaires",
        lasting="3 jours pour un fichier d’un formulaire qui n’a pas été envoyé",
    ),
    KeptData(
        "attempts", _A.WRITTEN,
        "Empreintes de l’adresse électronique et de l’adresse réseau qui envoient le formulaire ou demandent un lien",
        "Limiter les abus", _fixed(1), "", "Effacées",
    ),
    KeptData(
        "read_mails", _A.WRITTEN, "Qu’un courriel a été lu dans la boîte de l’assistance, sans adresse",
        "Ne pas l’ajouter deux fois", _fixed(400), "", "Effacé ; l’original reste dans la boîte de l’assistance",
        job="oubli des courriels lus",
    ),
    KeptData(
        "inbound", _A.WRITTEN, "Adresse à laquelle nous avons écrit qu’un courriel n’a pas été ajouté",
        "Ne pas l’écrire deux fois", _fixed(30), "",
        "Effacée, avec son empreinte", job="oubli des courriels lus",
    ),
    KeptData(
        "accounts", _A.ACCESS,
        "Compte d’un référent ou de l’équipe nationale : nom, adresse, identité ProConnect, double facteur",
        "Ouvrir l’espace, savoir qui a fait quoi", lambda s: s.account_days, "après sa fermeture",
        "Le nom est effacé de ce que le compte a fait, l’adresse de tous les textes non publiés ; le journal des "
        "accès, les appels, les annuaires, les courriels partis et un abonnement les gardent jusqu’à leur propre terme",
        "ACCOUNT_DAYS",
    ),
    KeptData(
        "sessions", _A.ACCESS,
        "Sessions et liens de connexion, sous forme d’empreinte ; preuve de connexion donnée par ProConnect",
        "Ouvrir l’espace",
        _fixed(90), "", "Effacés",
    ),
    KeptData(
        "kept_forms", _A.ACCESS, "Ce qui était tapé quand une session s’est fermée", "Le rendre à son auteur",
        _fixed(1), "", "Effacé",
    ),
    KeptData(
        "audit", _A.ACCESS,
        "Journal des accès (numéro affiché, message écouté, connexions, effacements) : adresse de qui a agi, sur quoi",
        "Contrôle interne", lambda s: s.audit_days, "", "Effacé ; rien n’y est changé avant, même pour un compte fermé",
        "AUDIT_DAYS",
    ),
    KeptData(
        "directories", _A.ACCESS, "Annuaire des référents : nom, téléphone, adresse, absences",
        "Savoir qui répond", lambda s: s.call_days, "après avoir été remplacé",
        "Effacé ; l’annuaire en service reste", "CALL_DAYS",
        files=("snapshot.json", "snapshots", "secours"),
    ),
    KeptData(
        "subscribers", _A.KNOWLEDGE, "Adresse d’un abonné de la lettre, date et texte de son accord",
        "Lui envoyer la lettre, prouver son accord", _fixed(365), "après la fin de l’abonnement",
        "Effacés", job="effacement des abonnés partis", lasting="30 jours si l’adresse n’est pas confirmée",
    ),
    KeptData(
        "voices", _A.KNOWLEDGE, "Adresse donnée avec un signalement sur un article",
        "Répondre quand le signalement est traité", None, "", "Effacée", job="courriels des articles",
        lasting="Jusqu’à la réponse",
    ),
    KeptData(
        "written", _A.KNOWLEDGE,
        "Textes de signalements, de propositions, de l’enquête mensuelle ; nom d’un fichier importé",
        "Y répondre, expliquer un chiffre", lambda s: s.call_days, "après leur traitement", "Effacés", "CALL_DAYS",
    ),
    KeptData(
        "published", _A.KNOWLEDGE, "Réponses types, annonces, messages d’absence, lettres publiées, nomenclature",
        "Informer ; ils ne nomment personne", None, "", "—", job="", lasting="Tant qu’ils servent",
        files=("audio",),
    ),
    KeptData(
        "mails", _A.MEASURE, "Courriels partis : à qui, quand, ce qui a échoué",
        "Savoir s’ils sont partis, ne pas les envoyer deux fois", lambda s: s.trace_days, "",
        "Reste qu’un courriel est parti, sans adresse, ni empreinte d’adresse, ni texte", "TRACE_DAYS",
    ),
    KeptData(
        "traces", _A.MEASURE, "Alarmes de la ligne (téléphones de référents), lignes que le service n’a pas su lire",
        "Réparer", lambda s: s.trace_days, "", "Effacées", "TRACE_DAYS", files=("state",),
    ),
    KeptData(
        "workbooks", _A.MEASURE, "Classeur préparé à la demande, qui l’a demandé, pour quoi", "Le télécharger",
        _fixed(3), "", "Effacé", job="ménage des travaux lourds", files=("classeurs",),
        lasting="1 jour pour un fichier envoyé, qui attend dans la base d’être lu",
    ),
    KeptData(
        "avoided", _A.MEASURE, "Demande évitée : motif, profil, département", "Mesurer si les réponses servent",
        None, "", "—", job="", lasting="Sans limite : rien sur la personne",
    ),
    KeptData(
        "cookies", _A.ACCESS,
        "Cookies du navigateur : la session et ce qu’on y cherche, un ordinateur dit sien, une adresse confirmée",
        "Ouvrir l’espace, ne pas redemander", None, "", "Effacés par le navigateur", job="",
        lasting="La session ; à la demande, 180 jours pour un ordinateur, 30 jours pour une adresse",
    ),
    KeptData(
        "leftovers", _A.TELEPHONE, "Ce qui était là avant une restauration, ou le journal d’une base remplacée",
        "Revenir en arrière", _fixed(7), "", "Effacé", job="restes d’une restauration",
        files=("avant-restauration-", "svi.sqlite-wal.replaced"),
    ),
    KeptData(
        "logs", _A.MEASURE, "Journaux techniques du service et du relais : numéros d’ordre, adresses réseau, erreurs",
        "Réparer, retrouver une attaque", None, "", "Effacés par la machine", job="",
        lasting="De six mois à un an, par réglage de la machine (journald, logrotate)",
    ),
    KeptData(
        "backups", _A.TELEPHONE, "Sauvegardes : tout ce qui est gardé ici, à leur date", "Reprendre après un sinistre",
        None, "", "Détruites ; remise en service, une sauvegarde perd de nouveau ce qui a été effacé", job="",
        lasting="La durée que fixe le responsable de traitement",
    ),
    KeptData(
        "operator", _A.TELEPHONE, "Relevé des appels chez l’opérateur téléphonique : numéros, dates, durées",
        "Acheminer les appels, en retrouver un", None, "", "Effacé par l’opérateur", job="",
        lasting="La durée que fixe son contrat",
    ),
)  # fmt: skip

FILES_OF_NOBODY = ("secret_key", "demo_token", "metrics", "courriels")
"""What stands under VAR_DIR and says nothing of anybody: secrets, counts, the mails of a demonstration."""


def line_of(key: str) -> KeptData:
    """The line of this key; KeyError for another."""
    found = next((one for one in RETENTION if one.key == key), None)
    if found is None:
        raise KeyError(key)
    return found
