"""What becomes of messages and callbacks, on both databases, with an operator and a mailbox that misbehave."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from records import outbox
from records.database import reading, writing
from records.schema.tables import calls, deliveries, desk_tasks
from routing.phones import why_not_callable
from routing.rules import Rules
from routing.snapshot import Snapshot
from tests.service.directories import MOMENT, person
from tests.voicemail.conftest import CALLER, Desk, Noted, OperatorFake, call, callback, left, message
from tests.voicemail.recordings import tone
from voicemail import store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def audio_files(desk: Desk) -> list[bytes]:
    return [path.read_bytes() for path in desk.folder.glob("*.wav")]


def handle(desk: Desk) -> None:
    with writing(desk.engine) as connection:
        connection.execute(update(desk_tasks).values(handled_at=MOMENT, handled_by="Anne"))


# ---------------------------------------------------------------- telling


def test_a_message_is_told_once_whatever_is_received_again(desk: Desk) -> None:
    desk.heard(*call("CA1", left(), message()))
    desk.work_for(timedelta(minutes=3))
    desk.heard(*call("CA1", left(), message()))
    desk.work_for(timedelta(minutes=3))
    assert [letter.to for letter in desk.post.letters] == ["a.delorme@exemple.fr"]
    assert "https://svi.example/message/CA1" in desk.post.letters[0].text


def test_a_callback_is_told_when_its_call_is_over(desk: Desk) -> None:
    desk.heard(*call("CA1", callback(), over=False))
    desk.work.work()
    assert desk.post.letters == []
    desk.heard(*call("CA1", callback()))
    desk.work.work()
    [letter] = desk.post.letters
    assert "06 39 •• •• 34" in letter.text
    assert "98 12" not in letter.text
    assert "06 39" not in letter.subject


def test_a_callback_whose_end_never_comes_is_told_all_the_same(desk: Desk) -> None:
    desk.heard(*call("CA1", callback(), over=False))
    desk.wait(timedelta(minutes=20))
    desk.work.work()
    assert len(desk.post.letters) == 1


def test_every_line_of_the_desk_is_told_each_in_a_letter_of_its_own(desk: Desk) -> None:
    people = (person("Anne"), replace(person("Bruno"), email="b.morel@exemple.fr"), person("Equipe", "*"))
    desk.serving[0] = Snapshot(2, MOMENT, people, Rules())
    desk.heard(*call("CA1", message()))
    desk.work.work()
    assert sorted(letter.to for letter in desk.post.letters) == ["a.delorme@exemple.fr", "b.morel@exemple.fr"]
    assert len({letter.key for letter in desk.post.letters}) == 2


def test_without_a_departement_the_national_team_is_told(desk: Desk) -> None:
    desk.serving[0] = Snapshot(
        2, MOMENT, (person("Anne"), replace(person("Equipe", "*"), email="equipe@exemple.fr")), Rules()
    )
    desk.heard(*call("CA1", message(), departement=None))
    desk.work.work()
    assert [letter.to for letter in desk.post.letters] == ["equipe@exemple.fr"]


def test_a_desk_where_nobody_has_an_address_is_told_once_there_is_one(desk: Desk) -> None:
    whole = desk.serving[0]
    desk.serving[0] = Snapshot(1, MOMENT, tuple(replace(one, email=None) for one in whole.people), Rules())
    desk.heard(*call("CA1", message()))
    desk.work_for(timedelta(minutes=2))
    desk.serving[0] = whole
    desk.work_for(timedelta(minutes=2))
    assert len(desk.post.letters) == 1


def test_a_mail_server_down_for_a_day_delays_each_letter_and_loses_none(desk: Desk) -> None:
    desk.heard(*call("CA1", message()), *call("CA2", callback()))
    desk.post.troubles = [OSError("away")] * 40
    for _ in range(40):
        desk.work.work()
        desk.wait(timedelta(hours=1))
    desk.work_for(timedelta(minutes=2))
    assert sorted(letter.subject[:26] for letter in desk.post.letters) == [
        "[SI SIAO] Message à écoute", "[SI SIAO] Rappel à faire –",
    ]  # fmt: skip


def test_a_worker_that_dies_after_taking_a_letter_leaves_it_to_the_next(desk: Desk) -> None:
    desk.heard(*call("CA1", message()))
    desk.work.owe()
    with writing(desk.engine) as connection:
        assert len(outbox.take(connection, outbox.Owed.NOTICE, MOMENT)) == 1
    desk.work.tell()
    assert desk.post.letters == []
    desk.wait(outbox.LEASE)
    desk.work.tell()
    assert len(desk.post.letters) == 1


def test_a_letter_that_can_never_leave_is_given_up_with_its_reason(desk: Desk) -> None:
    desk.heard(*call("CA1", message()))
    desk.post.troubles = [ValueError("not an address")]
    desk.work_for(timedelta(minutes=3))
    assert desk.post.letters == []
    with reading(desk.engine) as connection:
        errors = connection.scalars(select(deliveries.c.error).where(deliveries.c.recipient.isnot(None))).all()
    assert errors == ["ValueError"]


def test_nobody_is_bothered_with_what_was_handled_before(desk: Desk) -> None:
    desk.heard(*call("CA1", message()))
    desk.work.owe()
    handle(desk)
    desk.work_for(timedelta(minutes=2))
    assert desk.post.letters == []


def asks(desk: Desk, call_id: str, number: str = CALLER, departement: str = "75") -> None:
    """Somebody asks to be called back, now, and the work is done."""
    asked = callback(number)(call_id)
    desk.heard(*call(call_id, lambda _: replace(asked, at=desk.moment[0]), departement=departement))
    desk.work.work()


def test_whoever_asks_four_times_within_the_hour_is_one_mail_and_four_tasks(desk: Desk) -> None:
    for place in range(4):
        asks(desk, f"CA{place}")
        desk.wait(timedelta(minutes=10))
    [letter] = desk.post.letters
    assert "https://svi.example/callback/CA0" in letter.text
    assert "S’il redemande dans l’heure" in letter.text
    with reading(desk.engine) as connection:
        assert len(store.open_tasks(connection)) == 4


def test_two_requests_heard_of_at_once_are_one_mail(desk: Desk) -> None:
    desk.heard(*call("CA1", callback()), *call("CA2", callback()))
    desk.work_for(timedelta(minutes=3))
    assert len(desk.post.letters) == 1


def test_another_number_another_desk_and_another_hour_are_mails_of_their_own(desk: Desk) -> None:
    asks(desk, "CA1")
    asks(desk, "CA2", "+33639985678")
    asks(desk, "CA3", departement="59")
    desk.wait(timedelta(minutes=50))
    asks(desk, "CA4")
    desk.wait(timedelta(minutes=50))
    asks(desk, "CA5")
    told = [letter.text.partition("https://svi.example/callback/")[2][:3] for letter in desk.post.letters]
    assert told == ["CA1", "CA2", "CA3", "CA5"]


def test_a_message_is_told_of_besides_a_callback_of_the_same_number(desk: Desk) -> None:
    asks(desk, "CA1")
    desk.heard(*call("CA2", message()))
    desk.work.work()
    assert len(desk.post.letters) == 2


def test_who_was_called_back_and_asks_again_is_a_new_mail(desk: Desk) -> None:
    asks(desk, "CA1")
    handle(desk)
    desk.wait(timedelta(minutes=10))
    asks(desk, "CA2")
    assert len(desk.post.letters) == 2


def test_a_mail_delayed_until_its_first_request_is_handled_tells_of_the_second(desk: Desk) -> None:
    """At least once: the second request counted on the mail of the first."""
    desk.post.troubles = [OSError("away")] * 2
    asks(desk, "CA1")
    desk.wait(timedelta(minutes=10))
    asks(desk, "CA2")
    assert desk.post.letters == []
    with writing(desk.engine) as connection:
        is_first = desk_tasks.c.call_id == "CA1"
        connection.execute(update(desk_tasks).where(is_first).values(handled_at=MOMENT, handled_by="Anne"))
    desk.wait(timedelta(minutes=30))
    desk.work_for(timedelta(minutes=2))
    [letter] = desk.post.letters
    assert "https://svi.example/callback/CA2" in letter.text


def test_a_number_that_nobody_should_call_back_is_masked_in_the_mail_with_its_reason(desk: Desk) -> None:
    work = replace(desk.work, why_not_callable=lambda number: why_not_callable(number or ""))
    desk.heard(*call("CA1", callback("+33899123456")))
    work.work()
    [letter] = desk.post.letters
    assert "Numéro à ne pas rappeler (numéro surtaxé) : 08 99 •• •• 56." in letter.text
    assert "08 99 12" not in letter.text


# ---------------------------------------------------------------- audio


def test_the_audio_comes_here_is_private_and_is_deleted_at_the_operator_two_days_later(
    desk: Desk, operator: OperatorFake
) -> None:
    desk.heard(*call("CA1", message("RE77")))
    desk.work_for(timedelta(minutes=3))
    assert operator.deleted() == []
    desk.wait(2 * DAY)
    desk.work.work()
    assert audio_files(desk) == [tone(5.0)]
    [path] = desk.folder.glob("*.wav")
    assert path.name == "CA1.RE77.wav"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(desk.folder.stat().st_mode) == 0o700
    assert operator.deleted() == ["RE77"]
    assert all(one.endswith(("/Accounts/ACtests/Recordings/RE77.wav", "/RE77.json")) for one in operator.asked)
    with reading(desk.engine) as connection:
        found = store.audio_of(connection, "CA1")
    assert found is not None
    assert found.file == path.name


@pytest.mark.parametrize(
    "troubles",
    [
        [404] * 5,
        [503, 429, 401],
        [tone(2.0)],
        [tone(5.0)[:-100]],
        [b"<html>not a recording</html>"],
        [b""],
        [tone(5.0, pitch=300.0), tone(5.0)],
    ],
)
def test_audio_that_is_late_short_cut_or_changing_is_fetched_again_until_it_is_whole(
    desk: Desk, operator: OperatorFake, troubles: list[int | bytes | str]
) -> None:
    operator.answers = [*troubles, tone(5.0)]
    desk.heard(*call("CA1", message()))
    desk.work.work()
    assert audio_files(desk) == []
    assert operator.deleted() == []
    desk.work_for(HOUR)
    assert audio_files(desk) == [tone(5.0)]
    desk.wait(2 * DAY)
    desk.work.work()
    assert operator.deleted() == ["RE1"]


def test_no_redirection_is_followed_anywhere(desk: Desk, operator: OperatorFake) -> None:
    operator.answers = [f"{operator.url}/secret"]
    desk.heard(*call("CA1", message()))
    desk.work_for(timedelta(minutes=10))
    assert operator.fetched() > 1
    assert not any("secret" in one for one in operator.asked)


def test_tries_become_rare_and_never_stop_before_the_message_is_erased(desk: Desk, operator: OperatorFake) -> None:
    operator.answers = [404]
    desk.heard(*call("CA1", message()))
    desk.work_for(HOUR)
    first_hour = operator.fetched()
    assert 6 <= first_hour <= 8
    for _ in range(12 * 24):
        desk.work.work()
        desk.wait(HOUR)
    assert 5 <= operator.fetched() - first_hour <= 20


def test_a_deletion_that_fails_is_tried_again(desk: Desk, operator: OperatorFake) -> None:
    operator.deletions = [503, 503, 204]
    desk.heard(*call("CA1", message()))
    desk.work.work()
    desk.wait(2 * DAY)
    desk.work_for(timedelta(minutes=10))
    assert operator.deleted() == ["RE1"] * 3


def test_a_recording_too_short_to_be_a_message_is_deleted_at_the_operator(desk: Desk, operator: OperatorFake) -> None:
    desk.heard(*call("CA1", left("RE5", 1), message("RE5", 1)))
    desk.work.work()
    assert operator.asked == []
    desk.wait(timedelta(minutes=20))
    desk.work.work()
    assert operator.deleted() == ["RE5"]
    assert operator.fetched() == 0
    assert desk.post.letters == []


def test_a_recording_whose_call_was_answered_after_all_is_deleted_at_the_operator(
    desk: Desk, operator: OperatorFake
) -> None:
    desk.heard(*call("CA1", left("RE6", 4), message("RE6", 4)))
    with writing(desk.engine) as connection:
        connection.execute(delete(desk_tasks))
    desk.wait(timedelta(minutes=20))
    desk.work.work()
    assert operator.deleted() == ["RE6"]


@pytest.mark.parametrize("recording", ["../../Calls/CA1", "RE1/../x", "RE 1", "http://127.0.0.1/x"])
def test_an_id_that_is_none_is_never_part_of_an_address(desk: Desk, operator: OperatorFake, recording: str) -> None:
    desk.heard(*call("CA1", message(recording)))
    desk.work_for(timedelta(minutes=2))
    assert operator.asked == []


def test_audio_in_which_nothing_is_heard_is_no_message_and_bothers_nobody(desk: Desk, operator: OperatorFake) -> None:
    """The two durations disagree: only the audio tells (decision 10)."""
    operator.answers = [tone(1.0, loud=0.0)]
    desk.heard(*call("CA1", left("RE8", 10), message("RE8", 1)))
    desk.work_for(timedelta(minutes=3))
    assert audio_files(desk) == []
    assert desk.post.letters == []
    assert operator.deleted() == ["RE8"]
    with reading(desk.engine) as connection:
        assert connection.execute(select(desk_tasks)).all() == []
        row = connection.execute(select(calls.c.outcome, calls.c.message_seconds)).one()
    assert tuple(row) == ("absence", None)


def test_a_message_whose_callback_calls_it_too_short_is_kept_and_told(desk: Desk, operator: OperatorFake) -> None:
    operator.answers = [tone(1.0)]
    desk.heard(*call("CA1", left("RE9", 9), message("RE9", 1)))
    desk.work_for(timedelta(minutes=3))
    assert audio_files(desk) == [tone(1.0)]
    assert len(desk.post.letters) == 1


def test_silence_that_the_disk_refuses_to_note_is_heard_again(desk: Desk, operator: OperatorFake) -> None:
    operator.answers = [tone(1.0, loud=0.0)]
    noted = Noted(desk, is_full=True)
    desk.work = replace(desk.work, journal=noted.append)
    desk.heard(*call("CA1", left("RE8", 10), message("RE8", 1)))
    desk.work.work()
    assert operator.deleted() == []
    noted.is_full = False
    desk.wait(HOUR)
    desk.work.work()
    assert operator.deleted() == ["RE8"]
    with reading(desk.engine) as connection:
        assert connection.execute(select(desk_tasks)).all() == []


# ---------------------------------------------------------------- retention


def test_after_thirty_days_the_audio_is_gone_here_and_at_the_operator(desk: Desk, operator: OperatorFake) -> None:
    desk.heard(*call("CA1", message("RE1")))
    desk.work.work()
    desk.wait(29 * DAY)
    assert desk.work.erase_old() == 0
    assert len(audio_files(desk)) == 1
    desk.wait(2 * DAY)
    assert desk.work.erase_old() == 1
    assert audio_files(desk) == []
    desk.work.work()
    assert operator.deleted() == ["RE1"]
    assert desk.work.erase_old() == 0
    with reading(desk.engine) as connection:
        assert store.audio_of(connection, "CA1") is None


def test_audio_that_never_came_is_deleted_at_the_operator_after_thirty_days(desk: Desk, operator: OperatorFake) -> None:
    operator.answers = [404]
    desk.heard(*call("CA1", message("RE1")))
    desk.work.work()
    desk.wait(31 * DAY)
    desk.work.erase_old()
    asked = operator.fetched()
    desk.work_for(timedelta(minutes=3))
    assert operator.deleted() == ["RE1"]
    assert operator.fetched() == asked


def test_a_file_that_no_message_has_is_deleted_when_a_message_would_be(desk: Desk) -> None:
    desk.folder.mkdir(mode=0o700)
    orphan = desk.folder / f"{'0' * 32}.wav"
    orphan.write_bytes(tone(2.0))
    desk.moment[0] = desk.moment[0].fromtimestamp(orphan.stat().st_mtime, MOMENT.tzinfo) + 29 * DAY
    desk.work.erase_old()
    assert orphan.exists()
    desk.wait(2 * DAY)
    desk.work.erase_old()
    assert not orphan.exists()


def test_the_outbox_holds_no_telephone_number(desk: Desk) -> None:
    desk.heard(*call("CA1", callback()), *call("CA2", message()))
    desk.work_for(timedelta(minutes=2))
    with reading(desk.engine) as connection:
        rows = [str(row) for row in connection.execute(select(deliveries)).all()]
    assert rows
    assert not any(CALLER[3:] in row for row in rows)
