"""A request worked on by two desks: every verb writes the row, its step and its line of the trail, or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from sqlalchemy import select, update

from records.desks.level_2 import restate
from records.refusals import ChangeRefused, Overtaken
from records.schema.desk_tables import audit, qualification_history
from records.schema.request_tables import exchanges, request_events, requests, tickets
from support.calls.store import history_of
from support.nomenclature.entries import first_nomenclature
from support.requests import working
from support.requests.states import Move, MoveRefused, RequestState, WhichDesk
from support.requests.store import exchanges_of, read_request, request_of, tickets_of
from tests.support.house import NOW
from tests.support.requests.conftest import ALIX, CAMILLE, DOMINIQUE, NOOR, PASSWORD, SACHA, Office

OTHER = next(entry for entry in first_nomenclature().entries if entry.niveau == "1/2")
SOON = NOW + timedelta(days=1)


def test_a_request_is_asked_taken_answered_and_closed_and_its_call_is_solved(office: Office) -> None:
    assert (office.call()["statut"], office.now().due_at) == ("Escaladé", NOW + timedelta(days=1))
    office.house.clock.advance(hours=3)
    taken = office.does(SACHA, working.take)
    assert (taken.state, taken.owner, taken.taken_at) == (RequestState.TAKEN, SACHA, NOW + timedelta(hours=3))
    office.house.clock.advance(hours=1)
    answered = office.does(SACHA, working.answer, text="Videz le cache.")
    assert answered.first_answer_at == NOW + timedelta(hours=4)
    office.house.clock.advance(days=1)
    closed = office.does(NOOR, working.close, text="Réglé par téléphone.", solved=True)
    assert (closed.state, closed.result, closed.due_at) == (RequestState.CLOSED, "Réglé par téléphone.", None)
    assert closed.first_answer_at == NOW + timedelta(hours=4)
    told = office.call()
    assert (told["statut"], told["resolved"], told["escalated"], told["by"]) == ("Résolu", True, True, NOOR)
    assert [step.move for step in office.steps()] == [Move.OPEN, Move.TAKE, Move.ANSWER, Move.CLOSE]
    with office.house.writing() as connection:
        assert [version.by for version in history_of(connection, "CA1")] == [NOOR, CAMILLE]
        trail = connection.scalars(select(audit.c.what).where(audit.c.reference == "1")).all()
    assert trail[-3:] == ["demande prise", "réponse à une demande", "demande close"]


def test_closed_without_a_solution_the_call_goes_on_and_reopened_it_is_escalated_again(office: Office) -> None:
    office.does(SACHA, working.close, text="Rien à faire ici.", solved=False)
    assert (office.call()["statut"], office.call()["resolved"]) == ("En cours", False)
    office.house.clock.advance(days=15)
    again = office.does(DOMINIQUE, working.reopen, text="Cela recommence.")
    assert (again.state, again.closed_at, again.result, again.owner) == (RequestState.OPEN, None, None, SACHA)
    assert office.call()["statut"] == "Escaladé"
    office.does(SACHA, working.close, text="Corrigé.", solved=True)
    assert office.call()["resolved"] is True
    office.does(CAMILLE, working.reopen, text="Toujours pas.")
    assert (office.call()["statut"], office.call()["resolved"]) == ("Escaladé", False)


def test_after_fifteen_days_a_request_stays_closed_but_the_call_can_be_escalated_anew(office: Office) -> None:
    office.does(SACHA, working.close, text="Fait.", solved=True)
    office.house.clock.advance(days=15, seconds=1)
    with pytest.raises(MoveRefused, match="quinze jours"):
        office.does(CAMILLE, working.reopen, text="Encore.")
    acting = office.acting(CAMILLE)
    with acting.writing() as connection:
        number = working.open_for_call(
            acting, connection, call_id="CA1", departement="75", wording=PASSWORD, niveau="1", description="Encore."
        )
    assert (number, office.now().state, office.now().owner) == (1, RequestState.OPEN, None)
    assert office.steps()[-1].move is Move.REOPEN


def test_a_question_waits_for_the_referents_word_and_stops_no_clock(office: Office) -> None:
    asked = office.does(SACHA, working.ask, text="Quel écran ?")
    assert (asked.state, asked.owner, asked.first_answer_at) == (RequestState.WAITING, SACHA, None)
    told = office.does(DOMINIQUE, working.add, text="Celui des demandes.")
    assert told.state is RequestState.TAKEN


def test_handed_back_the_referents_work_on_it_and_may_escalate_it_again(office: Office) -> None:
    office.does(SACHA, working.take)
    back = office.does(SACHA, working.hand_back, text="C’est une question d’habilitation.")
    assert (back.desk, back.state, back.owner) == (WhichDesk.LOCAL, RequestState.OPEN, None)
    with pytest.raises(MoveRefused, match="pas la faire avancer"):
        office.does(NOOR, working.answer, text="Je réponds quand même.")
    office.does(DOMINIQUE, working.assign, owner=CAMILLE)
    assert office.now().owner == CAMILLE
    again = office.does(CAMILLE, working.escalate, text="L’habilitation est bonne.")
    assert (again.desk, again.state, again.owner) == (WhichDesk.NATIONAL, RequestState.OPEN, None)
    office.does(NOOR, working.hand_back, text="Encore.")
    assert office.does(DOMINIQUE, working.close, text="Fait ici.", solved=True).state is RequestState.CLOSED


def test_nobody_to_hand_it_back_to_it_stays(office: Office) -> None:
    office.escalated("CA2", by=SACHA, departement="33")
    with pytest.raises(MoveRefused, match="Personne n’a de compte"):
        office.does(SACHA, working.hand_back, text="À vous.")


def test_it_is_given_to_somebody_of_the_desk_and_to_nobody_else(office: Office) -> None:
    assert office.does(SACHA, working.assign, owner=NOOR).owner == NOOR
    assert office.steps()[-1].data == {"owner": NOOR, "before": None}
    for stranger in (CAMILLE, "nobody@siao.example", ""):
        with pytest.raises(ChangeRefused, match="de l’équipe"):
            office.does(SACHA, working.assign, owner=stranger)
    with pytest.raises(MoveRefused, match="déjà le cas"):
        office.does(SACHA, working.assign, owner=NOOR)
    with pytest.raises(MoveRefused, match="Vous vous en occupez"):
        office.does(NOOR, working.take)
    assert office.does(SACHA, working.take).owner == SACHA


def test_another_motif_is_the_calls_too_as_a_new_version(office: Office) -> None:
    after = office.does(SACHA, working.reclassify, entry=OTHER)
    assert (after.wording, after.niveau) == (OTHER.wording, "2")
    assert after.subject == f"{OTHER.wording.motif} : {OTHER.wording.sous_motif}"
    told = office.call()
    assert (told["sous_motif"], told["niveau"], told["statut"]) == (OTHER.wording.sous_motif, "2", "Escaladé")
    assert office.steps()[-1].data == {"before": list(PASSWORD), "after": list(OTHER.wording), "niveau": "2"}
    with pytest.raises(ChangeRefused, match="déjà le motif"):
        office.does(SACHA, working.reclassify, entry=OTHER)
    with pytest.raises(ChangeRefused, match="sous-motif de la liste"):
        office.does(SACHA, working.reclassify, entry=None)


def test_an_exchange_is_proposed_moved_and_held(office: Office) -> None:
    planned = office.does(SACHA, working.plan, starts_at=SOON, minutes=30)
    assert (planned.state, planned.due_at) == (RequestState.PLANNED, SOON + timedelta(minutes=30))
    moved = office.does(SACHA, working.plan, starts_at=SOON + timedelta(hours=2), minutes=45)
    assert moved.due_at == SOON + timedelta(hours=2, minutes=45)
    step = office.steps()[-1]
    assert step.data == {
        "exchange": 1, "starts_at": (SOON + timedelta(hours=2)).isoformat(), "minutes": 45, "sequence": 1,
        "before": SOON.isoformat(),
    }  # fmt: skip
    with pytest.raises(MoveRefused, match="pas encore commencé"):
        office.does(SACHA, working.hold_exchange, text="Dit.")
    office.house.clock.advance(days=1, hours=2)
    held = office.does(SACHA, working.hold_exchange, text="Nous avons vidé le cache ensemble.")
    assert (held.state, held.first_answer_at) == (RequestState.TAKEN, office.house.clock())
    with pytest.raises(MoveRefused, match="Aucun échange"):
        office.does(SACHA, working.cancel_exchange, text="Trop tard.")


def test_the_referent_may_cancel_the_exchange_and_ending_the_request_cancels_it_too(office: Office) -> None:
    office.does(SACHA, working.plan, starts_at=SOON, minutes=30)
    office.does(CAMILLE, working.cancel_exchange, text="Plutôt jeudi.")
    office.does(SACHA, working.plan, starts_at=SOON, minutes=30)
    with pytest.raises(ChangeRefused):
        office.does(SACHA, working.close, text=" ", solved=True)
    assert office.now().state is RequestState.PLANNED
    office.does(SACHA, working.close, text="Réglé.", solved=True)
    assert [step.move for step in office.steps()][-2:] == [Move.CANCEL_EXCHANGE, Move.CLOSE]
    with office.house.writing() as connection:
        assert [(one.state, one.sequence) for one in exchanges_of(connection, 1)] == [("cancelled", 1)] * 2


def test_a_ticket_has_its_own_reference_and_state_and_ends_as_its_table_says(office: Office) -> None:
    opened = office.does(SACHA, working.open_ticket, kind="incident", title="Écran blanc")
    assert opened.state is RequestState.TECHNICAL
    with pytest.raises(MoveRefused, match="INC-2026-0001 est encore ouvert"):
        office.does(SACHA, working.open_ticket, kind="evolution", title="Autre")
    office.does(SACHA, working.change_ticket, state="in_progress")
    with pytest.raises(ChangeRefused, match="cet état"):
        office.does(SACHA, working.change_ticket, state="new")
    over = office.does(SACHA, working.change_ticket, state="resolved")
    assert (over.state, office.steps()[-1].data["before"]) == (RequestState.TAKEN, "in_progress")
    office.does(SACHA, working.open_ticket, kind="evolution", title="Un bouton")
    office.escalated("CA2")
    office.does(NOOR, working.open_ticket, kind="incident", title="Encore")
    with office.house.writing() as connection:
        assert [one.reference for one in tickets_of(connection, 1)] == ["EVO-2026-0001", "INC-2026-0001"]
        assert tickets_of(connection, 2)[0].reference == "INC-2026-0002"
        connection.execute(update(tickets).where(tickets.c.request_id == 2).values(reference="INC-2026-9999"))
    office.escalated("CA3")
    office.does(NOOR, working.open_ticket, kind="incident", title="Dix mille")
    office.escalated("CA4")
    office.does(NOOR, working.open_ticket, kind="incident", title="Et un")
    assert office.steps()[-1].data["reference"] == "INC-2026-10001"
    with pytest.raises(ChangeRefused, match="une évolution"):
        office.does(NOOR, working.open_ticket, kind="cadeau", title="X")


def test_the_referent_completes_until_it_is_taken_and_both_versions_are_kept(office: Office) -> None:
    new = {"subject": "Écran blanc", "description": "Sur la page des demandes.", "reply_to": CAMILLE}
    office.does(DOMINIQUE, working.complete, **new)
    assert office.now().description == "Sur la page des demandes."
    step = office.steps()[-1]
    assert step.data["before"]["description"] == "L’écran reste blanc."
    assert office.does(DOMINIQUE, working.complete, **new).version == office.now().version  # twice is once
    for wrong in ({"subject": " "}, {"description": "é" * 4001}, {"reply_to": "pas une adresse"}):
        with pytest.raises(ChangeRefused):
            office.does(CAMILLE, working.complete, **new | wrong)
    office.does(SACHA, working.take)
    with pytest.raises(MoveRefused, match="ajoutez une précision"):
        office.does(CAMILLE, working.complete, **new)


def test_withdrawn_it_is_closed_without_a_result_and_the_call_follows_what_its_author_says(office: Office) -> None:
    gone = office.does(CAMILLE, working.withdraw, solved=True)
    assert (gone.state, gone.is_withdrawn, office.call()["statut"]) == (RequestState.CLOSED, True, "Résolu")
    office.escalated("CA2")
    office.does(CAMILLE, working.withdraw)
    assert office.call("CA2")["resolved"] is False


def test_whoever_was_overtaken_learns_what_stands_and_writes_nothing(office: Office) -> None:
    seen = office.now()
    office.does(SACHA, working.take)
    for verb, values in (
        (working.answer, {"text": "Bonjour."}),
        (working.close, {"text": "Fait.", "solved": True}),
        (working.plan, {"starts_at": SOON, "minutes": 30}),
        (working.open_ticket, {"kind": "incident", "title": "T"}),
    ):
        with pytest.raises(Overtaken) as overtaken:
            office.does(NOOR, verb, seen, **values)
        assert overtaken.value.current.owner == SACHA
    assert [step.move for step in office.steps()] == [Move.OPEN, Move.TAKE]
    with office.house.writing() as connection:
        assert [connection.execute(select(table)).all() for table in (exchanges, tickets)] == [[], []]
    assert office.call()["statut"] == "Escaladé"


def test_another_departements_referent_is_nothing_to_a_request(office: Office) -> None:
    for verb, values in ((working.take, {}), (working.add, {"text": "Moi aussi."}), (working.withdraw, {})):
        with pytest.raises(MoveRefused):
            office.does(ALIX, verb, **values)
    assert len(office.steps()) == 1


def test_no_word_is_too_many_or_none(office: Office) -> None:
    for verb, text in product((working.answer, working.ask, working.hand_back), ("", " \n", "\x00", "é" * 4001)):
        with pytest.raises(ChangeRefused):
            office.does(SACHA, verb, text=text)
    with pytest.raises(ChangeRefused, match="résolu"):
        office.does(SACHA, working.close, text="Fait.", solved=None)
    assert len(office.steps()) == 1
    assert office.does(SACHA, working.answer, text="un\r\ndeux\x00").state is RequestState.TAKEN
    assert office.steps()[-1].text == "un\ndeux"


def test_what_cannot_be_noted_is_not_done(office: Office) -> None:
    """The row, the step, the trail and the call's new version stand or fall together."""
    with office.house.writing() as connection:
        connection.execute(qualification_history.insert().values(
            call_id="CA1", version=2, thematique="T", motif="M", sous_motif="S", niveau="1", resolved=False,
            escalated=True, comment="", by="x", at=NOW,
        ))  # fmt: skip
    with pytest.raises(Exception, match=r"UNIQUE|unique|duplicate"):
        office.does(SACHA, working.close, text="Fait.", solved=True)
    assert office.now().state is RequestState.OPEN
    with office.house.writing() as connection:
        assert len(connection.execute(select(request_events)).all()) == 1


def test_a_call_that_nobody_qualified_gets_no_version_from_level_2(office: Office) -> None:
    with office.house.writing() as connection:
        at = datetime(2026, 1, 1, tzinfo=UTC)
        assert restate(connection, "unknown", by="x", at=at, solved=True) is False
        assert restate(connection, None, by="x", at=at, solved=True) is False
        assert restate(connection, "CA1", by="x", at=at, solved=False) is False
        assert request_of(connection, "unknown") is None
        assert read_request(connection, 99) is None
        assert connection.execute(select(requests.c.id)).scalars().all() == [1]
