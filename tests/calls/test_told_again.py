"""What could not be written the first time is told again; what is never told again is found in the operator's lists."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from simulator.world.habits import Habits, Timeouts
from tests.calls.behind import compared, mails, work
from tests.calls.people import ANNE, PAUL
from tests.calls.play import Scene, Variant, play

CALLBACKS = ("/voice/status", "/voice/leg", "/voice/recorded")


@dataclass
class Between:
    """What stands before the application; a request is known by the operator's token, the same for every try."""

    app: Any = None
    tries: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """By token, the path of each try."""
    answers: defaultdict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def before(self, app: Any) -> Between:
        """Itself, before this application."""
        self.app = app
        return self

    def __call__(self, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        token = environ.get("HTTP_I_TWILIO_IDEMPOTENCY_TOKEN", "")
        self.tries[token].append(environ["PATH_INFO"])
        return self.answer(token, environ, start_response)

    def answer(self, token: str, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = b"".join(self.app(environ, start_response))
        self.answers[token].append(body)
        return [body]


@dataclass
class RefusesFirst(Between):
    """A disk that takes the second try of everything under these paths: until then 503, and nothing is kept."""

    paths: tuple[str, ...] = CALLBACKS
    refused: int = 1

    def answer(self, token: str, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(self.paths) and len(self.tries[token]) <= self.refused:
            start_response("503 Service Unavailable", [("Content-Length", "0")])
            return [b""]
        return super().answer(token, environ, start_response)


@dataclass
class AnswersLate(Between):
    """Does what it is asked at once, and says so only when it is asked again: both requests are executed."""

    again: defaultdict[str, threading.Event] = field(default_factory=lambda: defaultdict(threading.Event))

    def answer(self, token: str, environ: Any, start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = super().answer(token, environ, start_response)
        if environ["PATH_INFO"].startswith("/voice"):
            if len(self.tries[token]) == 1:
                self.again[token].wait(20)
            else:
                self.again[token].set()
        return answer


def a_talk(scene: Scene) -> None:
    scene.phone(PAUL).is_busy()
    scene.phone(ANNE).answers(after=4).presses("1").talks(30)
    scene.call().hears("Bonjour").presses("75").is_connected().stays_to_the_end()


def a_message(scene: Scene) -> None:
    scene.phone(PAUL).is_busy()
    scene.phone(ANNE).is_busy()
    caller = scene.call().hears("Bonjour").presses("75").hears("Pour laisser un message").presses("1")
    caller.leaves_a_message(12).hangs_up()


CALLS = pytest.mark.parametrize("tell", [a_talk, a_message])


def undisturbed(tell: Callable[[Scene], None]) -> dict[str, Any]:
    with play() as scene:
        tell(scene)
        return scene.row()


@CALLS
def test_facts_that_the_disk_refused_once_come_with_the_second_try(tell: Callable[[Scene], None]) -> None:
    between = RefusesFirst()
    with play(through=between.before) as scene:
        tell(scene)
        row = scene.row()
        assert compared(scene).repaired == ()
    assert row == undisturbed(tell)
    told = [len(paths) for paths in between.tries.values() if paths[0] in CALLBACKS]
    assert set(told) == {2}


@CALLS
def test_documents_that_could_not_be_had_once_or_twice_are_had_all_the_same(tell: Callable[[Scene], None]) -> None:
    with play(through=RefusesFirst(paths=("/voice",), refused=2).before) as scene:
        tell(scene)
        assert scene.row() == undisturbed(tell)


@CALLS
def test_a_document_that_came_too_late_is_the_same_again_and_the_call_goes_on_once(
    tell: Callable[[Scene], None],
) -> None:
    between = AnswersLate()
    with play(through=between.before, variant=Variant(timeouts=Timeouts(read=1.0))) as scene:
        tell(scene)
        row = scene.row()
    assert row == undisturbed(tell)
    documents = [answers for answers in between.answers.values() if answers[0]]
    assert len(documents) >= 5
    assert all(len(answers) > 1 and len(set(answers)) == 1 for answers in documents)


@CALLS
def test_an_operator_that_signs_the_fragment_too_is_answered_alike(tell: Callable[[Scene], None]) -> None:
    """Whether the fragment is signed is not written: were it, every call would be refused."""
    with play(variant=Variant(Habits(signs_fragment=True))) as scene:
        tell(scene)
        assert scene.row() == undisturbed(tell)


def test_what_an_operator_without_overrides_never_tells_again_is_filled_in() -> None:
    """The end, the legs and the recording are all refused, and never come: the operator's lists have them."""
    refusing = Variant(Habits(knows_overrides=False))
    with play(variant=refusing, through=RefusesFirst().before) as scene:
        scene.expects_problems = True
        a_message(scene)
        before = scene.row()
        found = compared(scene)
        row = scene.row()
        assert found.repaired == (row["call_id"],)
        assert compared(scene).repaired == ()
    assert before["total_seconds"] is None
    assert row == undisturbed(a_message)


def test_a_message_whose_every_webhook_was_lost_is_told_and_its_audio_is_kept() -> None:
    """The service is away while the caller speaks, and stays away until the operator has given up."""
    lost = ("/voice/message", "/voice/recorded", "/voice/status")
    with play(through=RefusesFirst(paths=lost, refused=9).before, at="2026-12-06 10:00") as scene:
        scene.expects_problems = True
        a_message(scene)
        assert scene.row()["outcome"] != "message"
        compared(scene)
        row = scene.row()
        assert (row["outcome"], row["message_seconds"]) == ("message", 12)
        with work(scene) as working:
            for _ in range(3):
                working.work()
        assert sorted(str(mail["To"]) for mail in mails(scene)) == ["a.berthier@exemple.fr", "p.aubry@exemple.fr"]
        assert "le dimanche 6 décembre 2026 à 10 h" in mails(scene)[0].get_content()
        assert len(list(scene.settings.voicemail_dir.glob("*.wav"))) == 1
        assert len(scene.operator.log.recordings) == 1  # for two days more
