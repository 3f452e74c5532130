"""`svi diagram`: the call diagram, drawn by the code; the README carries it between two fences."""

from __future__ import annotations

import re
from pathlib import Path

import click

from ivr.conversation.diagram import draw
from service.commands.french import CommandRefused, FrenchCommand

FENCED = re.compile(r"(?<=^```mermaid\n).*?(?=^```$)", re.DOTALL | re.MULTILINE)
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(cls=FrenchCommand)
@click.option("--check", type=FILE, metavar="FICHIER", help="Refuser si le fichier porte un autre dessin.")
@click.option("--write", type=FILE, metavar="FICHIER", help="Mettre le dessin dans le fichier.")
def diagram(check: Path | None, write: Path | None) -> None:
    """Dessiner l’arbre des appels d’après le code (Mermaid)."""
    drawn = draw().rstrip("\n") + "\n"
    for file in (check, write):
        if file is not None:
            _compare(file, drawn, is_written=file is write)
    if check is None and write is None:
        click.echo(drawn, nl=False)


def _compare(file: Path, drawn: str, *, is_written: bool) -> None:
    text = file.read_text(encoding="utf-8")
    found = FENCED.search(text)
    if found is None:
        raise CommandRefused(f"{file} n’a pas de bloc ```mermaid.")
    if found.group() == drawn:
        return
    if not is_written:
        raise CommandRefused(f"Le dessin de {file} n’est plus celui du code : make diagram.")
    file.write_text(text[: found.start()] + drawn + text[found.end() :], encoding="utf-8")
