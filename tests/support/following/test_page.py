"""Whoever wrote follows his request by his private link: he reads it, adds to it, closes, opens again, rates."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest

from records.database import reading, writing
from support.attachments.store import attachments_of
from support.following.links import link_of
from support.requests import working
from support.requests.states import Move, RequestState
from tests.support.attachments.files import EICAR, image
from tests.support.following.conftest import CAMILLE, Followed
from tests.support.following.written import ZOE

SACHA = "sacha@siao.example"


def plain(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_it_says_what_was_asked_who_has_it_and_by_when(followed: Followed) -> None:
    page = followed.page()
    text = plain(page)
    assert "Votre demande n° 1" in text
    assert "Les référents SI SIAO de Paris vont la prendre en charge." in text
    assert "Prise en charge attendue avant le mercredi 25 novembre 2026 à" in text
    assert "Demande envoyée · vous" in text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "Mot de passe &lt;b&gt;perdu" in page


def test_the_page_is_kept_nowhere_and_told_to_nobody(one_followed: Followed) -> None:
    for path in (one_followed.path(), "/demande/suivi", "/demande/suivi/" + "a" * 22):
        headers = one_followed.browser.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert "noindex" in headers["X-Robots-Tag"]
    outside = re.findall(r'(?:href|src|action)="(https?://[^"]+)"', one_followed.page())
    assert [address for address in outside if one_followed.token in address] == []


def test_its_forms_are_taken_though_the_browser_calls_their_origin_null(one_followed: Followed) -> None:
    """`no-referrer` makes it so; another site's form is refused all the same."""
    fields, path = {"texte": "Depuis mardi."}, one_followed.path("preciser")
    own = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    foreign = [{"Origin": "https://ailleurs.example"}, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}]
    assert [one_followed.browser.post(path, fields, **headers).status_code for headers in foreign] == [400, 400]
    assert one_followed.browser.post(path, fields, **own).status_code == 303


# ---------------------------------------------------------------- what happened


def test_what_is_said_to_the_sender_is_read_and_what_desks_say_among_themselves_is_not(followed: Followed) -> None:
    followed.does(working.take)
    followed.does(working.escalate, text="Je n’ai pas ce droit.")
    followed.does(working.take, SACHA)
    followed.does(working.answer, SACHA, text="Ouvrez « Mon compte ».")
    followed.does(working.open_ticket, SACHA, kind="incident", title="Base en panne")
    text = plain(followed.page())
    for said in (
        "Prise en charge · Camille, des référents SI SIAO de Paris",
        "Transmise : l’équipe nationale",
        "Réponse · Sacha, de l’équipe nationale",
        "Ouvrez « Mon compte ».",
        "L’équipe technique est saisie",
    ):
        assert said in text
    for kept in ("ce droit", "Base en panne", "INC-", CAMILLE, SACHA, ZOE):
        assert kept not in text


def test_a_second_who_takes_it_over_is_no_news(one_followed: Followed) -> None:
    one_followed.house.invite("dominique@siao.example", "referent", "75")
    one_followed.does(working.take)
    one_followed.does(working.take, "dominique@siao.example")
    text = plain(one_followed.page())
    assert text.count("Prise en charge ·") == 1
    assert "Dominique, des référents SI SIAO de Paris, s’en occupe." in text


# ---------------------------------------------------------------- what the sender does


def test_he_adds_a_precision_and_his_link_opens_for_its_days_anew(followed: Followed) -> None:
    followed.does(working.ask, text="Depuis quand ?")
    assert 'id="preciser" open' in followed.page()
    followed.house.clock.advance(days=80)
    assert followed.send("preciser", texte="Depuis mardi.") == 303
    assert followed.now().state is RequestState.TAKEN
    last = followed.steps()[-1]
    assert (last.move, last.by, last.text) == (Move.ADD, ZOE, "Depuis mardi.")
    followed.house.clock.advance(days=80)
    assert "Depuis mardi." in followed.page()


def test_he_adds_files_and_reads_them_again(followed: Followed) -> None:
    picture = image()
    data = {"csrf_token": followed.browser.token(), "texte": "", "fichiers": (io.BytesIO(picture), "écran.png")}
    answer = followed.browser.client.post(followed.path("preciser"), data=data)
    assert answer.status_code == 303, answer.text
    with reading(followed.house.engine) as connection:
        [kept] = attachments_of(connection, followed.number)
    assert (kept.added_by, kept.event_id) == (ZOE, followed.steps()[-1].id)
    assert followed.steps()[-1].text.startswith("Fichier joint : ")
    assert "Non analysé" in followed.page()
    given = followed.browser.get(followed.path(f"fichiers/{kept.id}"))
    assert given.status_code == 200
    assert given.headers["Content-Disposition"].startswith("attachment;")
    assert given.headers["X-Content-Type-Options"] == "nosniff"
    assert given.headers["Cache-Control"] == "no-store"
    given.close()


def test_a_refused_file_is_named_and_the_text_is_not_lost(one_followed: Followed) -> None:
    data = {
        "csrf_token": one_followed.browser.token(),
        "texte": "Voici l’écran.",
        "fichiers": (io.BytesIO(EICAR), "a.pdf"),
    }
    answer = one_followed.browser.client.post(one_followed.path("preciser"), data=data)
    assert answer.status_code == 400
    assert "« a.pdf »" in answer.text
    assert "Voici l’écran." in answer.text
    assert [step.move for step in one_followed.steps()] == [Move.OPEN]


def test_one_bad_file_keeps_neither_the_text_nor_the_other_files_away(one_followed: Followed) -> None:
    files = [(io.BytesIO(EICAR), "a.pdf"), (io.BytesIO(image()), "écran.png")]
    data = {"csrf_token": one_followed.browser.token(), "texte": "Voici «\u00a0l’écran\u00a0».", "fichiers": files}
    answer = one_followed.browser.client.post(one_followed.path("preciser"), data=data)
    assert answer.status_code == 303, answer.text
    page = plain(one_followed.page())
    assert "C’est ajouté à votre demande." in page
    assert "Sauf ceci, qui n’est pas ajouté. Le fichier « a.pdf »" in page
    assert "Voici « l’écran »." in page
    with reading(one_followed.house.engine) as connection:
        assert [kept.name for kept in attachments_of(connection, one_followed.number)] == ["écran.png"]


def test_the_way_to_add_files_asks_a_telephone_for_kinds_that_are_taken(one_followed: Followed) -> None:
    page = one_followed.page()
    assert 'accept=".pdf,' in page
    assert "numéro de ménage suffit" not in page


def test_nobody_is_asked_whether_an_answer_helped_before_there_is_one(one_followed: Followed) -> None:
    data = {"csrf_token": one_followed.browser.token(), "texte": "", "pourquoi": "inutile"}
    one_followed.browser.client.post(one_followed.path("clore"), data=data)
    page = plain(one_followed.page())
    assert "L’assistance vous a-t-elle aidé ?" in page
    assert "Cette réponse" not in page


def test_the_file_of_another_request_is_not_given(one_followed: Followed) -> None:
    data = {"csrf_token": one_followed.browser.token(), "texte": "x", "fichiers": (io.BytesIO(image()), "a.png")}
    one_followed.browser.client.post(one_followed.path("preciser"), data=data)
    first = one_followed.token
    assert one_followed.browser.get(f"/demande/suivi/{first}/fichiers/1").status_code == 200
    one_followed.file()
    for number in (1, 2, 2**31):
        assert one_followed.browser.get(one_followed.path(f"fichiers/{number}")).status_code == 404


@pytest.mark.parametrize(("why", "solved"), [("repondu", True), ("inutile", False)])
def test_he_closes_it_and_opens_it_again(followed: Followed, why: str, *, solved: bool) -> None:
    assert followed.send("clore", pourquoi=why, texte="") == 303
    assert followed.steps()[-1].data == {"solved": solved}
    assert "Elle est close : vous n’attendez plus de réponse." in followed.page()
    assert followed.send("rouvrir", texte="Ça recommence.") == 303
    assert followed.now().state is RequestState.OPEN


def test_after_fifteen_days_it_stays_closed_and_what_was_typed_is_shown(one_followed: Followed) -> None:
    one_followed.does(working.close, text="Réglé.", solved=True)
    one_followed.house.clock.advance(days=16)
    answer = one_followed.browser.post(one_followed.path("rouvrir"), {"texte": "Trop tard."})
    assert answer.status_code == 409
    assert "Trop tard." in answer.text
    assert "Écrivez une nouvelle demande" in one_followed.page()


def test_he_rates_with_one_click_and_may_change_his_mind(followed: Followed) -> None:
    assert 'id="avis"' not in followed.page()
    assert followed.send("avis", avis="5") == 409
    followed.does(working.close, text="Réglé.", solved=True)
    assert "Cette réponse vous a-t-elle aidé ?" in followed.page()
    assert followed.send("avis", avis="5") == 303
    assert followed.send("avis", avis="2", texte="Trop long.") == 303
    assert followed.now().rating == 2
    assert re.search(r'value="2"[^>]*aria-pressed="true"', followed.page())
    for wrong in ("", "0", "6", "٣", "5 ", "55"):
        assert followed.send("avis", avis=wrong) == 400
    assert followed.now().rating == 2


def test_he_cancels_an_exchange_with_a_word(followed: Followed) -> None:
    followed.does(working.escalate, text="…")
    starts = followed.house.clock() + timedelta(days=1)
    followed.does(working.plan, SACHA, starts_at=starts, minutes=30)
    assert "Échange téléphonique proposé : mercredi 25 novembre 2026 à 11 h, 30 minutes" in plain(followed.page())
    assert followed.send("annuler-echange", texte="") == 400
    assert followed.send("annuler-echange", texte="Plutôt jeudi.") == 303
    assert followed.now().state is RequestState.TAKEN


@pytest.mark.parametrize("word", ["completer", "repondre", "prendre", "confier", "motif"])
def test_what_is_a_desks_is_no_form_of_his(one_followed: Followed, word: str) -> None:
    """Not even the address to which answers go: it was proved."""
    assert one_followed.send(word, texte="x", reponse="autre@chrs.example") == 404


# ---------------------------------------------------------------- nothing typed is lost


def test_a_page_that_was_open_for_too_long_gives_back_what_was_typed_in_its_form(one_followed: Followed) -> None:
    answer = one_followed.browser.client.post(
        one_followed.path("preciser"), data={"csrf_token": "old", "texte": "Depuis <mardi>."}
    )
    assert answer.status_code == 400
    assert "Cette page est restée ouverte trop longtemps." in answer.text
    assert 'id="preciser" open' in answer.text
    assert "Depuis &lt;mardi&gt;.</textarea>" in answer.text
    assert [step.move for step in one_followed.steps()] == [Move.OPEN]


def test_what_the_desk_said_meanwhile_is_shown_before_the_text_is_sent(followed: Followed) -> None:
    seen = str(followed.steps()[-1].id)
    followed.does(working.take)
    followed.does(working.answer, text="Ouvrez « Mon compte ».")
    answer = followed.browser.post(followed.path("preciser"), {"texte": "Depuis mardi.", "vu": seen})
    assert answer.status_code == 409
    assert "Votre demande a avancé pendant que vous écriviez" in answer.text
    assert "Ouvrez « Mon compte »." in answer.text
    assert "Depuis mardi.</textarea>" in answer.text
    assert followed.send("preciser", texte="Depuis mardi.", vu=str(followed.steps()[-1].id)) == 303


def test_what_only_desks_know_stops_nobody_and_a_second_click_adds_nothing_twice(one_followed: Followed) -> None:
    one_followed.does(working.take)
    one_followed.house.invite("dominique@siao.example", "referent", "75")
    seen = str(one_followed.steps()[-1].id)
    one_followed.does(working.assign, owner="dominique@siao.example")
    assert one_followed.send("preciser", texte="Depuis mardi.", vu=seen) == 303
    assert one_followed.send("preciser", texte="Depuis mardi.", vu=seen) == 409
    assert [step.text for step in one_followed.steps() if step.move is Move.ADD] == ["Depuis mardi."]


def test_personal_data_is_pointed_at_and_its_writer_decides(one_followed: Followed) -> None:
    answer = one_followed.browser.post(one_followed.path("preciser"), {"texte": "Mme Zéphyr, 06 39 98 00 11"})
    assert answer.status_code == 400
    assert "Donnée personnelle ?" in answer.text
    assert one_followed.send("preciser", texte="Mme Zéphyr, 06 39 98 00 11", confirmed="1") == 303


def test_a_desk_is_not_flooded_through_a_link(one_followed: Followed) -> None:
    sent = [one_followed.send("preciser", texte=f"Mot {number}.") for number in range(22)]
    assert sent == [303] * 20 + [400] * 2
    one_followed.house.clock.advance(hours=1, minutes=1)
    assert one_followed.send("preciser", texte="Encore.") == 303


@pytest.mark.parametrize(
    ("word", "fields"), [("preciser", {"texte": " \n"}), ("preciser", {"texte": "x" * 4001}), ("clore", {"texte": "x"})]
)
def test_bad_input_is_said_at_its_form(one_followed: Followed, word: str, fields: dict[str, str]) -> None:
    answer = one_followed.browser.post(one_followed.path(word), fields)
    assert answer.status_code == 400
    assert f'id="{word}" open' in answer.text
    assert 'role="alert"' in answer.text


def test_a_link_made_for_another_request_opens_that_one(one_followed: Followed) -> None:
    first = one_followed.number
    one_followed.file(subject="Autre chose")
    with writing(one_followed.house.engine) as connection:
        token = link_of(connection, one_followed.house.settings.secret, first, one_followed.house.clock(), 90)
    assert token != one_followed.token
    assert "Autre chose" in one_followed.page()
    assert "Autre chose" not in one_followed.browser.get(f"/demande/suivi/{token}").text
