"""`svi fallback build`: the static documents that answer when the service does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from service.commands.context import settings_or_refused, snapshot_in_service
from service.commands.french import CommandRefused, FrenchGroup
from service.running.fallback import build_fallback
from service.settings import SettingsRefused
from service.system_errors import in_french

fallback = FrenchGroup(name="fallback", help="Secours statique : ce qui répond quand le service ne répond plus.")


@fallback.command("build")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Dossier (VAR_DIR/secours par défaut).")
@click.option("--base", help="Adresse où le dossier sera servi (FALLBACK_URL par défaut).")
def build(out: Path | None, base: str | None) -> None:
    """Construire le secours d’après l’annuaire en service."""
    settings = settings_or_refused(**_given(base))
    folder = out or settings.fallback_dir
    try:
        is_new = build_fallback(snapshot_in_service(settings), settings, folder)
    except SettingsRefused as refusal:
        raise CommandRefused(str(refusal)) from None
    except OSError as error:
        raise CommandRefused(
            str(error) if isinstance(error, FileExistsError) else f"{folder} : {in_french(error)}."
        ) from None
    said = "est construit" if is_new else "était déjà à jour"
    click.echo(f"Le secours {said} dans {folder} : lisez LISEZMOI.txt pour le mettre en place.")


def _given(base: str | None) -> dict[str, Any]:
    return {"fallback_url": base} if base else {}
