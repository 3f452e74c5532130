"""The mails that prove an address, and the end of what nobody proved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from records import outbox
from records.attempts import forget_attempts
from records.database import Engine, reading, writing
from records.mail import SIGNATURE, Mail, Sender
from records.outbox import Delivery, Owed
from records.sending import send_due
from records.tokens import digest_of
from routing.calendar.words import write_moment
from routing.departements import timezone_of
from support.form.opening import tokens_of
from support.form.store import FiledForm, filed_form_of, forget_filed

SUBJECT = "Confirmez votre demande à l’assistance SI SIAO"


@dataclass(frozen=True, slots=True)
class FormPost:
    """Everything that the work needs; without a `sender` the mails wait."""

    engine: Engine
    sender: Sender | None
    clock: Callable[[], datetime]
    secret: bytes
    public_url: str

    def send(self) -> None:
        """The mails that are due; one that cannot leave is tried again as long as its link opens."""
        if self.sender:
            send_due(
                self.engine, Owed.PROOF, self.sender, self.clock, compose=self._letter, at_most=outbox.AT_ONCE
            )  # fmt: skip

    def forget(self) -> None:
        """Forget the forms whose time is over, and attempts of yesterday; their files go with the care of files."""
        at = self.clock()
        with writing(self.engine) as connection:
            forget_filed(connection, at)
            forget_attempts(connection, at)

    def _letter(self, delivery: Delivery, at: datetime) -> Mail | str:
        with reading(self.engine) as connection:
            filed = filed_form_of(connection, int(delivery.reference))
        if filed is None or filed.request_id is not None:
            return outbox.HANDLED
        if filed.expires_at <= at:
            return outbox.TOO_LATE
        token = next((one for one in tokens_of(self.secret, filed.email, filed.fields) if _is_of(filed, one)), "")
        return proof_letter(filed, f"{self.public_url}/demande/confirmer/{token}") if token else outbox.HANDLED


def _is_of(filed: FiledForm, token: str) -> bool:
    return digest_of(token) == filed.token_digest


def proof_letter(filed: FiledForm, link: str) -> Mail:
    """The mail of the link. It holds nothing that was typed: nobody can have us write his words to a stranger."""
    zone = timezone_of(filed.fields["departement"])
    text = (
        "Bonjour,\n\n"
        f"Une demande à l’assistance SI SIAO a été écrite avec cette adresse, le {write_moment(filed.filed_at, zone)}."
        "\nElle sera transmise dès que vous aurez confirmé que l’adresse est la vôtre :\n\n"
        f"{link}\n\n"
        f"Ce lien s’ouvre jusqu’au {write_moment(filed.expires_at, zone)} ; la demande est ensuite effacée, sans avoir "
        "été lue.\n\n"
        "Vous n’avez rien demandé ? Ne faites rien : personne ne lira cette demande."
    )
    return Mail(filed.email, SUBJECT, f"{text}{SIGNATURE}")
