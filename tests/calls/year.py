"""A directory with ordinary hours in several time zones, and the ids that what people set refers to."""

from __future__ import annotations

from routing.directory.reading import read_directory
from routing.rules import Absence, Closure
from tests.calls.people import HEADER, INES
from tests.calls.play import e164, moment

JEAN = "03 53 01 29 01"  # Finistère, ordinary hours
LISE = "03 53 01 29 02"  # Finistère, suppléante, never rung by herself
HANS = "03 53 01 67 01"  # Bas-Rhin
PAULE = "03 53 01 57 01"  # Moselle
NADIA = "02 61 91 97 41"  # La Réunion
OMER = "02 61 91 97 11"  # Guadeloupe
TEVA = "02 61 91 98 71"  # Polynésie
AWA = "02 61 91 97 61"  # Mayotte
GUY = "02 61 91 59 01"  # Nord, nights
ALIX = "02 61 91 59 02"  # Nord, around the clock

YEAR = (
    HEADER
    + f"""29,SIAO du Finistère,Kermadec,Jean,référent,{JEAN},j.kermadec@exemple.fr,1,,oui
29,SIAO du Finistère,Le Goff,Lise,suppléant,{LISE},l.legoff@exemple.fr,2,lun-ven 14:00-17:00,oui
67,SIAO du Bas-Rhin,Muller,Hans,référent,{HANS},h.muller@exemple.fr,1,,oui
57,SIAO de Moselle,Nancy,Paule,référent,{PAULE},p.nancy@exemple.fr,1,,oui
974,SIAO de La Réunion,Payet,Nadia,référent,{NADIA},n.payet@exemple.fr,1,,oui
971,SIAO de Guadeloupe,Quidal,Omer,référent,{OMER},o.quidal@exemple.fr,1,,oui
987,SIAO de Polynésie,Raiarii,Teva,référent,{TEVA},t.raiarii@exemple.fr,1,,oui
976,SIAO de Mayotte,Saïd,Awa,référent,{AWA},a.said@exemple.fr,1,,oui
59,SIAO du Nord,Tison,Guy,référent,{GUY},g.tison@exemple.fr,1,lun-dim 22:00-02:00,oui
75,SIAO de Paris,Ubertin,Alix,référent,{ALIX},a.ubertin@exemple.fr,1,24/7,oui
*,Équipe nationale,Roussel,Inès,national,{INES},i.roussel@exemple.fr,1,24/7,oui
"""
)


def ident(number: str) -> str:
    """The short id of the person who has this telephone, as the plays' secret key gives it."""
    people = read_directory(YEAR.encode(), secret=b"made-up-secret-key", own_numbers=frozenset(), allow_fiction=True)
    return next(person.id for person in people if person.phone == e164(number))


def absence(number: str, start: str, end: str, suppleant: str | None = None) -> Absence:
    """Somebody is away, in Paris time."""
    return Absence(1, ident(number), moment(start), moment(end), ident(suppleant) if suppleant else None)


def closure(departement: str | None, start: str, end: str) -> Closure:
    """An exceptional closure, in Paris time."""
    return Closure(1, departement, moment(start), moment(end), "Essai")
