"""A caller's number is erased everywhere, on both databases, and nothing brings it back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ivr.memory.callers import MemoryFile
from records.calls.ledger import record, refold, set_apart
from records.database import reading, writing
from records.facts import Fact, FactKind, Source
from records.privacy.written import GONE
from records.schema.alert_tables import alerts
from records.schema.desk_tables import kept_forms, qualification_history, qualifications
from records.schema.request_tables import request_events, requests, tickets
from records.schema.tables import calls, deliveries, facts, metadata, quarantine
from records.true_rows.comparing import rebuild
from routing.departements import timezone_of
from service.wiring.erasing import Proof, erase_caller
from tests.service.directories import MOMENT
from tests.service.test_memory_file import ended
from tests.voicemail.conftest import CALLER, Desk, OperatorFake, call, callback, message

DIGITS = CALLER[-9:]
OTHER = "+33639985678"


@pytest.fixture
def memory(tmp_path: Path) -> MemoryFile:
    return MemoryFile(tmp_path / "memory", b"a secret of the tests")


def erase(desk: Desk, memory: MemoryFile) -> Proof:
    return erase_caller(desk.engine, memory, desk.work, CALLER, desk.moment[0])


def whole_database(desk: Desk) -> str:
    with reading(desk.engine) as connection:
        rows = [row for table in metadata.sorted_tables for row in connection.execute(select(table)).all()]
    return "\n".join(map(str, rows))


def typed(call_id: str) -> Fact:
    return Fact(call_id, FactKind.PRESSED, 6, MOMENT, "", {"step": "number", "keys": f"0{DIGITS}"})


def typed_number(call_id: str) -> Fact:
    return Fact(call_id, FactKind.CALLBACK_TYPED, 6, MOMENT, "", {"number": CALLER})


def said(call_id: str) -> Fact:
    spoken = {"step": "menu", "text": "rappelez-moi au 06 39 98 12 34", "confidence": 0.9}
    return Fact(call_id, FactKind.SPOKE, 4, MOMENT, "", spoken)


def test_no_table_and_no_file_holds_the_number_any_more(desk: Desk, memory: MemoryFile, operator: OperatorFake) -> None:
    desk.heard(*call("CA1", message("RE1"), said), *call("CA2", callback(None), typed, typed_number))
    desk.work.work()
    memory.remember([ended("CA1"), ended("CA2")], MOMENT)
    assert DIGITS in whole_database(desk)

    proof = erase(desk, memory)

    assert DIGITS not in whole_database(desk)
    assert "06 39 98 12 34" not in whole_database(desk)
    assert memory.fingerprint(CALLER) not in memory.path.read_text()
    assert list(desk.folder.glob("*")) == []
    assert operator.deleted() == ["RE1"]
    assert str(proof) == (
        "Le 06 39 •• •• 34 est effacé : retiré de 2 appels et de 7 événements, oublié de la mémoire des appelants, "
        "1 message effacé, ici et chez l’opérateur. Le journal local le perd sous sept jours. "
        "Courriels déjà partis au sujet de ces appels, à demander à qui les a reçus : message ou rappel, à "
        "a.delorme@exemple.fr, le 07/12/2026. "
        "Les sauvegardes le gardent jusqu’à leur fin ; une restauration l’efface de nouveau."
    )


def test_the_calls_stay_for_the_figures(desk: Desk, memory: MemoryFile) -> None:
    desk.heard(*call("CA1", message()), *call("CA2", callback()))
    erase(desk, memory)
    with reading(desk.engine) as connection:
        kept = connection.execute(select(calls.c.call_id, calls.c.outcome, calls.c.departement)).all()
    assert sorted(map(tuple, kept)) == [("CA1", "message", "75"), ("CA2", "callback", "75")]


def test_late_facts_the_operators_log_and_a_rebuild_do_not_bring_it_back(desk: Desk, memory: MemoryFile) -> None:
    facts = call("CA1", callback())
    desk.heard(*facts)
    erase(desk, memory)
    logged = {"status": "completed", "seconds": 60, "caller": CALLER, "dialled": "+33199000000", "legs": []}
    with writing(desk.engine) as connection:
        late = [*facts, Fact("CA1", FactKind.LOGGED, 0, MOMENT, "", logged, Source.RECONCILIATION)]
        refold(
            connection,
            record(connection, late, origin="late", at=MOMENT) | {"CA1"},
            timezone_of=timezone_of,
            at=MOMENT,
        )
    assert rebuild(desk.engine, timezone_of=timezone_of, at=MOMENT).mended == ()
    assert DIGITS not in whole_database(desk)


def test_nobody_is_asked_to_call_back_an_erased_number(desk: Desk, memory: MemoryFile) -> None:
    desk.heard(*call("CA1", callback()))
    erase(desk, memory)
    desk.work_for(timedelta(minutes=2))
    assert desk.post.letters == []


def test_a_call_that_goes_on_keeps_its_number_and_the_sentence_says_so(desk: Desk, memory: MemoryFile) -> None:
    desk.moment[0] = MOMENT
    desk.heard(*call("CA1", over=False))
    proof = erase(desk, memory)
    assert "1 appel en cours le porte encore" in str(proof)
    assert DIGITS in whole_database(desk)
    desk.heard(*call("CA1"))
    erase(desk, memory)
    assert DIGITS not in whole_database(desk)


def test_an_operator_that_does_not_answer_is_asked_again_and_the_sentence_says_so(
    desk: Desk, memory: MemoryFile, operator: OperatorFake
) -> None:
    operator.deletions = [503, 204]
    operator.answers = [404]
    desk.heard(*call("CA1", message("RE1")))
    assert "dès qu’il répondra" in str(erase(desk, memory))
    desk.wait(timedelta(minutes=1))
    desk.work.work()
    assert operator.deleted() == ["RE1", "RE1"]


def test_what_people_wrote_about_the_call_loses_the_number_and_keeps_the_rest(desk: Desk, memory: MemoryFile) -> None:
    desk.heard(*call("CA1", callback()))
    qualification = {
        "call_id": "CA1", "version": 1, "thematique": "T", "motif": "M", "sous_motif": "S", "niveau": "1",
        "resolved": True, "escalated": False, "by": "a@exemple.fr", "at": MOMENT,
        "comment": "À rappeler au 06.39.98.12.34 ou +33 6 39 98 12 34 avant 17 h, dossier 1234.",
    }  # fmt: skip
    with writing(desk.engine) as connection:
        connection.execute(qualifications.insert().values(qualification))
        connection.execute(qualification_history.insert().values(qualification))
    erase(desk, memory)
    with reading(desk.engine) as connection:
        comments = {
            *connection.scalars(select(qualifications.c.comment)),
            *connection.scalars(select(qualification_history.c.comment)),
        }
    assert comments == {"À rappeler au [numéro effacé] ou [numéro effacé] avant 17 h, dossier 1234."}


ODD = ("０６ ३९ ९८ १२ ३४", "⁰⁶.³⁹.⁹⁸.¹².³⁴", "06\u00ad39\u00ad98\u00ad12\u00ad34", "𝟎𝟔𝟑𝟗𝟗𝟖𝟏𝟐𝟑𝟒")


@pytest.mark.parametrize("way", ODD)
def test_digits_of_another_kind_are_found_in_every_table_and_what_stands_beside_them_stays(
    desk: Desk, memory: MemoryFile, way: str
) -> None:
    desk.heard(*[replace(one, data={**one.data, "caller": OTHER}) if "caller" in one.data else one for one in call(
        "CA1", lambda name: Fact(name, FactKind.SPOKE, 4, MOMENT, "", {"step": "menu", "text": f"au {way}"})
    )])  # fmt: skip
    step = {"request_id": 1, "at": MOMENT, "by": "a@exemple.fr", "move": "add", "text": f"25 m² ; au {way}, ½ h"}
    with writing(desk.engine) as connection:
        connection.execute(request_events.insert().values(step | {"data": json.dumps({"a": [f"{way} ²"]})}))
        set_apart(connection, json.dumps({"text": way})[:-1], origin="a", error="tests", at=MOMENT)
        set_apart(connection, way, origin="a", error="tests", at=MOMENT)
        set_apart(connection, json.dumps({"text": "２５ m²"}), origin="b", error="tests", at=MOMENT)
    assert len(erase(desk, memory).erased.calls) == 1
    with reading(desk.engine) as connection:
        told = connection.execute(select(request_events.c.text, request_events.c.data)).one()
        spoken = connection.scalars(select(facts.c.data).where(facts.c.kind == str(FactKind.SPOKE))).one()
        assert list(connection.scalars(select(quarantine.c.origin))) == ["b"]
    assert (told.text, json.loads(told.data)) == (f"25 m² ; au {GONE}, ½ h", {"a": [f"{GONE} ²"]})
    assert not json.loads(spoken)["text"]


def test_an_alarm_about_a_telephone_that_is_of_no_directory_any_more_loses_it_too(
    desk: Desk, memory: MemoryFile
) -> None:
    alarm = {"key": "silent:1", "kind": "silent", "about": "", "told": "Le 06 39 98 12 34 ne répond pas.", "to_do": ""}
    with writing(desk.engine) as connection:
        connection.execute(alerts.insert().values(alarm | {"began_at": MOMENT, "seen_at": MOMENT}))
    erase(desk, memory)
    with reading(desk.engine) as connection:
        assert connection.scalars(select(alerts.c.told)).one() == f"Le {GONE} ne répond pas."


def test_other_callers_keep_theirs(desk: Desk, memory: MemoryFile) -> None:
    played = [replace(one, data={**one.data, "caller": OTHER}) if "caller" in one.data else one for one in call("CA1")]
    desk.heard(*played)
    memory.remember([ended("CA1", caller=OTHER)], MOMENT)
    erase(desk, memory)
    assert OTHER in whole_database(desk)
    assert memory.recall(OTHER, MOMENT).departement == "93"


def test_a_number_that_nobody_knows_is_said_to_be_erased_from_nothing(desk: Desk, memory: MemoryFile) -> None:
    assert "retiré de 0 appel et de 0 événement, absent de la mémoire" in str(erase(desk, memory))


def test_a_request_and_its_whole_history_lose_the_number_and_keep_the_rest(desk: Desk, memory: MemoryFile) -> None:
    """Subject, description, result, every step with what it changed, the ticket that left for the technical team."""
    desk.heard(*call("CA1", callback()))
    ways = ("06 39 98 12 34", "+33 6.39.98.12.34", "06\u00a039\u00a098\u00a012\u00a034", CALLER)
    asked = {
        "id": 1, "channel": "phone", "sender": "referent", "call_id": "CA1", "departement": "93", "version": 2,
        "thematique": "T", "motif": "M", "sous_motif": "S", "niveau": "2", "reply_to": "a@exemple.fr",
        "desk": "national", "state": "closed", "created_at": MOMENT, "created_by": "a@exemple.fr",
        "subject": f"Rappel au {ways[0]}", "description": f"Au {ways[1]}, dossier 1234.",
        "result": f"Dit au {ways[2]}.",
    }  # fmt: skip
    step = {"request_id": 1, "at": MOMENT, "by": "a@exemple.fr", "move": "complete", "text": f"Appelez {ways[0]}."}
    data = {"before": {"subject": f"Au {ways[2]}"}, "after": {"subject": ways[3]}, "list": [ways[1], 7, None]}
    ticket = {
        "reference": "INC-2026-0001", "request_id": 1, "kind": "incident", "state": "new", "title": f"De {ways[3]}",
        "opened_at": MOMENT, "opened_by": "a@exemple.fr", "changed_at": MOMENT,
    }  # fmt: skip
    with writing(desk.engine) as connection:
        connection.execute(requests.insert().values(asked))
        connection.execute(request_events.insert().values(step | {"data": json.dumps(data)}))
        connection.execute(tickets.insert().values(ticket))
    erase(desk, memory)
    whole = whole_database(desk)
    assert [way for way in (*ways, DIGITS, r"06\u00a039") if way in whole] == []
    with reading(desk.engine) as connection:
        kept = connection.execute(select(requests.c.subject, requests.c.description, requests.c.result)).one()
        told = connection.execute(select(request_events.c.text, request_events.c.data)).one()
        title = connection.scalar(select(tickets.c.title))
    gone = "[numéro effacé]"
    assert tuple(kept) == (f"Rappel au {gone}", f"Au {gone}, dossier 1234.", f"Dit au {gone}.")
    assert (told.text, title) == (f"Appelez {gone}.", f"De {gone}")
    assert json.loads(told.data) == {
        "before": {"subject": f"Au {gone}"}, "after": {"subject": gone}, "list": [gone, 7, None],
    }  # fmt: skip


def test_forms_kept_for_their_authors_and_mails_that_wait_lose_it_too(desk: Desk, memory: MemoryFile) -> None:
    """They are of no call yet: the number typed into a form whose session ended, a line added to an answer."""
    form = {"numero": "06 39 98 12 34", "comment": "au 06\u00a039\u00a098\u00a012\u00a034, urgent"}
    kept = {"account_id": 1, "path": "/appels/ajouter", "fields": json.dumps(form), "at": MOMENT}
    mail = {
        "dedupe_key": "answer:1", "kind": "answer", "reference": "1", "recipient": "a@exemple.fr", "subject": "S",
        "text": "Rappelez le 06.39.98.12.34.", "created_at": MOMENT, "next_try_at": MOMENT, "tries": 0,
    }  # fmt: skip
    with writing(desk.engine) as connection:
        connection.execute(kept_forms.insert().values(kept))
        connection.execute(deliveries.insert().values(mail))
    erase(desk, memory)
    with reading(desk.engine) as connection:
        fields = json.loads(connection.scalars(select(kept_forms.c.fields)).one())
        texts = connection.scalars(select(deliveries.c.text).where(deliveries.c.dedupe_key == "answer:1")).all()
    assert fields == {"numero": "[numéro effacé]", "comment": "au [numéro effacé], urgent"}
    assert texts == ["Rappelez le [numéro effacé]."]


def test_only_the_lines_set_apart_in_which_the_number_stands_go(desk: Desk, memory: MemoryFile) -> None:
    spread = " ".join(f"{digit} x" for digit in DIGITS)
    with writing(desk.engine) as connection:
        set_apart(connection, f'{{"caller": "{CALLER}"}}', origin="a", error="tests", at=MOMENT)
        set_apart(connection, f'{{"text": "{spread}"}}', origin="b", error="tests", at=MOMENT)
    erase(desk, memory)
    with reading(desk.engine) as connection:
        assert list(connection.scalars(select(quarantine.c.origin))) == ["b"]
