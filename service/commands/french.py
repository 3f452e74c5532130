"""How `svi` speaks: French help, French errors, groups whose modules are loaded when they are used."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping
from typing import Any

import click


class CommandRefused(Exception):  # noqa: N818 - named as what happened
    """A command is refused or failed; the French sentence that standard error carries (exit status 1)."""


class FrenchCommand(click.Command):
    """A command whose help is French."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the line that shows how to type the command."""
        formatter.write_usage(ctx.command_path, " ".join(self.collect_usage_pieces(ctx)), prefix="Usage : ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options."""
        found = [record for parameter in self.get_params(ctx) if (record := parameter.get_help_record(ctx))]
        if found:
            with formatter.section("Options"):
                formatter.write_dl(found)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """The option --help, in French."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "Afficher cette aide."
        return option


class FrenchGroup(FrenchCommand, click.Group):
    """A group of French commands. `lazy` maps a name to its module, the name there and the sentence of the list."""

    command_class = FrenchCommand

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]] | None = None, **more: Any) -> None:
        super().__init__(*args, **{"subcommand_metavar": "COMMANDE …", **more})
        self._lazy = dict(lazy or {})

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, loaded or not."""
        return sorted({*super().list_commands(ctx), *self._lazy})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, None when there is none."""
        if cmd_name in self._lazy:
            module, _, attribute = self._lazy[cmd_name][0].partition(":")
            found = getattr(importlib.import_module(module), attribute)
            return found if isinstance(found, click.Command) else None
        return super().get_command(ctx, cmd_name)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, then the commands with their sentences."""
        super().format_options(ctx, formatter)
        with formatter.section("Commandes"):
            formatter.write_dl([(name, self._sentence(ctx, name)) for name in self.list_commands(ctx)])

    def _sentence(self, ctx: click.Context, name: str) -> str:
        if name in self._lazy:
            return self._lazy[name][1]
        command = self.get_command(ctx, name)
        return command.get_short_help_str(limit=100) if command else ""


FrenchGroup.group_class = FrenchGroup


def wrong_usage(error: click.UsageError) -> str:
    """The French sentence for a command typed wrongly."""
    match error:
        case click.NoSuchOption():
            return f"L’option {error.option_name} n’existe pas."
        case click.MissingParameter():
            return f"Il manque {_named(error)}."
        case click.BadParameter():
            return f"{_named(error)} est refusé : {_why(error)}"
        case _:
            return _translated(error.message)


def _named(error: click.BadParameter) -> str:
    parameter = error.param
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.make_metavar(error.ctx or click.Context(click.Command("svi"))) if parameter else "l’argument"


def _why(error: click.BadParameter) -> str:
    kind = error.param.type if error.param else None
    if isinstance(kind, click.Choice):
        return f"l’une de ces valeurs est attendue : {', '.join(map(str, kind.choices))}."
    if isinstance(kind, click.IntRange) and re.fullmatch(r"-?[0-9]+ is not in .*", error.message):
        return f"un nombre de {kind.min} à {kind.max} est attendu."
    if isinstance(kind, (click.types.IntParamType, click.types.FloatParamType)):
        return "un nombre est attendu."
    return _translated(error.message)


_SENTENCES: Mapping[str, Callable[[str], str]] = {
    "No such command ": lambda rest: f"La commande {rest.strip('.').split(' Did ')[0].strip('. ')} n’existe pas.",
    "Got unexpected extra argument": lambda rest: f"Argument en trop : {rest.partition('(')[2].strip(')')}.",
    "Missing command": lambda _rest: "Il manque le nom d’une commande.",
    "Option ": lambda rest: f"L’option {rest.split(' ')[0]} demande une valeur.",
}


def _translated(message: str) -> str:
    for beginning, sentence in _SENTENCES.items():
        if message.startswith(beginning):
            return sentence(message.removeprefix(beginning))
    return message
