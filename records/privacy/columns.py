"""What every column that can hold words holds of a person, and which line of the table of retention speaks of it.

A column that is not named here turns a test red: whoever adds one says what it holds. Numbers and moments say nothing
of anybody without the words beside them, and are not named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Holds(StrEnum):
    """What a column can hold of a person."""

    NUMBER = "number"
    """A caller's telephone number, E.164."""
    TEXT = "text"
    """What somebody wrote: it may name anybody."""
    JSON = "json"
    """The same, in the texts of a JSON value."""
    FACT = "fact"
    """A fact of a call (`records.facts.FactKind`), JSON."""
    ADDRESS = "address"
    """An electronic address, a name or a profile of somebody who writes to us."""
    ACCOUNT = "account"
    """The electronic address or the name of somebody who works here."""
    DIRECTORY = "directory"
    """Référents: their names, telephones, short ids."""
    PRINT = "print"
    """A fingerprint, a digest or the name of a file: it tells who it was to somebody who knows already."""


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """One column: what it holds and the key of its line in the table of retention."""

    table: str
    name: str
    holds: Holds
    line: str


PERSONAL: Mapping[str, str] = {
    "facts": "data=fact:speech who=directory:calls",
    "quarantine": "origin=text:traces error=text:traces raw=text:traces",
    "calls": (
        "caller=number:numbers callback_number=number:numbers caller_fingerprint=print:calls referent=directory:calls "
        "referent_id=directory:calls referent_phone=directory:calls attempts=directory:calls recording=print:messages"
    ),
    "desk_tasks": "handled_by=account:calls audio_file=print:messages",
    "deliveries": (
        "recipient=address:mails subject=text:mails text=text:mails error=text:mails reference=text:mails "
        "dedupe_key=print:mails"
    ),
    "directory_versions": "published_by=account:directories csv=directory:directories note=text:directories",
    "absences": "person=directory:directories suppleant=directory:directories created_by=account:accounts",
    "closures": "label=text:published created_by=account:accounts",
    "notices": "text=text:published created_by=account:accounts",
    "absence_messages": "text=text:published audio=print:published created_by=account:accounts",
    "overflows": "created_by=account:accounts",
    "usage_holidays": "created_by=account:accounts",
    "accounts": "email=account:accounts name=account:accounts sub=account:accounts created_by=account:accounts",
    "sign_in_tokens": "token_hash=print:sessions next_path=text:sessions",
    "sign_in_requests": "bucket=print:attempts",
    "desk_sessions": "token_hash=print:sessions",
    "kept_forms": "path=text:kept_forms fields=json:kept_forms",
    "audit": "by=account:audit what=text:audit reference=text:audit",
    "qualifications": "comment=text:comments by=account:calls",
    "qualification_history": "comment=text:comments by=account:calls",
    "nomenclature_versions": "published_by=account:accounts note=text:published withdrawn_by=account:accounts",
    "sous_motif_words": "words=text:published by=account:accounts",
    "answers": "aloud=text:published written=text:published by=account:accounts",
    "local_paragraphs": "text=text:published by=account:accounts",
    "answer_uses": "by=account:accounts recipient=address:recipients",
    "proposals": "reference=text:written text=text:written by=account:accounts settled_by=account:accounts",
    "desk_marks": "owner=account:calls aside_by=account:calls done_by=account:calls",
    "desks_without_missed": "set_by=account:accounts",
    "articles": "changed_by=account:accounts",
    "search_synonyms": "words=text:published set_by=account:accounts removed_by=account:accounts",
    "article_reports": "owner=account:accounts closed_by=account:accounts result=text:written",
    "article_report_voices": "text=text:written email=address:voices",
    "subscribers": "email=address:subscribers consent=text:subscribers",
    "newsletter_issues": (
        "subject=text:published introduction=text:published items=json:published changed_by=account:accounts "
        "sent_by=account:accounts"
    ),
    "tool_notes": "title=text:published text=text:published published_by=account:accounts",
    "stored_files": "name=print:messages content=print:messages",
    "alerts": "key=directory:traces about=directory:traces told=directory:traces to_do=text:traces",
    "heavy_work": "account=account:workbooks parameters=json:workbooks result=json:workbooks error=text:workbooks",
    "heavy_files": "content=print:workbooks",
    "second_factors": "salt=print:accounts",
    "recovery_codes": "code_hash=print:accounts",
    "half_sign_ins": "token_hash=print:sessions salt=print:sessions next_path=text:sessions",
    "identity_sessions": "session_hash=print:sessions id_token=account:sessions",
    "remembered_lines": "key=print:memory fingerprint=print:memory line=print:memory",
    "erased_numbers": "fingerprint=print:erased",
    "import_batches": "file_name=text:written by=account:accounts",
    "survey_answers": "comment=text:written sent_by=account:accounts",
    "survey_corrections": "reason=text:written by=account:accounts withdrawn_by=account:accounts",
    "prepared_workbooks": "asked_by=account:workbooks file=print:workbooks error=text:workbooks",
    "radar_alerts": "dismissed_by=account:accounts",
    "line_alarms": "key=directory:traces phone=directory:traces told=directory:traces",
    "requests": (
        "subject=text:requests description=text:requests reply_to=address:requests owner=account:requests "
        "created_by=account:requests result=text:requests nom=address:requests prenom=address:requests"
    ),
    "request_events": "by=account:requests text=text:requests data=json:requests",
    "exchanges": "uid=print:requests proposed_by=account:requests",
    "tickets": "title=text:requests opened_by=account:requests",
    "filed_forms": "token_digest=print:forms email=address:forms fields=json:forms",
    "request_links": "token_digest=print:requests",
    "request_mails": "name=print:requests",
    "read_mails": "name_digest=print:read_mails reason=text:read_mails",
    "attachments": (
        "filed_key=print:requests name=text:requests digest=print:requests stored=print:requests "
        "added_by=account:requests"
    ),
    "form_attempts": "bucket=print:attempts",
    "route_versions": "published_by=account:accounts note=text:published",
    "connector_tickets": "error=text:requests",
}
"""By table: `column=what it holds:line`."""

NOBODY: Mapping[str, str] = {
    "facts": "call kind source",
    "journal_offsets": "file",
    "calls": (
        "call_id dialled departement departement_given_by outcome absence_reason answered_by linked_call_id source"
    ),
    "tombstones": "call_id",
    "told_calls": "call_id",
    "archived_calls": "call_id",
    "schema_floor": "oldest",
    "alerts": "kind",
    "job_runs": "job holder news",
    "heavy_work": "kind state holder",
    "heavy_files": "role",
    "desk_tasks": "call_id kind departement audio_state",
    "desk_sessions": "how",
    "deliveries": "kind",
    "closures": "departement",
    "absence_messages": "departement reason",
    "overflows": "departement to when",
    "usage_holidays": "departement",
    "accounts": "role",
    "account_departements": "departement",
    "qualifications": "call_id thematique motif sous_motif niveau",
    "qualification_history": "call_id thematique motif sous_motif niveau",
    "nomenclature_versions": "entries changes",
    "sous_motif_words": "thematique motif sous_motif",
    "answers": "thematique motif sous_motif",
    "local_paragraphs": "departement thematique motif sous_motif",
    "answer_uses": "departement thematique motif sous_motif way call_id",
    "proposals": "kind departement",
    "desk_marks": "kind reference",
    "desks_without_missed": "departement",
    "articles": "title address profiles summary search_text link_state link_error",
    "article_sous_motifs": "thematique motif sous_motif",
    "article_counts": "place",
    "article_reports": "open_key thematique motif sous_motif state",
    "article_report_voices": "kind",
    "newsletter_issues": "state",
    "stored_files": "area",
    "forgetting_machines": "machine",
    "retention_marks": "line",
    "retention_runs": "line",
    "import_batches": "departement",
    "surveys": "month sous_motifs",
    "survey_frozen": "month departement figures",
    "survey_answers": "month departement",
    "survey_corrections": "month departement figure",
    "prepared_workbooks": "departement",
    "radar_alerts": "key kind label departements announcement",
    "line_alarms": "kind",
    "requests": (
        "channel sender profil call_id departement thematique motif sous_motif niveau desk state route linked_call_id"
    ),
    "request_events": "move",
    "exchanges": "state",
    "tickets": "reference kind state",
    "call_sums": "departement grain waits hours delays cited",
    "cited_wordings": "niveau thematique motif sous_motif",
    "touched_sums": "grain departement",
    "read_mails": "outcome",
    "attachments": "kind scan",
    "avoided_requests": "departement profil sender thematique motif sous_motif niveau",
    "route_versions": "rules",
    "connector_tickets": "pushed_digest remote_id",
}
"""By table: the columns that say nothing of anybody."""


def personal_columns(*holds: Holds) -> Iterator[PersonalColumn]:
    """Every column that holds one of these (none named: anything of a person)."""
    for table, columns in PERSONAL.items():
        for column in columns.split():
            name, _, said = column.partition("=")
            kind, _, line = said.partition(":")
            if not holds or kind in holds:
                yield PersonalColumn(table, name, Holds(kind), line)


def without_a_person() -> set[tuple[str, str]]:
    """The columns that say nothing of anybody, as (table, column)."""
    return {(table, name) for table, names in NOBODY.items() for name in names.split()}
