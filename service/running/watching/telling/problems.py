"""What is wrong, judged from one look: a French sentence that says it, and one that says what to do. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from records.counting.words import counted
from routing.calendar.words import write_moment
from routing.departements import PARIS
from service.running.watching.health import State
from service.running.watching.telling.sight import Sight


class Ailment(StrEnum):
    """What can be wrong."""

    DOOR = "door"
    DIRECTORY = "directory"
    CLOCK = "clock"
    CLERK = "clerk"
    DATABASE = "database"
    DATABASE_REPLACED = "database_replaced"
    DATABASE_NEWER = "database_newer"
    WORKER = "worker"
    JOB_LATE = "job_late"
    JOB_FAILING = "job_failing"
    JOURNAL = "journal"
    JOURNAL_LOSSES = "journal_losses"
    RECONCILIATION = "reconciliation"
    OPERATOR = "operator"
    MAIL = "mail"
    CERTIFICATE = "certificate"
    DISK = "disk"
    BACKUP = "backup"


TITLES: Mapping[str, str] = {
    Ailment.DOOR: "Le service ne répond pas",
    Ailment.DIRECTORY: "Aucun annuaire n’est en service",
    Ailment.CLOCK: "L’horloge de la machine a reculé",
    Ailment.CLERK: "Les appels n’entrent plus en base",
    Ailment.DATABASE: "La base de données ne répond pas",
    Ailment.DATABASE_REPLACED: "La base de données a été remplacée",
    Ailment.DATABASE_NEWER: "La base de données est d’une version plus récente",
    Ailment.WORKER: "Les travaux sont arrêtés",
    Ailment.JOB_LATE: "Un travail est en retard",
    Ailment.JOB_FAILING: "Un travail échoue",
    Ailment.JOURNAL: "Le journal des appels s’accumule",
    Ailment.JOURNAL_LOSSES: "Le journal des appels a été abîmé",
    Ailment.RECONCILIATION: "Des appels manquaient",
    Ailment.OPERATOR: "L’opérateur ne répond pas",
    Ailment.MAIL: "Des courriels ne partent pas",
    Ailment.CERTIFICATE: "Le certificat de l’adresse publique",
    Ailment.DISK: "Le disque est presque plein",
    Ailment.BACKUP: "La sauvegarde manque ou est ancienne",
    "number": "Un téléphone est injoignable",
    "legs": "La moitié des appels vers les référents échouent",
    "silence": "Aucun appel depuis une heure",
}
"""By kind, those of the line too (`reports.alarm`), the title of its mails and of its line on the page."""

MINUTE = timedelta(minutes=1)
CERTIFICATE_DAYS = 20
SLOW = 10.0
"""Seconds; at 15 the operator gives up."""

HEAVY_SILENT = timedelta(minutes=5)
"""It says each few seconds how it is, while it works too."""

LEAST_FREE = 1024**3
LEAST_SHARE = 0.05
LEAST_NAMES = 0.02
BACKUP_AFTER = timedelta(hours=36)
"""A backup each night, and half a day for one that failed to be done again."""

STUCK_AFTER = timedelta(minutes=5)
TOLD_FOR = timedelta(days=1)
"""How long a database file that was replaced is something to look at."""


@dataclass(frozen=True, slots=True)
class Concern:
    """Something wrong, since when as far as known; told once it has lasted for `patience`.

    `about`: the machine or the job that it is about, empty for what is the same on every machine.
    """

    kind: Ailment
    told: str
    to_do: str
    patience: timedelta = timedelta()
    about: str = ""
    since: datetime | None = None

    @property
    def key(self) -> str:
        """What it is about: one of each is open at a time."""
        return f"{self.kind}:{self.about}"


def problems(sight: Sight) -> list[Concern]:
    """Everything that is wrong. While the database is away, what follows from that is not told besides."""
    return [problem for judge in JUDGES for problem in judge(sight)]


def _door(sight: Sight) -> Iterator[Concern]:
    if not sight.serves:
        return
    to_do = (
        "regarder ce que disent les processus (journalctl -u svi), puis relancer le service (systemctl restart svi). "
        "Tant que cela dure, l’opérateur joue le secours."
    )
    if sight.door_seconds is None:
        told = f"Le service ne répond pas sur la machine {sight.machine} : les appels n’y sont pas pris."
        yield Concern(Ailment.DOOR, told, to_do, MINUTE, sight.machine)
    elif sight.door_seconds > SLOW:
        waited = counted(round(sight.door_seconds), "seconde", "secondes")
        told = (
            f"Le service met {waited} à répondre sur la machine {sight.machine} ; à 15, l’opérateur abandonne l’appel."
        )
        yield Concern(Ailment.DOOR, told, to_do, 2 * MINUTE, sight.machine)


def _directory(sight: Sight) -> Iterator[Concern]:
    if sight.parts["directory"]["state"] == State.DOWN:
        told = f"Aucun annuaire n’est en service sur la machine {sight.machine} : les appels vont au secours."
        yield Concern(
            Ailment.DIRECTORY, told, "publier l’annuaire (svi directory publish FICHIER).", MINUTE, sight.machine
        )


def _processes(sight: Sight) -> Iterator[Concern]:
    clerk, worker = sight.parts["clerk"], sight.parts["worker"]
    look = "lire ce que disent les processus (journalctl -u svi), puis relancer le service (systemctl restart svi)."
    if "clock" in (clerk.get("reason"), worker.get("reason")):
        told = f"L’horloge de la machine {sight.machine} a reculé : des processus ont parlé dans le futur."
        yield Concern(
            Ailment.CLOCK, told, "mettre la machine à l’heure (chrony ou systemd-timesyncd).", MINUTE, sight.machine
        )
        return
    if clerk["state"] == State.DOWN:
        told = (
            f"Le greffier est arrêté sur la machine {sight.machine} : les appels sont pris et notés sur le disque, "
            "mais n’entrent plus en base."
        )
        yield Concern(Ailment.CLERK, told, look, MINUTE, sight.machine, _spoke(sight.clerk))
    if worker["state"] == State.DOWN:
        told = (
            f"Les travaux sont arrêtés sur la machine {sight.machine} : courriels, rapprochement et bilans attendent, "
            "sauf si une autre machine les fait."
        )
        yield Concern(Ailment.WORKER, told, look, MINUTE, sight.machine, _spoke(sight.jobs))
    spoke = _spoke(sight.heavy)
    if worker["state"] not in {State.DOWN, State.OFF} and spoke and sight.at - spoke > HEAVY_SILENT:
        told = (
            f"Les travaux lourds sont arrêtés sur la machine {sight.machine} : les classeurs et les imports demandés "
            "attendent, sauf si une autre machine les fait."
        )
        yield Concern(Ailment.WORKER, told, look, MINUTE, f"{sight.machine}, travaux lourds", spoke)


def _work_of_others(sight: Sight) -> Iterator[Concern]:
    """Jobs that are left out here on purpose are done somewhere."""
    if sight.parts["worker"]["state"] != State.OFF or not sight.is_database_there:
        return
    if sight.job_done_at is None or sight.at - sight.job_done_at > 10 * MINUTE:
        told = "Aucune machine ne fait plus les travaux : courriels, rapprochement et bilans attendent."
        to_do = "lancer svi worker sur une machine, ou svi serve sans --no-worker."
        yield Concern(Ailment.WORKER, told, to_do, 10 * MINUTE, since=sight.job_done_at)


def _database(sight: Sight) -> Iterator[Concern]:
    if not sight.is_database_there:
        told = (
            "La base de données ne répond pas : les appels sont pris et notés sur le disque ; les pages sont fermées."
        )
        to_do = "regarder la base et le réseau jusqu’à elle (svi doctor). Les appels y entreront à son retour."
        drained_at = sight.clerk.get("drained_at")
        since = datetime.fromisoformat(drained_at) if drained_at else None
        yield Concern(Ailment.DATABASE, told, to_do, 2 * MINUTE, since=since)
    told_by_clerk = sight.clerk.get("database") or {}
    if told_by_clerk.get("newer"):
        waits = sight.clerk.get("error") == "NewerDatabase"
        told = (
            f"La base de données est d’une version plus récente que le programme de la machine {sight.machine} : "
            f"les appels y sont pris et {'attendent sur le disque' if waits else 'entrent en base'}."
        )
        yield Concern(Ailment.DATABASE_NEWER, told, "installer la version récente du programme.", MINUTE, sight.machine)
    if (replaced := told_by_clerk.get("replaced")) and sight.at - datetime.fromisoformat(replaced) < TOLD_FOR:
        told = f"Le fichier de la base de données a été remplacé sur la machine {sight.machine} pendant le service."
        to_do = (
            "savoir qui l’a remplacé et pourquoi. Ce que le journal des derniers jours contient y est rejoué ; pour "
            "restaurer une sauvegarde, svi restore."
        )
        yield Concern(
            Ailment.DATABASE_REPLACED, told, to_do, about=sight.machine, since=datetime.fromisoformat(replaced)
        )


def _jobs(sight: Sight) -> Iterator[Concern]:
    """Every job waits for the database: that it is away is told once, by itself."""
    if not sight.is_database_there or sight.parts["worker"]["state"] in {State.DOWN, State.OFF}:
        return
    progress = sight.jobs.get("jobs") or {}
    for name, job in sorted(progress.items()):
        if job.get("late"):
            told = f"Le travail « {name} » est en retard : il était dû le {_moment(job.get('due'), sight.at)}."
            to_do = "lire ce que disent les travaux (journalctl -u svi) ; relancer le service s’ils ne disent rien."
            yield Concern(Ailment.JOB_LATE, told, to_do, 5 * MINUTE, name)
    for name in sorted(sight.jobs.get("failing") or ()):
        told = f"Le travail « {name} » échoue chaque fois depuis au moins un quart d’heure."
        to_do = "lire l’erreur dans ce que disent les travaux (journalctl -u svi), et la transmettre à qui développe."
        yield Concern(Ailment.JOB_FAILING, told, to_do, 15 * MINUTE, name)


def _journal(sight: Sight) -> Iterator[Concern]:
    losses = sight.clerk.get("journal_losses") or {}
    if losses:
        unreadable = losses.get("unreadable") or {}
        parts = [counted(sum(n for n in losses.values() if isinstance(n, int)), "perte notée", "pertes notées")]
        parts += [counted(len(unreadable), "fichier illisible", "fichiers illisibles")] if unreadable else []
        told = f"Le journal des appels a été abîmé sur la machine {sight.machine} : {', '.join(parts)} depuis un jour."
        to_do = (
            "vérifier qui écrit ou efface dans le dossier journal/ de VAR_DIR, et le disque. Le rapprochement avec "
            "le relevé de l’opérateur ramène les appels qui manqueraient (svi reconcile)."
        )
        yield Concern(Ailment.JOURNAL_LOSSES, told, to_do, about=sight.machine)
    if sight.parts["journal"]["state"] != State.OK:
        told = (
            f"Le journal des appels ne s’écrit pas sur la machine {sight.machine} : ce que les appels disent se perd."
        )
        to_do = "faire de la place sur le disque, et rendre le dossier journal/ de VAR_DIR au compte du service."
        yield Concern(Ailment.JOURNAL_LOSSES, told, to_do, about=f"{sight.machine} écriture")
    stuck = [at for at in (sight.depth.files.values() if sight.depth else ()) if sight.at - at > STUCK_AFTER]
    if sight.depth and stuck and sight.is_database_there and sight.parts["clerk"]["state"] != State.DOWN:
        size = f"{max(1, sight.depth.waiting // 1024)} Ko"
        told = f"Le journal des appels s’accumule sur la machine {sight.machine} : {size} attendent d’entrer en base."
        to_do = "lire ce que dit le greffier (journalctl -u svi) et svi doctor, qui nomme le fichier bloqué."
        yield Concern(Ailment.JOURNAL, told, to_do, MINUTE, sight.machine, min(stuck))


def _operator(sight: Sight) -> Iterator[Concern]:
    told_by_jobs = sight.jobs.get("operator") or {}
    if told_by_jobs.get("state") == State.DOWN:
        told = "Le relevé d’appels de l’opérateur ne peut pas être lu : les appels ne sont plus rapprochés."
        to_do = "regarder l’état de l’opérateur et du compte (svi doctor) : jeton, crédit, réseau."
        yield Concern(Ailment.OPERATOR, told, to_do, 60 * MINUTE)
    if gap := told_by_jobs.get("repaired", 0) + told_by_jobs.get("mended", 0):
        found = counted(gap, "appel manquait ou différait", "appels manquaient ou différaient")
        told = f"Le rapprochement avec le relevé de l’opérateur a dû réparer : {found}. Les appels sont en base."
        to_do = "chercher pourquoi l’opérateur n’a pas pu nous le dire : coupure, redémarrage, disque (svi doctor)."
        yield Concern(Ailment.RECONCILIATION, told, to_do)


def _mail(sight: Sight) -> Iterator[Concern]:
    if sight.mails and sight.mails.failing:
        number = sum(int(n) for _, n in sight.mails.failing)
        waiting = counted(number, "courriel attend", "courriels attendent")
        told = f"Le serveur de courriel ne prend pas nos messages : {waiting}."
        to_do = "vérifier MAIL_URL et le serveur (svi doctor s’y connecte). Rien n’est perdu avant cinq jours."
        yield Concern(Ailment.MAIL, told, to_do, since=sight.mails.oldest_failing)


def _certificate(sight: Sight) -> Iterator[Concern]:
    seen = sight.certificate
    renew = "le renouveler. Sans certificat valable, l’opérateur ne nous joint plus et les appels vont au secours."
    if seen and seen.wrong:
        told = f"Le certificat de l’adresse publique n’est pas valable : {seen.wrong}."
        yield Concern(Ailment.CERTIFICATE, told, renew)
    elif seen and seen.until and seen.until - sight.at < timedelta(days=CERTIFICATE_DAYS):
        days = max(0, (seen.until - sight.at).days)
        told = f"Le certificat de l’adresse publique expire dans {counted(days, 'jour', 'jours')}."
        yield Concern(Ailment.CERTIFICATE, told, renew)


def least_free(size: int) -> float:
    """Bytes that a disk of this size should have left."""
    return min(LEAST_FREE, LEAST_SHARE * size) if size < 20 * LEAST_FREE else LEAST_FREE


def _disk(sight: Sight) -> Iterator[Concern]:
    disk = sight.disk
    if disk is None or not disk.size:
        return
    least = least_free(disk.size)
    if disk.free < least or disk.free_names < LEAST_NAMES:
        left = f"{disk.free // 2**20} Mo libres" if disk.free < least else "presque plus de fichiers possibles"
        told = f"Le disque de la machine {sight.machine} est presque plein : {left} sous VAR_DIR."
        to_do = "faire de la place ou agrandir le disque. Plein, les appels seraient pris mais plus notés."
        yield Concern(Ailment.DISK, told, to_do, about=sight.machine)


def _backup(sight: Sight) -> Iterator[Concern]:
    made = _spoke(sight.backup)
    if made and sight.at - made > BACKUP_AFTER:
        when = write_moment(made, PARIS)
        told = f"La dernière sauvegarde faite sur la machine {sight.machine} date du {when}."
        to_do = "lire pourquoi la sauvegarde de la nuit n’a pas eu lieu, et la refaire (svi backup DOSSIER)."
        yield Concern(Ailment.BACKUP, told, to_do, about=sight.machine)
    since = sight.watching_since
    if not made and sight.owes_backup and since and sight.at - since > BACKUP_AFTER:
        told = f"Aucune sauvegarde n’a été faite par svi backup sur la machine {sight.machine}."
        to_do = (
            "la faire chaque nuit (svi backup DOSSIER) et la garder ailleurs. Si l’hébergeur sauvegarde la base, les "
            "fichiers de VAR_DIR n’y sont pas : journaux, messages, clé secrète."
        )
        yield Concern(Ailment.BACKUP, told, to_do, about=sight.machine, since=since)


JUDGES: tuple[Callable[[Sight], Iterator[Concern]], ...] = (
    _door, _directory, _processes, _work_of_others, _database, _jobs, _journal, _operator, _mail,
    _certificate, _disk, _backup,
)  # fmt: skip


def _spoke(state: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(state["at"]) if state.get("at") else None


def _moment(told: Any, at: datetime) -> str:
    moment = datetime.fromisoformat(told) if isinstance(told, str) else at
    return write_moment(moment, PARIS)
