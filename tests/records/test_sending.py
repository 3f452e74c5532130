"""Mails that are owed leave once, in order, whoever sends them and however the mail server behaves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from records import outbox
from records.database import Engine, reading, writing
from records.mail import Mail
from records.outbox import Owed
from records.schema.tables import deliveries
from records.sending import KEPT_FOR, Sent, send_due

MOMENT = datetime(2026, 12, 7, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@dataclass
class Post:
    """A mail server and its clock; `trouble` is raised at each mail, `meanwhile` happens while one is sent."""

    engine: Engine
    now: datetime = MOMENT
    trouble: Exception | None = None
    meanwhile: Callable[[], object] = lambda: None
    tried: list[datetime] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> None:
        self.tried.append(self.now)
        self.meanwhile()
        if self.trouble:
            raise self.trouble
        self.mails.append(mail)

    def owe(self, *names: str) -> None:
        with writing(self.engine) as connection:
            for name in names:
                mail = Mail(f"{name}@exemple.fr", f"Pour {name}", "Bonjour.", f"survey|2026-11|{name}")
                outbox.owe_mail(connection, Owed.SURVEY, "2026-11", mail, self.now)

    def work(self) -> Sent:
        return send_due(self.engine, Owed.SURVEY, self, lambda: self.now)

    def work_for(self, span: timedelta) -> None:
        """A round each half minute."""
        end = self.now + span
        while self.now < end:
            self.work()
            self.now += MINUTE / 2

    def to(self) -> list[str]:
        return [mail.to.partition("@")[0] for mail in self.mails]

    def rows(self) -> list[tuple[str | None, str | None, str | None]]:
        with reading(self.engine) as connection:
            found = select(deliveries.c.subject, deliveries.c.text, deliveries.c.error).order_by(deliveries.c.id)
            return [tuple(row) for row in connection.execute(found)]

    def unsent(self) -> list[str]:
        with reading(self.engine) as connection:
            return outbox.unsent_since(connection, self.now - timedelta(days=1))


@pytest.fixture
def post(engine: Engine) -> Post:
    return Post(engine)


def test_whoever_owes_a_thing_a_second_time_is_told_so(engine: Engine) -> None:
    thing = outbox.Thing(Owed.SURVEY, "survey|2026-11|alix", "2026-11")
    with writing(engine) as connection:
        assert [outbox.owe(connection, thing, MOMENT) for _ in range(2)] == [True, False]


def test_mails_leave_once_in_the_order_in_which_they_were_owed(post: Post) -> None:
    post.owe("anne", "bruno")
    post.now += MINUTE
    post.owe("chloe", "anne")
    assert [post.work().mails, post.work()] == [3, Sent()]
    assert post.to() == ["anne", "bruno", "chloe"]
    assert post.mails[0] == Mail("anne@exemple.fr", "Pour anne", "Bonjour.", "survey|2026-11|anne")


def test_the_words_of_a_mail_are_not_kept_when_it_has_left(post: Post) -> None:
    post.owe("anne")
    assert post.rows() == [("Pour anne", "Bonjour.", None)]
    post.work()
    assert post.rows() == [(None, None, None)]


def test_workers_at_once_send_each_mail_once(post: Post) -> None:
    names = [f"lecteur{number}" for number in range(24)]
    post.owe(*names)
    post.meanwhile = lambda: time.sleep(0.01)
    workers = [threading.Thread(target=post.work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(post.to()) == sorted(names)


def test_a_mail_on_its_way_is_left_alone_even_when_its_round_is_long(post: Post) -> None:
    """Each mail takes four minutes; another worker comes while it is on its way, and finds the others only."""
    post.owe("anne", "bruno", "chloe")
    other = Post(post.engine)

    def meanwhile() -> None:
        post.now += timedelta(minutes=4)
        other.now = post.now
        if len(post.tried) == 2:
            other.work()

    post.meanwhile = meanwhile
    post.work()
    assert (post.to(), other.to()) == (["anne", "bruno"], ["chloe"])


def test_a_mail_that_fails_is_tried_again_after_pauses_that_grow_to_an_hour(post: Post) -> None:
    post.owe("anne")
    post.trouble = OSError("away")
    assert post.work() == Sent(0, ["anne@exemple.fr"], why={"anne@exemple.fr": "away"})
    post.work_for(timedelta(hours=5))
    pauses = [(after - before) / MINUTE for before, after in zip(post.tried, post.tried[1:], strict=False)]
    assert pauses == [0.5, 1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert post.unsent() == ["anne@exemple.fr"]
    post.trouble = None
    post.work_for(timedelta(hours=1))
    assert post.to() == ["anne"]
    assert post.unsent() == []


def test_a_round_ends_while_the_server_is_away_however_slowly_it_fails(post: Post) -> None:
    post.owe("anne", "bruno")
    post.trouble, post.meanwhile = OSError("away"), lambda: setattr(post, "now", post.now + MINUTE)
    assert post.work().failed == ["anne@exemple.fr", "bruno@exemple.fr"]


def test_a_mail_that_is_refused_is_given_up_and_told(post: Post) -> None:
    post.owe("anne", "bruno")
    post.trouble = ValueError("not an address")
    assert post.work().refused == ["anne@exemple.fr", "bruno@exemple.fr"]
    post.work_for(timedelta(hours=2))
    assert len(post.tried) == 2
    assert post.rows() == [(None, None, "ValueError")] * 2
    assert post.unsent() == ["anne@exemple.fr", "bruno@exemple.fr"]


def test_a_mail_that_no_server_takes_for_days_is_given_up_and_told(post: Post) -> None:
    post.owe("anne")
    post.trouble = OSError("away")
    while post.now < MOMENT + KEPT_FOR + timedelta(hours=2):
        post.work()
        post.now += timedelta(hours=1)
    assert post.rows() == [(None, None, outbox.TOO_LATE)]
    assert post.unsent() == ["anne@exemple.fr"]


def test_a_worker_that_comes_back_after_its_lease_does_not_undo_what_another_does(post: Post) -> None:
    """The first one's failure comes in while the second is sending: a third must not find the mail due."""
    post.owe("anne")
    with writing(post.engine) as connection:
        (delivery,) = outbox.take(connection, Owed.SURVEY, post.now)
    post.now += outbox.LEASE
    other = Post(post.engine, post.now)

    def meanwhile() -> None:
        with writing(post.engine) as connection:
            outbox.postpone(connection, delivery, post.now, "OSError: away")
        other.work()

    post.meanwhile = meanwhile
    post.work()
    assert (post.to(), other.to()) == (["anne"], [])


def test_what_a_worker_has_taken_is_neither_hastened_nor_forgotten(post: Post) -> None:
    post.owe("anne", "bruno", "chloe")
    post.trouble = OSError("away")
    post.work()
    post.trouble = None
    with writing(post.engine) as connection:
        outbox.take(connection, Owed.SURVEY, post.now + MINUTE, at_most=1)
        outbox.hasten(connection, Owed.SURVEY, "2026-11", post.now)
        outbox.forget_others(connection, Owed.SURVEY, "2026-11", ["survey|2026-11|bruno"], post.now)
    assert post.work().mails == 1
    post.now += MINUTE + outbox.LEASE
    assert post.work().mails == 1
    assert post.to() == ["bruno", "anne"]
