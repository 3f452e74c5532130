"""The command line `svi`: finds the command, and turns what goes wrong into a French sentence and an exit status."""

from __future__ import annotations

import logging
import os
import sys

import click

from service.commands.french import CommandRefused, FrenchGroup, wrong_usage

COMMANDS = {
    "serve": ("service.commands.running.serving:serve", "Servir : appels, pages, greffier et travaux planifiés."),
    "worker": (
        "service.commands.running.serving:worker",
        "Faire seulement les travaux planifiés et les travaux longs.",
    ),
    "call": ("service.commands.telephone.calling:call", "Jouer un appel dans le terminal."),
    "explain": (
        "service.commands.telephone.calls:explain",
        "Raconter un appel : entendu, tapé, qui a sonné et pourquoi.",
    ),
    "route": ("service.commands.telephone.routing:route", "Dire qui sonnerait pour un département, et pourquoi."),
    "directory": (
        "service.commands.directory.directory:directory",
        "Vérifier, publier ou montrer l’annuaire des référents.",
    ),
    "calls": ("service.commands.telephone.calls:calls", "Lister les appels."),
    "fallback": ("service.commands.telephone.fallback:fallback", "Construire le secours statique, hébergé ailleurs."),
    "figures": ("service.commands.reports.figures:figures", "Compter les appels d’une période."),
    "requests": ("service.commands.reports.requests:requests", "Lister et compter les demandes."),
    "export": ("service.commands.reports.export:export", "Écrire le classeur de suivi."),
    "import": ("service.commands.reports.import_:import_", "Importer un classeur de suivi."),
    "survey": ("service.commands.reports.survey:survey", "Ouvrir, suivre ou exporter l’enquête mensuelle."),
    "report": ("service.commands.reports.report:report", "Lire ou envoyer le bilan d’un mois."),
    "radar": (
        "service.commands.reports.radar:radar",
        "Chercher une panne dans les appels, ou rejouer des mois passés.",
    ),
    "sums": (
        "service.commands.reports.sums:sums",
        "Refaire ou vérifier les sommes gardées pour les chiffres.",
    ),
    "demo": ("service.commands.reports.demo:demo", "Inventer des appels pour la démonstration."),
    "erase": ("service.commands.privacy.erase:erase", "Effacer le numéro d’un appelant, partout."),
    "person": ("service.commands.privacy.person:person", "Tout ce qui est su d’un numéro (droit d’accès)."),
    "retention": (
        "service.commands.privacy.retention:retention",
        "Appliquer les durées de conservation, ou compter ce qui partirait.",
    ),
    "register": ("service.commands.privacy.register:register", "Le registre des traitements (RGPD, article 30)."),
    "backup": ("service.commands.running.backup:backup", "Tout sauvegarder dans un dossier, pendant le service."),
    "restore": ("service.commands.running.backup:restore", "Remettre une sauvegarde en place, service arrêté."),
    "rebuild": ("service.commands.telephone.calls:rebuild", "Refaire les fiches des appels d’après leurs faits."),
    "reconcile": ("service.commands.telephone.operator:reconcile", "Rapprocher les appels du relevé de l’opérateur."),
    "connector": (
        "service.commands.running.connector:connector",
        "Écrire les demandes dans HubSpot, ou dire ce qui y diffère.",
    ),
    "doctor": ("service.commands.running.doctor:doctor", "Vérifier que tout est en place."),
    "absence": ("service.commands.directory.rules:absence", "Absences des référents."),
    "closure": ("service.commands.directory.rules:closure", "Fermetures exceptionnelles."),
    "notice": ("service.commands.directory.rules:notice", "Annonces avant le menu."),
    "message": ("service.commands.directory.rules:message", "Messages d’absence des départements."),
    "overflow": ("service.commands.directory.rules:overflow", "Débordement vers un autre SIAO ou l’équipe nationale."),
    "routes": (
        "service.commands.directory.routes:routes",
        "L’orientation des demandes écrites : montrer, essayer, publier.",
    ),
    "users": ("service.commands.directory.users:users", "Comptes des référents et de l’équipe nationale."),
    "nomenclature": (
        "service.commands.directory.wording:nomenclature",
        "Les sous-motifs : lister, ajouter, renommer, fusionner, retirer.",
    ),
    "answers": ("service.commands.directory.wording:answers", "Réponses types et propositions des référents."),
    "newsletter": ("service.commands.reports.newsletter:newsletter", "Voir la lettre qui partirait maintenant."),
    "articles": ("service.commands.directory.articles:articles", "Importer ou exporter l’annuaire des articles."),
    "twilio": ("service.commands.telephone.operator:twilio", "Réglages du numéro chez l’opérateur."),
    "diagram": ("service.commands.telephone.diagram:diagram", "Dessiner l’arbre des appels d’après le code."),
}


@click.group(cls=FrenchGroup, lazy=COMMANDS, context_settings={"max_content_width": 120})
def svi() -> None:
    """Serveur vocal de l’assistance téléphonique du SI SIAO."""


def main() -> None:
    """Run the command of this process's arguments and exit: 0 done, 1 refused or failed, 2 wrong usage."""
    os.umask(0o077)  # what we write names people and their numbers: it is for the service's own account
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    logging.basicConfig(format="%(levelname)s %(name)s : %(message)s")
    try:
        svi.main(arguments, prog_name="svi", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else "", err=True)
        return 2
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "svi"
        click.echo(f"{wrong_usage(error)}\nAide : {path} --help", err=True)
        return 2
    except (CommandRefused, click.ClickException) as error:
        click.echo(error.format_message() if isinstance(error, click.ClickException) else str(error), err=True)
        return 1
    except (click.Abort, KeyboardInterrupt):
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # our reader has left: nothing more to say
        return 1
    except OSError as error:
        click.echo(f"Le système a refusé : {error}.", err=True)
        return 1
    return 0


if __name__ == "__main__":
    main()
