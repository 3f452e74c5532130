"""A mail is added to its request once, in its writer's name, or stays in the mailbox for a person to read."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import select

from records.database import reading, writing
from records.desks.acting import Acting
from records.refusals import Overtaken
from records.schema.tables import deliveries
from records.schema.written_tables import attachments, read_mails, request_mails
from routing.calendar.hours import read_hours
from support.inbound.deciding import MailOutcome
from support.inbound.taking import MOST_POINTERS, forget_mails
from support.requests import working
from support.requests.states import Move, RequestState
from tests.support.inbound.conftest import ADDRESS, PostRoom

ALEX = "alex@structure.example"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


def mail(
    text: str = "Toujours rien.", *, to: str = ADDRESS, sender: str = ALEX, name: str = "a1@structure.example",
    **headers: str,
) -> EmailMessage:  # fmt: skip
    message = EmailMessage()
    message["From"], message["To"], message["Message-ID"] = sender, to, f"<{name}>"
    for header, value in headers.items():
        message[header.replace("_", "-")] = value
    message.set_content(text)
    return message


def outcomes(post: PostRoom) -> list[tuple[str, int | None]]:
    with reading(post.engine) as connection:
        rows = connection.execute(select(read_mails).order_by(read_mails.c.id))
        return [(row.outcome, row.request_id) for row in rows]


def take(post: PostRoom, *mails: EmailMessage) -> dict[str, object]:
    post.box.drop(*[one.as_bytes() for one in mails])
    news = post.intake.work()
    return dict(news["mailbox"])


def our_mail(post: PostRoom, name: str = "0123abcd") -> str:
    """The name of a mail that was sent about the request."""
    with writing(post.engine) as connection:
        connection.execute(
            request_mails.insert().values(name=name, request_id=post.asked.id, at=post.clock())
        )  # fmt: skip
    return f"<{name}@siao.example>"


def as_desk(post: PostRoom) -> Acting:
    account = post.accounts["camille@siao.example"]
    return Acting(post.engine, account.email, post.clock(), account)


def close(post: PostRoom) -> None:
    with writing(post.engine) as connection:
        working.close(as_desk(post), connection, post.now(), text="Réglé.", solved=True, hours=read_hours(""))


def test_a_reply_is_found_by_the_mails_that_it_answers(post: PostRoom) -> None:
    assert take(post, mail(In_Reply_To=our_mail(post)))["state"] == "ok"
    step = post.steps()[-1]
    assert (step.move, step.by, step.text) == (Move.ADD, ALEX, "Toujours rien.")
    assert outcomes(post) == [("added", post.asked.id)]
    assert list(post.box.folders) == [MailOutcome.ADDED]
    assert not post.box.inbox


def test_a_program_that_keeps_no_header_is_found_by_the_address(post: PostRoom) -> None:
    take(post, mail(to=f'"Assistance" <{post.to.upper()}>'))
    assert post.steps()[-1].move is Move.ADD


@pytest.mark.parametrize("header", ["Delivered_To", "X_Original_To", "Cc"])
def test_the_address_is_looked_for_where_servers_write_it(post: PostRoom, header: str) -> None:
    take(post, mail(**{header: post.to}))
    assert post.steps()[-1].move is Move.ADD


def test_headers_go_before_the_address(post: PostRoom) -> None:
    other = post.written(subject="autre")
    name, to = our_mail(post), post.to
    post.asked, first = other, post.asked
    take(post, mail(to=post.to, In_Reply_To=name))
    assert to != post.to
    assert outcomes(post) == [("added", first.id)]


def test_a_mail_named_like_one_of_ours_draws_no_reply_to_another_request(post: PostRoom) -> None:
    first, name = post.asked, "0123abcd"
    take(post, mail(to=post.to, name=f"{name}@siao.example"))
    post.asked = post.written(subject="autre")
    our_mail(post, name)
    take(post, mail("Merci.", name="a2@structure.example", In_Reply_To=f"<{name}@siao.example>"))
    assert outcomes(post) == [("added", first.id), ("added", post.asked.id)]


def test_a_request_takes_so_many_mails_an_hour_and_a_person_reads_the_others(post: PostRoom) -> None:
    """Each of them is a mail to a desk; a robot that answers all of ours is stopped here too."""
    many = [mail(f"Encore {number}.", to=post.to, name=f"a{number}@structure.example") for number in range(25)]
    take(post, *many)
    assert [outcome for outcome, _ in outcomes(post)] == ["added"] * 20 + ["unmatched"] * 5
    post.clock.advance(hours=2)
    take(post, mail("Plus tard.", to=post.to, name="b@structure.example"))
    assert post.steps()[-1].text == "Plus tard."


def test_who_goes_on_from_his_own_mail_finds_the_same_request(post: PostRoom) -> None:
    take(post, mail(to=post.to), mail("Et encore.", name="a2@structure.example", References="<a1@structure.example>"))
    assert [step.text for step in post.steps()[1:]] == ["Toujours rien.", "Et encore."]


def test_a_wrong_token_is_no_address_of_a_request(post: PostRoom) -> None:
    take(post, mail(to=post.to.replace(f"+{post.asked.id}-", f"+{post.asked.id}-x")))
    assert len(post.steps()) == 1
    assert outcomes(post) == [("unmatched", None)]


def test_an_answer_to_the_desk_s_question_moves_the_request_on(post: PostRoom) -> None:
    with writing(post.engine) as connection:
        working.ask(as_desk(post), connection, post.now(), text="Quel écran ?", hours=read_hours(""))
    assert post.now().state is RequestState.WAITING
    take(post, mail(to=post.to))
    assert post.now().state is RequestState.TAKEN


def test_the_same_mail_twice_is_one_step(post: PostRoom) -> None:
    take(post, mail(to=post.to), mail(to=post.to))
    assert len(post.steps()) == 2
    assert outcomes(post) == [("added", post.asked.id)]
    assert len(post.box.folders[MailOutcome.ADDED]) == 2


def test_a_worker_that_dies_before_the_mail_is_moved_writes_nothing_twice(post: PostRoom) -> None:
    post.box.moves = False
    assert take(post, mail(to=post.to))["state"] == "down"
    assert len(post.box.inbox) == 1
    post.box.moves = True
    assert take(post)["state"] == "ok"
    assert len(post.steps()) == 2
    assert not post.box.inbox


def test_a_mailbox_that_is_away_is_said_and_nothing_is_lost(post: PostRoom) -> None:
    post.box.is_away = True
    assert take(post, mail(to=post.to)) == {"state": "down", "reason": "La boîte ne répond pas."}
    post.box.is_away = False
    take(post)
    assert len(post.steps()) == 2


def test_one_mail_that_cannot_be_taken_in_keeps_no_other_waiting(
    post: PostRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(*_args: object, **_more: object) -> None:
        raise Overtaken(None)

    with monkeypatch.context() as patched:
        patched.setattr(working, "add", overtaken)
        assert take(post, mail(to=post.to), mail("Une autre question."))["failed"] == 1
    assert outcomes(post) == [("unmatched", None)]
    assert take(post)["state"] == "ok"
    assert len(post.steps()) == 2


def test_what_machines_send_is_dropped_and_answered_by_nobody(post: PostRoom) -> None:
    take(
        post, mail(to=post.to, Auto_Submitted="auto-replied"), mail("Promotion", to=post.to, Precedence="bulk"),
        mail(to=post.to, sender="MAILER-DAEMON@structure.example"), mail(sender=ADDRESS, to=post.to),
    )  # fmt: skip
    assert [one for one, _ in outcomes(post)] == ["dropped"] * 4
    assert len(post.steps()) == 1
    assert not post.sent.mails
    assert len(post.box.folders[MailOutcome.DROPPED]) == 4


def test_the_copy_of_a_mailing_list_does_not_stand_for_the_mail_itself(post: PostRoom) -> None:
    take(post, mail(to=post.to, List_Id="<liste.structure.example>"), mail(to=post.to))
    assert outcomes(post) == [("dropped", post.asked.id), ("added", post.asked.id)]


def test_a_mail_that_answers_nothing_is_kept_and_its_writer_told_once_how_to_write(post: PostRoom) -> None:
    take(post, mail("Bonjour"), mail("Encore", name="a2@structure.example"))
    assert outcomes(post) == [("unmatched", None)] * 2
    assert len(post.box.folders[MailOutcome.UNMATCHED]) == 2
    (told,) = post.sent.mails
    assert told.to == ALEX
    assert "http://127.0.0.1:8000/demande\n" in told.text


def test_many_forged_senders_make_no_flood_of_letters(post: PostRoom) -> None:
    take(post, *[mail(sender=f"n{at}@b.example", name=f"{at}@b.example") for at in range(MOST_POINTERS + 5)])
    assert len(post.sent.mails) == MOST_POINTERS
    assert len(outcomes(post)) == MOST_POINTERS + 5


def test_a_stranger_who_has_the_address_adds_in_his_own_name(post: PostRoom) -> None:
    take(post, mail("Je confirme.", to=post.to, sender="chef@structure.example"))
    step = post.steps()[-1]
    assert (step.by, step.data["third"]) == ("chef@structure.example", True)


def test_a_stranger_who_names_a_mail_of_ours_adds_nothing(post: PostRoom) -> None:
    take(post, mail("Envoyez le mot de passe.", sender="chef@structure.example", In_Reply_To=our_mail(post)))
    assert len(post.steps()) == 1
    assert outcomes(post) == [("unmatched", post.asked.id)]


def test_whoever_works_on_it_answers_on_the_page_and_is_told_so(post: PostRoom) -> None:
    take(post, mail("Voici la réponse.", to=post.to, sender="Camille@siao.example"))
    assert len(post.steps()) == 1
    assert post.sent.mails[0].to == "camille@siao.example"
    assert f"/demandes/{post.asked.id}" in post.sent.mails[0].text


def test_a_mail_about_a_closed_request_opens_it_again(post: PostRoom) -> None:
    close(post)
    take(post, mail("Cela recommence.", to=post.to))
    assert (post.steps()[-1].move, post.steps()[-1].text) == (Move.REOPEN, "Cela recommence.")
    assert post.now().state is RequestState.OPEN


def test_later_than_fifteen_days_it_does_not_and_its_sender_is_told(post: PostRoom) -> None:
    close(post)
    post.clock.advance(days=16)
    take(post, mail("Cela recommence.", to=post.to))
    assert post.now().state is RequestState.CLOSED
    assert outcomes(post) == [("unmatched", post.asked.id)]
    assert "close depuis plus de quinze jours" in post.sent.mails[0].text


def test_a_stranger_does_not_open_it_again(post: PostRoom) -> None:
    close(post)
    take(post, mail("Cela recommence.", to=post.to, sender="chef@structure.example"))
    assert post.now().state is RequestState.CLOSED


def test_what_is_quoted_is_kept_apart_and_what_is_too_long_begins_it(post: PostRoom) -> None:
    take(post, mail("Un mot. " * 1000 + "\n\nLe 24 nov. 2026 à 11:05, A a écrit :\n> Quoi ?", to=post.to))
    step = post.steps()[-1]
    assert len(step.text) <= 4000
    assert step.text.endswith("[La suite du courriel est repliée.]")
    assert step.data["quoted"].startswith("mot. Un mot.") or step.data["quoted"].startswith("Un mot.")
    assert step.data["quoted"].endswith("> Quoi ?")


def test_files_come_with_the_step_and_a_refused_one_is_named(post: PostRoom) -> None:
    message = mail(to=post.to)
    message.add_attachment(PNG, maintype="image", subtype="png", filename="écran.png")
    message.add_attachment(b"MZ\x90\x00" + b"\0" * 90, maintype="application", subtype="pdf", filename="facture.pdf")
    take(post, message)
    step = post.steps()[-1]
    (refused,) = step.data["refused"]
    assert "facture.pdf" in refused
    with reading(post.engine) as connection:
        kept = connection.execute(select(attachments)).all()
    assert [(one.name, one.event_id, one.added_by) for one in kept] == [("écran.png", step.id, ALEX)]


def test_a_mail_without_a_word_still_brings_its_file(post: PostRoom) -> None:
    message = mail("", to=post.to)
    message.add_attachment(PNG, maintype="image", subtype="png", filename="écran.png")
    take(post, message)
    assert post.steps()[-1].text == "(Courriel sans texte.)"


def test_what_a_referent_wrote_goes_on_by_mail_too(post: PostRoom) -> None:
    asked = post.written("alix@siao.example", sender="referent", departement="59")
    post.asked = asked
    take(post, mail("Précision.", to=post.to, sender="alix@siao.example"))
    assert (post.steps()[-1].move, post.steps()[-1].by) == (Move.ADD, "alix@siao.example")


def test_what_was_read_is_forgotten_after_a_year(post: PostRoom) -> None:
    take(post, mail(to=post.to))
    post.clock.advance(days=401)
    forget_mails(post.engine, post.clock())
    assert outcomes(post) == []


def test_who_was_told_how_to_write_is_forgotten_after_a_month(post: PostRoom) -> None:
    take(post, mail("Bonjour"))
    post.clock.advance(days=31)
    forget_mails(post.engine, post.clock())
    with reading(post.engine) as connection:
        assert connection.execute(select(deliveries.c.recipient)).scalars().all() == [None]


def test_no_mail_of_a_stranger_stands_in_the_line_of_what_was_read(post: PostRoom) -> None:
    take(post, mail("Bonjour"))
    with writing(post.engine) as connection:
        (row,) = connection.execute(select(read_mails)).all()
    assert ALEX not in str(row)
    assert row.at - post.clock() < timedelta(seconds=1)
