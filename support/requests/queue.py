"""What somebody looks for among requests: the filters of the queue, read from an address."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from records.wording import fold_words
from support.requests.states import RequestState, WhichDesk

TO_DO, EVERY = "", "toutes"
MINE, NOBODY = "moi", "personne"
LAST_PAGE = 1000
LONGEST_WORDS = 100
NAMES = {
    "state": "etat", "departement": "departement", "owner": "qui", "thematique": "thematique", "late": "retard",
    "kept": "recherche", "channel": "canal", "sender": "emetteur", "desk": "niveau",
}  # fmt: skip
"""Each filter, and how an address calls it; of the words looked for it has only the name under which they are kept."""
CHANNELS = ("phone", "form", "mail")
SENDERS = ("user", "referent")


@dataclass(frozen=True, slots=True)
class RequestFilters:
    """Which requests are listed; empty for no such filter. `state` is one of the table, or one of the words above.

    `channel`, `sender` and `desk` have the values of docs/contract.md#a-request.
    """

    state: str = TO_DO
    departement: str = ""
    owner: str = ""
    thematique: str = ""
    late: bool = False
    words: str = ""
    kept: str = ""
    channel: str = ""
    sender: str = ""
    desk: str = ""
    page: int = 1

    @staticmethod
    def asked(arguments: Mapping[str, str], words: str = "") -> RequestFilters:
        """The filters of an address, with the words that it names; what it says wrongly is no filter."""
        state, page = arguments.get(NAMES["state"], ""), arguments.get("page", "")
        return RequestFilters(
            state=state if state in {TO_DO, EVERY, *RequestState} else TO_DO,
            departement=arguments.get(NAMES["departement"], "")[:3],
            owner=arguments.get(NAMES["owner"], "")[:254],
            thematique=arguments.get(NAMES["thematique"], "")[:200],
            late=arguments.get(NAMES["late"], "") == "1",
            channel=_one_of(arguments.get(NAMES["channel"], ""), CHANNELS),
            sender=_one_of(arguments.get(NAMES["sender"], ""), SENDERS),
            desk=_one_of(arguments.get(NAMES["desk"], ""), WhichDesk),
            words=words[:LONGEST_WORDS],
            kept=arguments.get(NAMES["kept"], "")[:20] if words else "",
            page=min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdecimal() and len(page) < 6 else 1,  # noqa: PLR2004 - more than the last page
        )

    def query(self, page: int = 1) -> dict[str, str]:
        """The same filters as an address carries them."""
        found = {name: "1" if (value := getattr(self, key)) is True else value for key, name in NAMES.items()}
        found["page"] = str(page) if page > 1 else ""
        return {name: value for name, value in found.items() if value}

    def wanted(self) -> list[str]:
        """The words looked for, as they are compared; « n° 12 » is a number."""
        return [word for word in fold_words(self.words.replace("°", " ")).split() if word != "n"]

    @property
    def narrows(self) -> bool:
        """Whether anything is left out that the whole queue shows."""
        return replace(self, page=1) != RequestFilters()


def _one_of(asked: str, known: Iterable[str]) -> str:
    return asked if asked in set(known) else ""
