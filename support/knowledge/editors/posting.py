"""The mail that brings the editors' list: one a month, on the national team's first open day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from records import outbox
from records.database import Engine, reading, writing
from records.mail import SIGNATURE, Mail, key_of
from records.outbox import Owed
from routing.calendar.hours import Hours
from routing.calendar.open_time import month_has_opened
from routing.departements import PARIS
from support.knowledge.editors.listing import EditorsPart
from support.knowledge.editors.reading import month_before, read_list


@dataclass(frozen=True, slots=True)
class EditorsPost:
    """Owes the mail; `team`: where the national team reads."""

    engine: Engine
    clock: Callable[[], datetime]
    hours: Hours
    team: Callable[[], Sequence[str]]
    site: str

    def owe(self) -> None:
        """Last month's list, once for each address of the national team, from the first open day on."""
        at = self.clock()
        if not month_has_opened(at, self.hours):
            return
        first = month_before(at.astimezone(PARIS).date())
        with reading(self.engine) as connection:
            parts = read_list(connection, first)
        month = f"{first:%Y-%m}"
        text = list_text(parts, f"{self.site}/administration/articles/liste-du-mois?mois={month}")
        with writing(self.engine) as connection:
            for to in self.team():
                subject = f"[SI SIAO] Base de connaissances : la liste du mois ({first:%m/%Y})"
                mail = Mail(to, subject, text, key_of(f"editors|{month}", to.casefold()))
                outbox.owe_mail(connection, Owed.ARTICLE, f"editors:{month}", mail, at)


def list_text(parts: Sequence[EditorsPart], link: str) -> str:
    """What the mail says: how much each part has, its first lines, and where all of it is."""
    lines = ["Bonjour,", "", "Ce que la base de connaissances demande ce mois-ci :", ""]
    for part in parts:
        lines.append(f"{part.heading} : {len(part.lines) or 'aucun'}")
        lines += [f"  • {line.name} ({line.number})" for line in part.lines[:3]]
    return "\n".join([*lines, "", f"Tout, avec les définitions : {link}"]) + SIGNATURE
