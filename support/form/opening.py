"""A form that is sent: it waits until its address is proved, then becomes a request; or it was not needed at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from records import outbox
from records.database import Connection, writing
from records.desks.accounts import Account, find_by_email, fold_email
from records.desks.acting import Acting
from records.outbox import Owed, Thing
from records.tokens import digest_of
from records.wording import Entry, Wording
from routing.departements import timezone_of
from routing.requests.table import Wrote
from support.attachments.store import adopt, forget_waiting, waiting_attachments
from support.desk import Desk
from support.following.links import link_of
from support.form.draft import Draft
from support.form.help import ReadyHelp, ready_help
from support.form.limits import FormLimits, check_limits, check_network
from support.form.proof import PROOF_LIVES, count_key, files_key, proof_token
from support.form.store import (
    AvoidedRequest,
    FiledForm,
    drop_filed,
    file_form,
    filed_form,
    forget_avoided,
    note_avoided,
    note_opened,
)
from support.knowledge.counting import count
from support.requests.filing import Written, file_request
from support.requests.request import Request
from support.requests.store import events_of, read_request
from support.routes.routing import routed


@dataclass(frozen=True, slots=True)
class FormOffice:
    """What the form is given: the desk, who reads (None: nobody signed in), its limits, how long a link opens."""

    desk: Desk
    visitor: Callable[[], Account | None]
    limits: FormLimits
    link_days: int

    @property
    def is_demo(self) -> bool:
        """Whether this is a demonstration."""
        return self.desk.allows_fiction


@dataclass(frozen=True, slots=True)
class SentForm:
    """What became of a form: its request and the token of its link; `request` None until the address is proved.

    `is_demoted`: whoever sent it says that he is a référent, and nothing that we know says so.
    """

    email: str
    request: Request | None = None
    token: str = ""
    is_demoted: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """One time that a form is sent: its key, from which network, and what its page knew.

    `is_proved`: the address needs no mail; `has_seen`: the answer was read, and did not help; `was_for`: the address
    that this one corrects; `again`: the mail is asked for once more.
    """

    key: str
    network: str
    is_proved: bool = False
    has_seen: bool = False
    was_for: str = ""
    again: bool = False


def send_form(office: FormOffice, draft: Draft, sending: Sending) -> SentForm:
    """Keep the form and owe the mail that proves its address, or open its request when nothing is left to prove.

    What is sent twice is one form. Raises TooManyForms when the address or the network has sent enough.
    """
    desk, at = office.desk, office.desk.clock()
    with writing(desk.engine) as connection:
        token = _token(connection, desk, draft, sending.key)
        known = filed_form(connection, digest_of(token), locked=True)
        if known is not None and known.request_id is not None:
            return _opened(office, connection, known, at)
        again = sending.again or (known is not None and known.expires_at <= at)
        if known is None or again:
            check_limits(
                connection, office.limits, desk.secret, email=draft.email, network=sending.network,
                is_proved=sending.is_proved, at=at,
            )  # fmt: skip
        fields = _fields(draft, sending.key)
        is_new = file_form(connection, digest_of(token), draft.email, fields, at=at, lives=PROOF_LIVES)
        if sending.was_for and sending.was_for != draft.email:
            drop_filed(connection, digest_of(proof_token(desk.secret, files_key(sending.key), sending.was_for)))
        if is_new:
            _went_on(office, connection, draft, sending, at)
        filed = filed_form(connection, digest_of(token), locked=True)
        if filed is None or sending.is_proved:
            return _opened(office, connection, filed, at) if filed else SentForm(draft.email)
        # neither the number, which SQLite gives again, nor the address, which goes with the form
        key = f"{Owed.PROOF}:{digest_of(token)}:{filed.filed_at:%Y%m%d%H%M}" + (f":{at:%Y%m%d%H%M}" if again else "")
        outbox.owe(connection, Thing(Owed.PROOF, key, str(filed.id)), at)
    return SentForm(draft.email)


def prove(office: FormOffice, token: str) -> SentForm | None:
    """Open the request of the form that this link proves, once; None for a link that opens nothing any more."""
    at = office.desk.clock()
    with writing(office.desk.engine) as connection:
        filed = filed_form(connection, digest_of(token), locked=True)
        if filed is None or (filed.request_id is None and filed.expires_at <= at):
            return None
        return _opened(office, connection, filed, at)


def avoid(
    office: FormOffice, entry: Entry, read: ReadyHelp, typed: Mapping[str, str], *, key: str, network: str, choice: str
) -> None:  # fmt: skip
    """Count that somebody found the answer: by the ready answer, or by `article-<number>` of those that were shown.

    Once for a form, however often its page is sent; of whom nothing is kept, his files neither.
    """
    desk, at = office.desk, office.desk.clock()
    chosen = next((one.id for one in read.articles if choice == f"article-{one.id}"), None)
    with writing(desk.engine) as connection:
        for each in waiting_attachments(connection, files_key(key)):
            forget_waiting(connection, each.id, files_key(key))
        said = AvoidedRequest(
            typed["departement"] or None, typed["profil"], typed["sender"], **entry.wording._asdict(),
            niveau=entry.niveau, article_id=chosen,
        )  # fmt: skip
        if not note_avoided(connection, count_key(key), said, at):
            return
        check_network(connection, office.limits, desk.secret, what="avis", network=network, at=at)
        day = at.astimezone(timezone_of(None)).date()
        count(connection, [one.id for one in read.articles], place="form", day=day, shown=1)
        count(connection, [chosen] if chosen else [], place="form", day=day, said_yes=1)


def is_known_referent(desk: Desk, connection: Connection, email: str, departement: str) -> bool:
    """Whether an open account of the département, or a line of its directory, has this proved address."""
    account = find_by_email(connection, email)
    if account is not None and account.closed_at is None and account.may_read(departement):
        return True
    listed = (one for one in desk.people() if one.departement == departement and one.email)
    return any(fold_email(str(one.email)) == email for one in listed)


def _token(connection: Connection, desk: Desk, draft: Draft, key: str) -> str:
    """The token of the form; whoever goes back and writes something else, once his request is open, sends another."""
    first, other = tokens_of(desk.secret, draft.email, _fields(draft, key))
    known = filed_form(connection, digest_of(first))
    is_another = (
        known is not None
        and known.request_id is not None
        and known.fields["empreinte"] != _print_of(_fields(draft, key))
    )
    return other if is_another else first


def tokens_of(secret: bytes, email: str, fields: Mapping[str, str]) -> tuple[str, str]:
    """The token of a form, and that of what the same page sent afterwards: computed from what is kept of it."""
    about = fields["fichiers"]
    return proof_token(secret, about, email), proof_token(secret, f"{about} {_print_of(fields)}", email)


def _fields(draft: Draft, key: str) -> dict[str, str]:
    """What is kept of a draft until its request is open, by the names of the form."""
    return {
        "referent": "oui" if draft.says_referent else "non", "profil": draft.profil, "nom": draft.nom,
        "prenom": draft.prenom, "departement": draft.departement, **draft.entry.wording._asdict(),
        "niveau": draft.entry.niveau, "objet": draft.objet, "description": draft.description,
        "fichiers": files_key(key),
    }  # fmt: skip


def _print_of(fields: Mapping[str, str]) -> str:
    return digest_of(json.dumps(dict(fields), sort_keys=True))


def _went_on(office: FormOffice, connection: Connection, draft: Draft, sending: Sending, at: datetime) -> None:
    """The answer that was shown did not help: what was counted as avoided is not."""
    forget_avoided(connection, count_key(sending.key))
    if sending.has_seen:
        read = ready_help(connection, draft.entry.wording, draft.profil, is_demo=office.is_demo)
        day = at.astimezone(timezone_of(None)).date()
        count(connection, [one.id for one in read.articles], place="form", day=day, shown=1, said_no=1)


def _opened(office: FormOffice, connection: Connection, filed: FiledForm, at: datetime) -> SentForm:
    """The request of the form, opened unless it is; all in the one transaction of the caller."""
    desk, fields = office.desk, filed.fields
    asked = read_request(connection, filed.request_id) if filed.request_id is not None else None
    if asked is None:
        asked = _new_request(desk, connection, filed, at)
        adopt(
            connection, fields["fichiers"], request_id=asked.id, event_id=events_of(connection, asked.id)[0].id
        )  # fmt: skip
        kept = {"referent": fields["referent"], "empreinte": _print_of(fields)}
        note_opened(connection, filed.id, asked.id, kept, at)
    token = link_of(connection, desk.secret, asked.id, at, office.link_days)
    is_demoted = fields["referent"] == "oui" and asked.sender == Wrote.USER
    return SentForm(filed.email, asked, token, is_demoted)


def _new_request(desk: Desk, connection: Connection, filed: FiledForm, at: datetime) -> Request:
    fields, code = filed.fields, filed.fields["departement"]
    wording = Wording(fields["thematique"], fields["motif"], fields["sous_motif"])
    entry = desk.nomenclature(connection).find(*wording) or Entry(fields["niveau"], wording)
    is_referent = fields["referent"] == "oui" and is_known_referent(desk, connection, filed.email, code)
    sender = Wrote.REFERENT if is_referent else Wrote.USER
    written = Written(
        "form", str(sender), code, fields["nom"], fields["prenom"], fields["profil"], filed.email, entry,
        fields["objet"], fields["description"],
    )  # fmt: skip
    sent_to = routed(desk, connection, sender=str(sender), entry=entry, departement=code, at=at)
    acting = Acting(desk.engine, filed.email, at)
    return file_request(acting, connection, written, sent_to, hours=desk.national_hours)
