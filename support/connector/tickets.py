"""A request as the ministry's CRM keeps it: a ticket with what is needed to count and to find it, and nobody's name.

Pure. What leaves is the number, where it goes, its words of the list, how far it is: no name, no address, no word that
somebody typed (decision 69).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from support.requests.request import Request

NUMBER = "svi_siao_numero"
"""The property, unique there, by which a ticket is known again."""

OWN_PROPERTIES = {
    NUMBER: "Numéro de la demande", "svi_siao_departement": "Département", "svi_siao_canal": "Canal",
    "svi_siao_emetteur": "Émetteur", "svi_siao_thematique": "Thématique", "svi_siao_motif": "Motif",
    "svi_siao_sous_motif": "Sous-motif", "svi_siao_niveau": "Niveau", "svi_siao_bureau": "Traitée par",
    "svi_siao_etat": "État", "svi_siao_ouverte_le": "Ouverte le", "svi_siao_close_le": "Close le",
}  # fmt: skip
"""The properties of tickets that have to be created there, all of them one-line texts, and how to call them."""


class TicketDifference(NamedTuple):
    """Where a ticket there is not as ours: `theirs` None when the whole ticket is missing."""

    number: int
    name: str
    ours: str
    theirs: str | None


@dataclass(frozen=True, slots=True)
class Ticketing:
    """Where tickets go: the pipeline, its stage for each state of a request; `site` our public address."""

    pipeline: str
    stages: Mapping[str, str]
    site: str

    def properties(self, asked: Request) -> dict[str, str]:
        """What the ticket of a request says."""
        wording = asked.wording
        return {
            NUMBER: str(asked.id), "subject": f"Demande n° {asked.id} – {wording.motif} : {wording.sous_motif}",
            "content": f"{self.site}/demandes/{asked.id}", "hs_pipeline": self.pipeline,
            "hs_pipeline_stage": self.stages[str(asked.state)], "svi_siao_departement": asked.departement or "",
            "svi_siao_canal": asked.channel, "svi_siao_emetteur": asked.sender,
            "svi_siao_thematique": wording.thematique, "svi_siao_motif": wording.motif,
            "svi_siao_sous_motif": wording.sous_motif, "svi_siao_niveau": asked.niveau,
            "svi_siao_bureau": str(asked.desk), "svi_siao_etat": str(asked.state),
            "svi_siao_ouverte_le": _moment(asked.created_at), "svi_siao_close_le": _moment(asked.closed_at),
        }  # fmt: skip


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else ""


def digest_of(properties: Mapping[str, str]) -> str:
    """A print of what a ticket says: another one as soon as anything of it changes."""
    return sha256(json.dumps(properties, sort_keys=True).encode()).hexdigest()


def differences(
    ours: Mapping[int, Mapping[str, str]], theirs: Mapping[int, Mapping[str, str | None]]
) -> Iterable[TicketDifference]:
    """What is missing or otherwise there, in the order of our numbers."""
    for number, properties in sorted(ours.items()):
        found = theirs.get(number)
        if found is None:
            yield TicketDifference(number, "", properties["subject"], None)
            continue
        for name, value in properties.items():
            if (there := found.get(name) or "") != value:
                yield TicketDifference(number, name, value, there)
