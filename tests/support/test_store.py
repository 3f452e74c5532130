"""What was said about calls is never silently overwritten, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import Engine, update

from records.database import reading, writing
from records.desks.acting import Acting
from records.desks.qualifications import qualifications_of
from records.desks.statut import Solved, Statut
from records.refusals import Overtaken
from records.schema.request_tables import requests
from records.wording import Wording
from support.answers.ready import Answer
from support.answers.store import answer_for, answer_history, open_proposals, propose, save_answer, settle_proposal
from support.calls.store import Qualification, favourites, history_of, read_qualification, save_qualification
from support.nomenclature.changing import rename
from support.nomenclature.entries import first_nomenclature
from support.nomenclature.store import nomenclature_history, nomenclature_in_force, publish_nomenclature
from support.requests.store import change_request, events_of, request_of
from support.requests.working import open_for_call
from tests.support.house import NOW, store_call

PASSWORD = Wording("Accès et authentification", "Problème de connexion au SI SIAO", "Réinitialisation du mot de passe")
FIRST = Qualification("CA1", 1, PASSWORD, "1", Solved(True, False), "", "camille@siao.example", NOW)


def test_the_second_writer_gets_the_first_ones_version_and_nothing_is_overwritten(engine: Engine) -> None:
    with writing(engine) as connection:
        save_qualification(connection, FIRST)
    second = replace(FIRST, comment="autre chose", by="dominique@siao.example")
    with pytest.raises(Overtaken) as overtaken, writing(engine) as connection:
        save_qualification(connection, second)
    assert overtaken.value.current == FIRST
    with writing(engine) as connection:
        save_qualification(connection, replace(second, version=2))
    with reading(engine) as connection:
        assert [version.by for version in history_of(connection, "CA1")] == [second.by, FIRST.by]


def test_a_form_sent_twice_is_kept_once(engine: Engine) -> None:
    with writing(engine) as connection:
        save_qualification(connection, FIRST)
        assert save_qualification(connection, replace(FIRST, by="autre@siao.example")) == FIRST
        assert len(history_of(connection, "CA1")) == 1


@pytest.mark.parametrize("version", [1, 2])
def test_of_several_writers_at_once_one_wins(engine: Engine, version: int) -> None:
    """Released together, eight threads; the others are all told."""
    with writing(engine) as connection:
        if version == 2:
            save_qualification(connection, FIRST)
    barrier, won, told = threading.Barrier(8), [], []

    def write(number: int) -> None:
        mine = replace(FIRST, version=version, comment=f"écrit par {number}")
        barrier.wait()
        try:
            with writing(engine) as connection:
                won.append(save_qualification(connection, mine).comment)
        except Overtaken as overtaken:
            told.append(overtaken.current.comment)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert told == won * 7


def test_the_call_list_carries_the_qualification_in_the_contracts_words(engine: Engine) -> None:
    with writing(engine) as connection:
        save_qualification(connection, replace(FIRST, solved=Solved(False, True)))
        found = qualifications_of(connection, ["CA1", "CA2"])
    assert found == {
        "CA1": {
            "thematique": PASSWORD.thematique,
            "motif": PASSWORD.motif,
            "sous_motif": PASSWORD.sous_motif,
            "niveau": "1",
            "statut": "Escaladé",
            "resolved": False,
            "escalated": True,
            "comment": "",
            "by": "camille@siao.example",
            "at": NOW.isoformat(),
        }
    }


def test_an_escalated_call_has_one_request_and_stays_escalated_until_it_is_closed(engine: Engine) -> None:
    escalated = replace(FIRST, solved=Solved(False, True))
    with writing(engine) as connection:
        store_call(connection, "CA1")
        save_qualification(connection, escalated)
        acting = Acting(engine, FIRST.by, NOW)
        open_it = partial(open_for_call, call_id="CA1", departement="75", wording=PASSWORD, niveau="2", description="É")
        number = open_it(acting, connection)
        assert open_it(acting, connection) == number
        assert [event.move for event in events_of(connection, number)] == ["open"]
        request = request_of(connection, "CA1")
        assert request is not None
        change_request(connection, request, {"subject": "S"})
        with pytest.raises(Overtaken):
            change_request(connection, request, {"subject": "S2"})
        connection.execute(update(requests).values(closed_at=NOW))
        save_qualification(connection, replace(escalated, version=2, solved=Solved(True, True)))
        read = read_qualification(connection, "CA1")
        assert read is not None
        assert read.statut is Statut.RESOLU


def test_the_five_favourites_are_the_persons_own_then_the_first_of_the_list(engine: Engine) -> None:
    nomenclature = first_nomenclature()
    with writing(engine) as connection:
        for place in range(6):
            entry = nomenclature.entries[10 if place < 3 else 20]
            by = "moi@siao.example" if place < 3 else "autre@siao.example"
            save_qualification(connection, replace(FIRST, call_id=f"CA{place}", wording=entry.wording, by=by))
        found = favourites(connection, "moi@siao.example", nomenclature, NOW)
        assert found[:2] == [nomenclature.entries[10], nomenclature.entries[0]]
        assert len(set(found)) == 5
        assert favourites(connection, "moi@siao.example", nomenclature, NOW + timedelta(days=200))[0] != found[0]


def test_a_new_nomenclature_begins_on_its_day_and_past_calls_keep_their_wording(engine: Engine) -> None:
    renamed = PASSWORD._replace(sous_motif="Mot de passe oublié")
    entries, change = rename(first_nomenclature().entries, PASSWORD, "1", renamed)
    with writing(engine) as connection:
        save_qualification(connection, FIRST)
        publish_nomenclature(
            connection,
            entries,
            [change],
            follows=0,
            valid_from=date(2026, 12, 1),
            by="nat@siao.example",
            at=NOW,
            note="plus clair",
        )
        before = nomenclature_in_force(connection, date(2026, 11, 30))
        after = nomenclature_in_force(connection, date(2026, 12, 1))
        assert before.find(*(PASSWORD.thematique, PASSWORD.motif, PASSWORD.sous_motif)) is not None
        assert [entry.wording for entry in after.entries if entry not in before.entries] == [renamed]
        assert qualifications_of(connection, ["CA1"])["CA1"]["sous_motif"] == PASSWORD.sous_motif
        assert nomenclature_history(connection)[0].changes == (change,)


def test_ready_answers_keep_every_version_and_refuse_a_stale_one(engine: Engine) -> None:
    new = Answer(PASSWORD, "Lisez", "Écrivez", 1, validated=True)
    with writing(engine) as connection:
        delivered = answer_for(connection, PASSWORD)
        assert delivered is not None
        assert delivered.mention == "proposition à valider"
        save_answer(connection, new, by="nat@siao.example", at=NOW)
        with pytest.raises(Overtaken):
            save_answer(connection, replace(new, aloud="autre"), by="nat@siao.example", at=NOW)
        assert answer_for(connection, PASSWORD) == new
        assert [answer for answer, _, _ in answer_history(connection, PASSWORD)] == [new]


def test_a_proposal_waits_until_it_is_settled(engine: Engine, now: datetime) -> None:
    with writing(engine) as connection:
        propose(
            connection, kind="answer", reference="x", departement="75", text="plus court", by="moi@siao.example", at=now
        )
        [found] = open_proposals(connection, "answer")
        settle_proposal(connection, found.id, by="nat@siao.example", at=now)
        assert open_proposals(connection) == []
