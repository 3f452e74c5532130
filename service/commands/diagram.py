"""`svi diagram`: the call diagram as the script draws it, and the README's copy of it kept equal."""

from __future__ import annotations

from pathlib import Path

import click

from service.commands.french import Refused

_BEGIN = "```mermaid\n"
_END = "\n```"


@click.command("diagram")
@click.option("--check", type=click.Path(exists=True, path_type=Path), help="Vérifier le dessin de ce fichier.")
@click.option("--write", type=click.Path(exists=True, path_type=Path), help="Remettre le dessin dans ce fichier.")
def diagram(check: Path | None, write: Path | None) -> None:
    """Dessiner l’arbre des appels (Mermaid) d’après le code."""
    from ivr.diagram import draw  # noqa: PLC0415 — only this command needs the script

    drawn = draw()
    if write:
        write.write_text(_with_drawing(write, drawn), encoding="utf-8")
    elif check:
        _refuse_difference(check, drawn)
    else:
        click.echo(drawn)


def _with_drawing(path: Path, drawn: str) -> str:
    text = path.read_text(encoding="utf-8")
    before, begun, rest = text.partition(_BEGIN)
    _, ended, after = rest.partition(_END)
    if not (begun and ended):
        message = f"{path} : aucun dessin Mermaid à remplacer."
        raise Refused(message)
    return before + _BEGIN + drawn + _END + after


def _refuse_difference(path: Path, drawn: str) -> None:
    if _with_drawing(path, drawn) != path.read_text(encoding="utf-8"):
        message = f"{path} : le dessin n’est plus celui du code. « make diagram » le refait."
        raise Refused(message)
