"""Outside the demonstration: nothing invented serves, and what is weaker than it could be is said at the start."""

from __future__ import annotations

import re
from collections.abc import Collection

from records.database import SQLAlchemyError, open_database, reading
from records.in_force.directories import has_tables, latest_version
from routing.directory.cells import MAX_BYTES, Unreadable, decoded
from service.directory.snapshots import SnapshotFile
from service.settings import Settings
from service.settings.kinds import SignInBy

INVENTED = (".example", "@exemple.fr")
"""How the addresses of a sample end: domains that nobody has (RFC 2606), and that of the samples before."""
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,190}")


def invented_directory(settings: Settings) -> list[str]:
    """A French sentence for each directory here that a demonstration left, and that callers would be led by."""
    if settings.demo:
        return []
    serving, found = SnapshotFile(settings.var_dir).current(), []
    if serving and is_invented([person.email for person in serving.people if person.email]):
        found.append(
            f"L’annuaire en service dans VAR_DIR ({settings.var_dir}) est celui d’une démonstration : donnez un autre "
            "dossier, ou publiez le vrai (svi directory publish FICHIER)."
        )
    is_followed = serving is None or not serving.version
    if is_followed and is_sample(settings) and not _is_published(settings):
        found.append(
            f"REFERENTS_CSV ({settings.referents_csv}) est l’annuaire d’exemple : donnez celui des vrais référents."
        )
    return found


def is_sample(settings: Settings) -> bool:
    """Whether the file REFERENTS_CSV holds invented people alone."""
    return is_invented(_ADDRESS.findall(_text(settings)))


def is_invented(addresses: Collection[str]) -> bool:
    """Whether there are addresses, and every one is of a domain for examples."""
    return bool(addresses) and all(address.casefold().endswith(INVENTED) for address in addresses)


def sign_in_advice(settings: Settings) -> str:
    """What an operator should know of how the national team signs in; empty when all is well."""
    if settings.demo or settings.privileged_sign_in != SignInBy.LINK:
        return ""
    return (
        "PRIVILEGED_SIGN_IN=link : qui lit la messagerie d’une personne de l’équipe nationale entre à sa place ; "
        "préférez totp ou proconnect"
    )


def _is_published(settings: Settings) -> bool:
    """Whether the database has a directory to serve, or cannot be asked: on a new disk nothing else tells."""
    engine = open_database(settings.database_url)
    try:
        if not has_tables(engine):
            return False
        with reading(engine) as connection:
            return latest_version(connection) > 0
    except (SQLAlchemyError, OSError):
        return True
    finally:
        engine.dispose()


def _text(settings: Settings) -> str:
    try:
        with settings.referents_csv.open("rb") as file:
            return decoded(file.read(MAX_BYTES))
    except (OSError, Unreadable):
        return ""
