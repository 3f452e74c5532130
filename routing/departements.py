"""The 107 départements and collectivités that a caller can give, as the official geographic code names them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from zoneinfo import ZoneInfo

NATIONAL = "*"
"""The code of the national team where a département is expected."""

PARIS = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Departement:
    """One département: `de` is the form after « SIAO », `spoken` the number in words, `phone_region` for phonenumbers.

    `zone` is `metro`, `drom` or `com`; `holidays_subdivision` is None where only the national days off hold.
    """

    code: str
    name: str
    de: str
    spoken: str
    region: str
    zone: str
    timezone: ZoneInfo
    holidays_subdivision: str | None
    phone_region: str


@lru_cache(maxsize=1)
def departements() -> Mapping[str, Departement]:
    """The 107 départements by code, in the order of their codes."""
    text = (resources.files("routing") / "data" / "departements.csv").read_text(encoding="utf-8")
    return MappingProxyType({row["code"]: _departement(row) for row in csv.DictReader(text.splitlines())})


def _departement(row: Mapping[str, str]) -> Departement:
    return Departement(
        code=row["code"],
        name=row["nom"],
        de=row["de"],
        spoken=row["oral"],
        region=row["region"],
        zone=row["zone"],
        timezone=ZoneInfo(row["fuseau"]),
        holidays_subdivision=row["feries"] or None,
        phone_region=row["region_telephone"],
    )


def normalise_code(text: str) -> str:
    """The code meant by `text` (`1` is `01`, `2a` is `2A`, `*` stays), or ValueError with a French reason."""
    code = text.strip().upper()
    if code == NATIONAL or code in departements():
        return code
    if len(code) == 1 and f"0{code}" in departements():
        return f"0{code}"
    raise ValueError(_why_no_departement(code))


def _why_no_departement(code: str) -> str:
    if not code:
        return "le département manque"
    if code.startswith("#"):
        return "le tableur a remplacé le code par une erreur : mettez la colonne au format texte et retapez-le"
    if code in {"20", "CORSE"}:
        return "la Corse a deux départements : écrivez 2A ou 2B"
    return "ce département n'existe pas"


def timezone_of(code: str | None) -> ZoneInfo:
    """The département's time zone; Paris when there is none, for the national team and for an unknown code."""
    departement = departements().get(code or NATIONAL)
    return departement.timezone if departement else PARIS


def desk_in_mails(code: str) -> str:
    """How a mail names a desk: « 75 Paris », « équipe nationale »."""
    known = departements().get(code)
    return f"{code} {known.name}" if known else "équipe nationale"
