"""`svi backup FOLDER` and `svi restore FOLDER`."""

from __future__ import annotations

from pathlib import Path

import click

from records.counting.words import counted
from service.clock import now
from service.commands.context import database, settings_or_refused
from service.commands.french import CommandRefused, FrenchCommand
from service.running.backups.alone import stop_the_house
from service.running.backups.making import back_up
from service.running.backups.manifest import BackupRefused
from service.running.backups.restoring import Restored, undo
from service.running.backups.restoring import restore as put_back

_FOLDER = click.Path(path_type=Path)


@click.command(cls=FrenchCommand)
@click.argument("folder", metavar="DOSSIER", type=_FOLDER)
def backup(folder: Path) -> None:
    """Sauvegarder base, journaux, messages, enregistrements et pièces jointes dans un nouveau dossier."""
    settings = settings_or_refused()
    with database(settings) as engine:
        try:
            made = back_up(settings, engine, folder, now())
        except BackupRefused as refusal:
            raise CommandRefused(str(refusal)) from None
    size = sum(size for size, _ in made.files.values())
    click.echo(f"Sauvegardé dans {folder} : {counted(len(made.files), 'fichier', 'fichiers')}, {size // 2**20 + 1} Mo.")
    click.echo("Ce dossier est aussi sensible que le service : chiffrez-le et gardez-le ailleurs (voir LISEZMOI.txt).")


@click.command(cls=FrenchCommand)
@click.argument("folder", metavar="DOSSIER", type=_FOLDER, required=False)
@click.option("--stop", "is_stopping", is_flag=True, help="Arrêter d’abord le service de cette machine.")
@click.option("--undo", "is_undoing", is_flag=True, help="Remettre ce qui était là avant une restauration interrompue.")
def restore(folder: Path | None, is_stopping: bool, is_undoing: bool) -> None:
    """Remettre une sauvegarde en place, service arrêté, puis reprendre les journaux : aucun appel n’est perdu."""
    if (folder is None) != is_undoing:
        raise CommandRefused("Donnez le dossier d’une sauvegarde, ou --undo pour annuler une restauration interrompue.")
    settings = settings_or_refused()
    try:
        if is_stopping:
            stop_the_house(settings)
        if folder is None:
            click.echo(f"La restauration de {undo(settings)} est annulée : ce qui était là avant elle est en place.")
            return
        done = put_back(settings, folder, now())
    except BackupRefused as refusal:
        raise CommandRefused(str(refusal)) from None
    for sentence in _told(done):
        click.echo(sentence)


def _told(done: Restored) -> list[str]:
    made = done.manifest.made_at
    found = [f"La sauvegarde du {made:%d/%m/%Y à %H:%M} (UTC) est en place. Appels repris : {len(done.replayed)}."]
    if done.has_gap:
        found.append(
            f"Le journal ne remonte qu’à sept jours : lancez « svi reconcile --since {made:%Y-%m-%d} » pour le reste."
        )
    if done.erased_again is None:
        found.append(
            "Les effacements faits depuis la sauvegarde n’ont pas pu être lus : refaites-les (svi erase NUMÉRO)."
        )
    elif done.erased_again:
        found.append(f"Numéros effacés depuis la sauvegarde, effacés de nouveau : {done.erased_again}.")
    if not done.same_key:
        found.append(
            "Attention : SECRET_KEY n’est pas celle de la sauvegarde. Reprenez l’ancienne, ou les numéros effacés et la"
            " mémoire des appelants ne seront plus reconnus."
        )
    kept = f"{done.aside}" + (f" et le schéma {done.schema} de la base" if done.schema else "")
    found.append(f"Ce qui était là est gardé sept jours : {kept}.")
    found.append("Relancez le service, sur chaque machine : chacune reprend alors son propre journal.")
    return found
