"""The table that routes written requests, as somebody edits it: read from what was typed, checked, published."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from records.database import Connection
from records.desks.acting import Acting
from records.refusals import ChangeRefused, one_line
from routing.departements import timezone_of
from routing.requests.checking import Danger, dangers_of, hidden_lines, keyed
from routing.requests.table import NIVEAUX, RequestRule, SentTo, Wrote
from support.nomenclature.store import nomenclature_in_force
from support.routes.store import add_routes, routes_in_force
from support.routes.told import DANGERS

LONGEST_NOTE = 200
MOST_LINES = 60
CHOICES: Mapping[str, tuple[str, ...]] = {
    "sender": ("", *Wrote),
    "niveau": ("", *NIVEAUX),
    "desk": tuple(SentTo),
}
"""What a line may say; a thématique is one of the list, or one that the table names already."""
Line = Mapping[str, str]
"""`sender`, `niveau`, `thematique` (empty: whichever it is) and `desk`."""


def thematiques_known(acting: Acting, connection: Connection) -> list[str]:
    """The thématiques that a line may name: those of today's list, then those that the table in force names besides."""
    today = acting.at.astimezone(timezone_of(None)).date()
    named = [rule.thematique for rule in routes_in_force(connection).rules if rule.thematique]
    return list(dict.fromkeys([*nomenclature_in_force(connection, today).thematiques(), *named]))


def read_lines(lines: Iterable[Line], thematiques: Sequence[str]) -> tuple[RequestRule, ...]:
    """The rules of these lines; ChangeRefused names the line (from 1) that says something unknown, or one too many."""
    rules = []
    for place, line in enumerate(lines, 1):
        if place > MOST_LINES:
            raise ChangeRefused(f"La table a {MOST_LINES} lignes au plus.", "lignes")
        unknown = [name for name, choices in CHOICES.items() if line.get(name, "") not in choices]
        if unknown or line.get("thematique", "") not in {"", *thematiques}:
            raise ChangeRefused(f"Ligne {place} : choisissez chaque valeur dans sa liste.", "lignes")
        sender, niveau, thematique = (line.get(name, "") for name in ("sender", "niveau", "thematique"))
        rules.append(keyed(SentTo(line["desk"]), sender, niveau, thematique))
    return tuple(rules)


def read_file(text: str) -> list[Line]:
    """The lines of a JSON file as `svi routes show --json` writes it; ChangeRefused for any other text."""
    try:
        found: Any = json.loads(text)
        return [{str(name): _text(value) for name, value in line.items()} for line in found]
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise ChangeRefused(
            "Le fichier n’est pas une table d’orientation : une liste JSON de lignes, comme « svi routes show --json » "
            "l’écrit.", "lignes"
        ) from None  # fmt: skip


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def file_lines(rules: Iterable[RequestRule]) -> list[dict[str, str]]:
    """The lines that such a file carries."""
    return [
        {"sender": rule.sender, "niveau": rule.niveau, "thematique": rule.thematique, "desk": str(rule.desk)}
        for rule in rules
    ]


def check_rules(
    rules: Sequence[RequestRule], in_force: Sequence[RequestRule], thematiques: Sequence[str]
) -> tuple[Danger, ...]:  # fmt: skip
    """What its author should know before publishing; ChangeRefused for a table that cannot be meant."""
    if [rule.key for rule in rules] == [rule.key for rule in in_force]:
        raise ChangeRefused("Rien n’a changé : c’est la table en vigueur.", "lignes")
    for place, earlier in hidden_lines(rules):
        raise ChangeRefused(
            f"La ligne {place} ne servirait jamais : la ligne {earlier} décide avant elle de toutes ses demandes.",
            "lignes",
        )
    dangers = dangers_of(rules, thematiques)
    if Danger.NOTHING_NATIONAL in dangers:
        raise ChangeRefused(DANGERS[Danger.NOTHING_NATIONAL], "lignes")
    return dangers


def publish_routes(
    acting: Acting, lines: Iterable[Line], *, follows: int, note: str = "", confirmed: bool = False
) -> int:  # fmt: skip
    """Publish the table, in force at once for what is written from then on; returns its version.

    `follows` is the version that its author saw; `confirmed`, that he has read what is unusual about it. ChangeRefused
    when another one was published since (its `field` is `version`), for what is not confirmed (`confirme`), for a note
    too long, and as `read_lines` and `check_rules` refuse.
    """
    with acting.writing() as connection:
        in_force, thematiques = routes_in_force(connection), thematiques_known(acting, connection)
        if follows != in_force.version:
            raise _overtaken()
        rules = read_lines(lines, thematiques)
        dangers = check_rules(rules, in_force.rules, thematiques)
        why = one_line(note, "note", LONGEST_NOTE, optional=True)
        if dangers and not confirmed:
            told = " ".join(DANGERS[danger] for danger in dangers)
            raise ChangeRefused(f"{told} Confirmez que c’est voulu.", "confirme")
        version = in_force.version + 1
        if not add_routes(connection, version, rules, by=acting.by, at=acting.at, note=why):
            raise _overtaken()
        acting.note(connection, "table d’orientation", f"version {version}")
    return version


def _overtaken() -> ChangeRefused:
    return ChangeRefused("Quelqu’un a publié une autre table entre-temps : relisez, puis recommencez.", "version")
