"""A number erased on every machine: the one verb behind the command and the page."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from records.database import Engine, writing
from records.privacy.written import folded
from records.working.heavy import forget_with_numbers
from routing.phones import PhoneRefused, read_past_number
from service.directory.snapshots import SnapshotFile
from service.privacy.forgetting import PATIENCE, erased_file, keep_in_file, kept_in_file, machine_name, wait_for_others
from service.settings import Settings
from service.wiring.erasing import Proof, erase_caller, erase_what_came_back, with_machines
from service.wiring.memory import shared_memory
from service.wiring.messages import follow_up
from service.wiring.operator import provider_of

_ZEROS = re.compile(r"[Oo](?=[\s.\-/()0-9]*[0-9])|(?<=[0-9])[Oo]")
_APART = re.compile(r"[/\\,;·•’]")


def read_typed(settings: Settings, typed: str) -> str:
    """The E.164 number in any usual writing, « O6 » too; PhoneRefused, in French, for anything else."""
    plain = _APART.sub(" ", folded(typed).text)
    try:
        return read_past_number(_ZEROS.sub("0", plain))
    except PhoneRefused:
        found = provider_of(settings).read_number(typed)
        if found is None:
            raise
        return found


def erase_everywhere(
    settings: Settings, engine: Engine, number: str, *, by: str, at: datetime, patience: float = PATIENCE
) -> Proof:
    """Erase an E.164 number here and on the other machines; those that do not answer in some seconds are named.

    Raises OSError when a file could not be erased: it may be done again.
    """
    memory, serving = shared_memory(settings, engine), SnapshotFile(settings.var_dir).current()
    is_listed = serving is not None and number in serving.phones()
    proof = erase_caller(engine, memory, follow_up(settings, engine), number, at, by=by, is_listed=is_listed)
    keep_in_file(erased_file(settings), [(memory.fingerprint(number), at)])
    with writing(engine) as connection:
        forget_with_numbers(connection)
    forgot, late = wait_for_others(engine, machine_name(settings), at, at, patience=patience)
    return with_machines(proof, forgot, late)


def forget_again(settings: Settings, engine: Engine, at: datetime) -> int:
    """To be called after a restore, and each night: what was erased and stands here again goes; how many numbers.

    It knows what this database and this machine's file say to be erased (`records.privacy.erased.all_erased` gives the
    same of the database that is being replaced, for `keep_all_erased` of the restored one).
    """
    file, oldest = erased_file(settings), at - timedelta(days=settings.call_days)

    def known() -> dict[str, datetime]:
        return {fingerprint: erased_at for fingerprint, erased_at in kept_in_file(file).items() if erased_at >= oldest}

    return erase_what_came_back(engine, shared_memory(settings, engine), follow_up(settings, engine), at, known)
