"""What was written: its motif confirmed, doubles merged and parted, a call linked, overdue and risen, rated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from records.counting.requests import CountedRequest, counted_requests
from records.counting.tally import Scope
from records.desks.acting import Acting
from records.refusals import ChangeRefused, Overtaken
from records.schema.desk_tables import audit
from support.requests import working
from support.requests.request import Request, as_its_sender, moves_now
from support.requests.states import Move, MoveRefused, RequestState, WhichDesk
from support.requests.store import doubles_of, read_request
from support.requests.verbs import sorting
from tests.support.house import store_call
from tests.support.requests.conftest import ALIX, CAMILLE, DOMINIQUE, LOU, NOOR, SACHA, Office


def by_itself(office: Office, verb: Callable[..., Request]) -> Request:
    """Make a move as the job does: nobody's account."""
    acting = Acting(office.house.engine, "service", office.house.clock())
    with acting.writing() as connection:
        asked = read_request(connection, office.number)
        assert asked
        return verb(acting, connection, asked, hours=working.USUAL_HOURS)


def read(office: Office, number: int) -> Request:
    with office.house.writing() as connection:
        found = read_request(connection, number)
    assert found
    return found


def counted(office: Office) -> dict[int, CountedRequest]:
    """The requests as figures count them, by their numbers."""
    today = office.house.clock().date()
    with office.house.writing() as connection:
        return {one.id: one for one in counted_requests(connection, Scope(today, today))}


def moves_of(office: Office, by: str) -> tuple[Move, ...]:
    return moves_now(office.now(), office.house.accounts[by], office.house.clock(), None, ())


def test_a_user_writes_and_the_referents_of_his_departement_answer_without_an_account_on_his_side(
    office: Office,
) -> None:
    office.written()
    assert (office.now().desk, office.now().created_by, office.now().asked_by) == (WhichDesk.LOCAL, LOU, "Lou Essai")
    asked = office.does(CAMILLE, working.ask, text="Depuis quand ?")
    assert (asked.state, asked.owner) == (RequestState.WAITING, CAMILLE)
    assert office.sender_does(working.add, text="Depuis lundi.").state is RequestState.TAKEN
    assert office.does(DOMINIQUE, working.answer, text="Réinitialisez-le.").first_answer_at
    closed = office.does(CAMILLE, working.close, text="C’est fait.", solved=True)
    assert (closed.state, closed.call_id) == (RequestState.CLOSED, None)
    assert office.sender_does(working.reopen, text="Toujours pas.").state is RequestState.OPEN
    assert office.sender_does(working.withdraw, solved=True).is_withdrawn


def test_confirmed_once_it_is_confirmed(office: Office) -> None:
    office.written()
    office.does(CAMILLE, sorting.confirm)
    version = office.now().version
    assert office.does(DOMINIQUE, sorting.confirm).version == version
    assert [step.move for step in office.steps()] == [Move.OPEN, Move.CONFIRM]
    for stranger in (ALIX, SACHA):
        with pytest.raises(MoveRefused):
            office.does(stranger, sorting.confirm)


def test_a_call_is_linked_replaced_and_unlinked_by_whoever_may_read_it(office: Office) -> None:
    with office.house.writing() as connection:
        store_call(connection, "CA7", departement="75")
        store_call(connection, "CA33", departement="33")
    office.written()
    for wrong in ("CA33", "unknown", ""):
        with pytest.raises(ChangeRefused, match="de la liste"):
            office.does(CAMILLE, sorting.link, call_id=wrong)
    linked = office.does(CAMILLE, sorting.link, call_id="CA7")
    assert (linked.linked_call_id, linked.call_id, office.steps()[-1].data) == ("CA7", None, {"call": "CA7"})
    assert office.does(CAMILLE, sorting.link, call_id="").linked_call_id is None


def test_a_double_is_closed_and_points_to_the_one_that_is_kept(office: Office) -> None:
    kept, double = office.written(), office.written(subject="Encore moi")
    merged = office.does(CAMILLE, sorting.merge, into=kept)
    assert (merged.state, merged.merged_into, merged.is_withdrawn) == (RequestState.CLOSED, kept, False)
    assert office.steps()[-1].data == {"into": kept}
    with pytest.raises(MoveRefused, match=f"n° {kept}"):
        office.sender_does(working.reopen, text="Et moi ?")
    assert Move.REOPEN not in moves_now(office.now(), as_its_sender(office.now()), office.house.clock(), None, ())
    office.number = kept
    assert (office.steps()[-1].move, office.steps()[-1].data, office.now().version) == (Move.ADD, {"merged": double}, 2)
    assert office.now().state is RequestState.OPEN
    with office.house.writing() as connection:
        assert [one.id for one in doubles_of(connection, kept)] == [double]
        assert "demandes réunies" in connection.scalars(select(audit.c.what)).all()


def test_what_is_answered_to_the_kept_one_is_answered_to_whoever_else_wrote(office: Office) -> None:
    kept, own, other = office.written(), office.written(), office.written(email="noa.test@asso.example")
    for double in (own, other):
        office.number = double
        office.does(CAMILLE, sorting.merge, into=kept)
    office.number = kept
    office.does(CAMILLE, working.answer, text="Videz le cache.")
    office.does(CAMILLE, working.close, text="Réglé.", solved=True)
    office.number = own
    assert office.steps()[-1].move is Move.MERGE
    office.number = other
    said = [(step.move, step.text, step.data) for step in office.steps()[-2:]]
    assert said == [
        (Move.ANSWER, "Videz le cache.", {"from": kept, "desk": "local"}),
        (Move.ANSWER, "Réglé.", {"from": kept, "desk": "local"}),
    ]
    assert (office.now().state, office.now().first_answer_at) == (RequestState.CLOSED, office.house.clock())


def test_a_double_counts_as_answered_by_the_desk_that_answered_the_kept_one(one_office: Office) -> None:
    office = one_office
    kept, double = office.written(), office.written(email="noa.test@asso.example")
    office.does(CAMILLE, sorting.merge, into=kept)
    office.number = kept
    office.does(CAMILLE, working.escalate, text="Hors de nos droits.")
    office.does(NOOR, working.answer, text="C’est corrigé.")
    assert counted(office)[double].answered_by == "national"


def test_what_was_opened_again_and_withdrawn_is_not_said_to_be_solved(one_office: Office) -> None:
    office = one_office
    number = office.written()
    office.does(CAMILLE, working.close, text="Réglé.", solved=True)
    assert counted(office)[number].solved is True
    office.sender_does(working.reopen, text="Toujours pas.")
    office.sender_does(working.withdraw)
    assert (counted(office)[number].is_withdrawn, counted(office)[number].solved) == (True, None)


def test_the_desk_parts_what_it_merged_and_what_had_doubles_takes_them_along(office: Office) -> None:
    last, kept, double = office.written(), office.written(), office.written()
    office.does(CAMILLE, sorting.merge, into=kept)
    office.number = kept
    office.does(CAMILLE, sorting.merge, into=last)
    assert read(office, double).merged_into == last
    parted = office.does(DOMINIQUE, working.reopen, text="Ce n’était pas la même chose.")
    assert (parted.merged_into, parted.state, office.steps()[-1].data) == (None, RequestState.OPEN, {"parted": last})


def test_where_the_kept_one_is_withdrawn_what_others_wrote_is_open_again(office: Office) -> None:
    kept, own, other = office.written(), office.written(), office.written(email="noa.test@asso.example")
    for double in (own, other):
        office.number = double
        office.does(CAMILLE, sorting.merge, into=kept)
    office.number = kept
    office.sender_does(working.withdraw, solved=True)
    assert (read(office, own).state, read(office, own).merged_into) == (RequestState.CLOSED, kept)
    assert (read(office, other).state, read(office, other).merged_into) == (RequestState.OPEN, None)
    office.number = other
    assert (office.steps()[-1].by, office.steps()[-1].data) == ("service", {"parted": kept})


def test_only_written_requests_of_one_person_or_of_one_departement_are_merged(office: Office) -> None:
    of_call = office.number
    elsewhere = office.written(departement="33", email="noa.test@asso.example")
    of_referent = office.written(desk="national", sender="referent", email=CAMILLE)
    own_elsewhere = office.written(departement="33")
    closed = office.written()
    office.does(CAMILLE, working.close, text="Fait.", solved=True)
    number = office.written()
    for wrong in (of_call, elsewhere, of_referent, own_elsewhere, closed, number, 999):
        with pytest.raises(ChangeRefused):
            office.does(CAMILLE, sorting.merge, into=wrong)
    assert office.now().state is RequestState.OPEN
    office.does(CAMILLE, working.escalate, text="Au niveau 2.")
    assert office.does(SACHA, sorting.merge, into=own_elsewhere).merged_into == own_elsewhere


def test_merged_while_somebody_else_works_on_it_is_overtaken(office: Office) -> None:
    kept, _double = office.written(), office.written()
    seen = office.now()
    office.does(CAMILLE, working.take)
    with pytest.raises(Overtaken):
        office.does(DOMINIQUE, sorting.merge, seen, into=kept)
    assert read(office, kept).version == 1


def test_overdue_at_the_local_desk_it_climbs_once_and_by_nobodys_hand(office: Office) -> None:
    office.written()
    with pytest.raises(MoveRefused):
        by_itself(office, sorting.climb)
    office.house.clock.advance(days=5)
    with pytest.raises(MoveRefused):
        office.does(CAMILLE, sorting.climb)
    up = by_itself(office, sorting.climb)
    assert (up.desk, up.state, up.owner, up.climbed_at) == (
        WhichDesk.NATIONAL, RequestState.OPEN, None, office.house.clock(),
    )  # fmt: skip
    assert office.steps()[-1].data == {"rule": "delai"}
    assert moves_of(office, CAMILLE) == ()
    office.does(SACHA, working.hand_back, text="C’est bien du niveau 1.")
    office.house.clock.advance(days=5)
    with pytest.raises(MoveRefused):
        by_itself(office, sorting.climb)


@pytest.mark.parametrize("verb", [working.ask, working.answer])
def test_what_waits_for_the_sender_or_was_answered_does_not_climb(office: Office, verb: Callable[..., Any]) -> None:
    office.written()
    office.does(CAMILLE, verb, text="Voici.")
    office.house.clock.advance(days=20)
    with pytest.raises(MoveRefused):
        by_itself(office, sorting.climb)


def test_whoever_wrote_rates_what_is_closed_and_nobody_else_does(office: Office) -> None:
    office.written()
    with pytest.raises(MoveRefused):
        office.sender_does(sorting.rate, rating=5)
    office.does(CAMILLE, working.close, text="Fait.", solved=True)
    for nonsense in (0, 6):
        with pytest.raises(ChangeRefused, match="1 à 5"):
            office.sender_does(sorting.rate, rating=nonsense)
    assert office.sender_does(sorting.rate, rating=2, text="Long.").rating == 2
    assert office.sender_does(sorting.rate, rating=4).rating == 4
    steps = len(office.steps())
    assert office.sender_does(sorting.rate, rating=4).rating == 4
    assert len(office.steps()) == steps
    with pytest.raises(MoveRefused):
        office.does(CAMILLE, sorting.rate, rating=5)


def test_a_request_of_a_call_has_none_of_these(office: Office) -> None:
    for verb, values in (
        (sorting.confirm, {}), (sorting.link, {"call_id": "CA1"}), (sorting.merge, {"into": 1}),
    ):  # fmt: skip
        with pytest.raises(MoveRefused, match="demande écrite"):
            office.does(SACHA, verb, **values)
    office.does(SACHA, working.hand_back, text="À vous.")
    with pytest.raises(MoveRefused, match="demande écrite"):
        office.does(CAMILLE, working.ask, text="Moi-même ?")
    assert Move.ASK not in moves_of(office, CAMILLE)


def test_a_sender_keeps_his_proved_address_and_another_sender_is_nobody(office: Office) -> None:
    office.written()
    changed = office.sender_does(
        working.complete, subject="Autre objet", description="Autre texte.", reply_to="ailleurs@autre.example"
    )
    assert (changed.subject, changed.reply_to) == ("Autre objet", LOU)
    other = as_its_sender(office.now())
    office.written(email="noa.test@asso.example")
    acting = Acting(office.house.engine, other.email, office.house.clock(), other)
    asked = office.now()
    with acting.writing() as connection, pytest.raises(MoveRefused):
        working.add(acting, connection, asked, text="Moi aussi.", hours=working.USUAL_HOURS)


def test_what_a_user_wrote_the_referents_read_while_level_2_has_it_and_a_colleagues_question_is_theirs_too(
    office: Office,
) -> None:
    office.written(desk="national")
    assert moves_of(office, CAMILLE) == ()
    office.written(desk="national", sender="referent", email=DOMINIQUE)
    assert Move.ADD in moves_of(office, CAMILLE)
    office.does(NOOR, working.close, text="Fait.", solved=True)
    assert Move.RATE in moves_of(office, DOMINIQUE)
    assert Move.RATE not in moves_of(office, CAMILLE)


def test_a_written_request_that_is_handed_back_is_not_answered(office: Office) -> None:
    """Its desk alone changes: the clock of the first answer goes on, and it may still climb."""
    office.written(desk="national")
    office.does(SACHA, working.hand_back, text="Relève du département.")
    assert office.now().first_answer_at is None
    office.does(CAMILLE, working.answer, text="C’est fait.")
    assert office.now().first_answer_at is not None
