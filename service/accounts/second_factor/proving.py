"""Proving a second factor: a code is taken once, wrong ones are counted and noted, recovery codes replace it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from records.attempts import DAY, Limit, reached
from records.database import Connection, Engine, reading, writing
from records.desks.accounts import Account, HalfSignIn, end_sessions
from records.desks.audit import note, note_refusal
from records.desks.factors import (
    count_recovery_codes,
    enrol_factor,
    find_factor,
    forget_factor,
    renew_recovery_codes,
    take_step,
    use_recovery_code,
)
from records.refusals import ChangeRefused
from service.accounts.second_factor.codes import (
    fresh_recovery_codes,
    is_code,
    key_of,
    recovery_hash,
    step_of,
)

QUARTER = timedelta(minutes=15)
WITHIN_QUARTER, WITHIN_DAY = 5, 40
"""Codes that may be tried for an account; 40 a day are one chance in 8,000 of guessing one."""
WRONG = "Ce code n’est pas le bon, ou il a déjà servi : attendez le suivant, ou donnez un code de secours."
TOO_MANY = "Trop de codes essayés pour ce compte : patientez un quart d’heure."
USED_UP = "Trop de codes essayés pour ce compte aujourd’hui : recommencez demain, ou demandez à l’administration."


class CodeRefused(ChangeRefused):
    """A code that proves nothing; the French reason."""


@dataclass(frozen=True, slots=True)
class FactorProof:
    """What one needs to look at codes: the database, the secret key, the moment."""

    engine: Engine
    secret: bytes
    at: datetime

    def is_enrolled(self, account: Account) -> bool:
        """Whether the account has proved an application."""
        with reading(self.engine) as connection:
            factor = find_factor(connection, account.id)
        return factor is not None

    def offered_key(self, half: HalfSignIn) -> str:
        """The key of the application that whoever is in this sign-in is to prove; another sign-in is shown another."""
        return key_of(self.secret, half.account.id, half.salt)

    def check(self, account: Account, typed: str) -> None:
        """Take the code or a recovery code; CodeRefused when it is not the account's, or too many were tried."""
        self._try(account, lambda connection: self._takes(connection, account, typed))

    def _try(self, account: Account, takes: Callable[[Connection], bool]) -> None:
        with writing(self.engine) as connection:
            reason = self._too_many(connection, account)
            if not reason and not takes(connection):
                note_refusal(connection, by=account.email, what="code refusé", reference="second facteur", at=self.at)
                reason = WRONG
        if reason:
            raise CodeRefused(reason, "code")

    def enrol(self, half: HalfSignIn, typed: str) -> list[str]:
        """Take the first code of an application, and make its ten recovery codes; CodeRefused as `check` says."""
        if not is_code(typed):
            raise CodeRefused("Donnez les 6 chiffres que montre l’application.", "code")
        self._try(half.account, lambda connection: self._enrols(connection, half, typed))
        return self.new_recovery_codes(half.account, "second facteur enregistré")

    def new_recovery_codes(self, account: Account, what: str = "codes de secours refaits") -> list[str]:
        """Ten codes in place of those that there were; they are told this once."""
        codes = fresh_recovery_codes()
        with writing(self.engine) as connection:
            hashes = [recovery_hash(self.secret, account.id, code) for code in codes]
            renew_recovery_codes(connection, account.id, hashes)
            note(connection, by=account.email, what=what, reference=account.email, at=self.at)
        return codes

    def give_up(self, account: Account) -> None:
        """Forget the application, for another telephone, and end every session: the next sign-in asks to prove one."""
        with writing(self.engine) as connection:
            forget_factor(connection, account.id)
            end_sessions(connection, account.id, self.at)
            for what in ("second facteur retiré", "sessions fermées"):
                note(connection, by=account.email, what=what, reference=account.email, at=self.at)

    def recovery_codes_left(self, account: Account) -> int:
        """How many recovery codes have not been used."""
        with reading(self.engine) as connection:
            return count_recovery_codes(connection, account.id)

    def _too_many(self, connection: Connection, account: Account) -> str:
        who = str(account.id)
        limits = (Limit("second factor", who, WITHIN_QUARTER, QUARTER), Limit("factor day", who, WITHIN_DAY, DAY))
        limit = reached(connection, self.secret, limits, self.at)
        if limit is None:
            return ""
        note_refusal(connection, by=account.email, what="code refusé", reference="trop d’essais", at=self.at)
        return USED_UP if limit.within == DAY else TOO_MANY

    def _enrols(self, connection: Connection, half: HalfSignIn, typed: str) -> bool:
        step = step_of(self.offered_key(half), typed, self.at)
        return step is not None and enrol_factor(connection, half.account.id, half.salt, step, self.at)

    def _takes(self, connection: Connection, account: Account, typed: str) -> bool:
        factor = find_factor(connection, account.id)
        if factor is None:
            return False
        if is_code(typed):
            step = step_of(key_of(self.secret, account.id, factor.salt), typed, self.at)
            return step is not None and take_step(connection, account.id, step)
        used = use_recovery_code(connection, account.id, recovery_hash(self.secret, account.id, typed), self.at)
        if used:
            left = f"reste {count_recovery_codes(connection, account.id)}"
            note(connection, by=account.email, what="code de secours utilisé", reference=left, at=self.at)
        return used
