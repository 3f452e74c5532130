"""A link that opens nothing says so alike whatever the reason, has another one sent, and can be ended by both sides."""

from __future__ import annotations

import logging
import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from records.database import reading, writing
from records.schema.tables import deliveries
from records.schema.written_tables import form_attempts
from records.tokens import token_for
from service.directory.snapshots import SnapshotFile
from service.mail import sender
from service.wiring.letters.requests import request_post
from support.following.links import revoke
from support.requests.store import change_request
from tests.support.following.conftest import CAMILLE, Followed
from tests.support.following.written import ZOE

SENT = "Si cette demande existe et que l’adresse est la sienne"


def mails_to_zoe(followed: Followed) -> list[str]:
    """The job's round, and the texts of all that she was sent so far."""
    house = followed.house
    post = request_post(
        house.settings, house.engine, sender(house.settings), SnapshotFile(house.settings.var_dir).current
    )
    replace(post, clock=house.clock).work()
    found = [mail for mail in house.mails() if mail["To"] == ZOE]
    return [str(part.get_content()) for mail in found if (part := mail.get_body(("plain",)))]


def links_owed(followed: Followed) -> int:
    with reading(followed.house.engine) as connection:
        keys = connection.scalars(select(deliveries.c.dedupe_key))
        return sum(key.startswith("link:request:") for key in keys)


def stripped(page: str, token: str) -> str:
    """A page without what differs by its address and its session."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", page.replace(token, "…"))


def test_wrong_expired_and_revoked_links_are_answered_alike(followed: Followed) -> None:
    house, browser = followed.house, followed.browser
    with writing(house.engine) as connection:
        revoke(connection, followed.number, house.clock())
    revoked = followed.token
    followed.file()
    house.clock.advance(days=91)
    never_made = token_for(house.settings.secret, "follow", followed.number, 7)
    answers = [browser.get(f"/demande/suivi/{token}") for token in (revoked, followed.token, never_made, "a" * 22)]
    assert [answer.status_code for answer in answers] == [404] * 4
    tokens = (revoked, followed.token, never_made, "a" * 22)
    assert len({stripped(answer.text, token) for answer, token in zip(answers, tokens, strict=True)}) == 1
    assert "Ce lien ne s’ouvre pas" in answers[0].text


@pytest.mark.parametrize("word", ["preciser", "clore", "rouvrir", "avis", "lien", "annuler-echange"])
def test_no_form_is_taken_by_a_link_that_opens_nothing(one_followed: Followed, word: str) -> None:
    number = one_followed.number
    with writing(one_followed.house.engine) as connection:
        revoke(connection, number, one_followed.house.clock())
    assert one_followed.send(word, texte="x", pourquoi="repondu", avis="5") == 404
    assert len(one_followed.steps()) == 1
    answer = one_followed.browser.post(one_followed.path("preciser"), {"texte": "tapé <ici>"})
    assert (answer.status_code, "tapé &lt;ici&gt;" in answer.text) == (404, True)
    assert one_followed.send("preciser", csrf_token="old", texte="x") == 400


def test_an_expired_link_has_a_new_one_sent_to_the_address_of_its_request(followed: Followed) -> None:
    old = followed.token
    followed.house.clock.advance(days=91)
    answer = followed.browser.post(followed.path("renvoyer"), {})
    assert (answer.status_code, SENT in answer.text) == (200, True)
    [text] = mails_to_zoe(followed)
    assert "Voici le lien de votre demande n° 1." in text
    found = re.search(r"/demande/suivi/([\w-]{22})", text)
    assert found
    assert found[1] != old
    assert followed.browser.get(f"/demande/suivi/{found[1]}").status_code == 200
    assert followed.browser.get(followed.path()).status_code == 404


def test_whoever_knows_number_and_address_gets_the_link_and_nobody_learns_whether_it_exists(followed: Followed) -> None:
    for number, email, owed in (
        ("1", ZOE.upper(), 1),
        ("1", "autre@chrs.example", 1),
        ("99", ZOE, 1),
        ("n° 1", ZOE, 1),
    ):
        answer = followed.browser.post("/demande/suivi", {"numero_demande": number, "email": email})
        assert (answer.status_code, SENT in answer.text) == (200, True)
        assert links_owed(followed) == owed
    assert followed.browser.post("/demande/suivi/" + "a" * 22 + "/renvoyer", {}).status_code == 200
    assert links_owed(followed) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"numero_demande": "", "email": ZOE}, "Donnez le numéro de la demande"),
        ({"numero_demande": "douze", "email": ZOE}, "Donnez le numéro de la demande"),
        ({"numero_demande": "9" * 30, "email": ZOE}, "Donnez le numéro de la demande"),
        ({"numero_demande": "1", "email": "<zoé>"}, "Donnez l’adresse"),
    ],
)
def test_what_is_badly_typed_is_said_at_its_field_and_kept(
    one_followed: Followed, fields: dict[str, str], said: str
) -> None:
    answer = one_followed.browser.post("/demande/suivi", fields)
    assert answer.status_code == 400
    assert said in answer.text
    assert fields["email"].replace("<", "&lt;").replace(">", "&gt;") in answer.text
    too_old = one_followed.browser.client.post("/demande/suivi", data=fields | {"csrf_token": "old"})
    assert (too_old.status_code, "restée ouverte trop longtemps" in too_old.text) == (400, True)


def test_a_number_written_another_way_tells_no_stranger_whose_request_it_is(one_followed: Followed) -> None:
    for email in (ZOE, "autre@asso.example"):
        typed = [{"numero_demande": number, "email": email} for number in ("1", "1", "1", "0001")]
        codes = [one_followed.browser.post("/demande/suivi", fields).status_code for fields in typed]
        assert codes == [200, 200, 200, 429]


def test_a_line_of_ipv6_asks_no_more_often_by_its_other_addresses(one_followed: Followed) -> None:
    for number in (1, 2):
        one_followed.browser.client.environ_base["REMOTE_ADDR"] = f"2001:db8:0:1::{number}"
        one_followed.browser.post("/demande/suivi", {"numero_demande": f"7{number}", "email": "autre@asso.example"})
    with reading(one_followed.house.engine) as connection:
        buckets = set(connection.scalars(select(form_attempts.c.bucket)))
    assert len(buckets) == 3  # two demands, one network


def test_nobodys_mailbox_is_flooded_through_us(one_followed: Followed) -> None:
    """Three in an hour for one request, whoever asks, whether by its old link or by its number."""
    for asked in range(5):
        one_followed.house.clock.advance(minutes=1)
        path = one_followed.path("renvoyer") if asked % 2 else "/demande/suivi"
        answer = one_followed.browser.post(path, {"numero_demande": "1", "email": ZOE})
        assert answer.status_code == (200 if asked < 3 else 429)
    assert links_owed(one_followed) == 3
    one_followed.house.clock.advance(hours=1)
    assert one_followed.browser.post(one_followed.path("renvoyer"), {}).status_code == 200


def test_a_request_of_the_telephone_has_no_link_to_send(one_followed: Followed) -> None:
    asked = one_followed.now()
    with writing(one_followed.house.engine) as connection:
        change_request(connection, asked, {"channel": "phone"})
    one_followed.browser.post("/demande/suivi", {"numero_demande": "1", "email": ZOE})
    assert links_owed(one_followed) == 0


# ---------------------------------------------------------------- ended by the sender, by the desk


def test_shared_by_mistake_the_link_ends_and_its_sender_gets_another(followed: Followed) -> None:
    answer = followed.browser.post(followed.path("lien"), {})
    assert (answer.status_code, "Votre lien est remplacé" in answer.text) == (200, True)
    assert followed.browser.get(followed.path()).status_code == 404
    receipt, again = mails_to_zoe(followed)
    assert followed.token not in receipt + again
    links = set(re.findall(r"/demande/suivi/([\w-]{22})", receipt + again))
    assert len(links) == 1
    assert followed.browser.get(f"/demande/suivi/{links.pop()}").status_code == 200


def test_whoever_works_on_the_request_ends_its_link_and_nobody_else(followed: Followed) -> None:
    desk = followed.house.signed_in(CAMILLE)
    page = desk.get(f"/demandes/{followed.number}").text
    assert "Révoquer le lien" in page
    assert followed.token not in page
    path = f"/demandes/{followed.number}/lien"
    for other in ("alix@siao.example", "sacha@siao.example"):  # another département; level 2 while level 1 has it
        assert followed.house.signed_in(other).post(path, {}).status_code == 404
    assert followed.browser.get(followed.path()).status_code == 200
    assert desk.post(path, {}).status_code == 303
    assert followed.browser.get(followed.path()).status_code == 404
    assert "Révoquer le lien" not in desk.get(f"/demandes/{followed.number}").text
    assert desk.post("/demandes/999999999/lien", {}).status_code == 404
    assert links_owed(followed) == 1


def test_the_link_is_in_no_line_of_the_log(one_followed: Followed, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        one_followed.page()
        one_followed.send("preciser", texte="Depuis mardi.")
        one_followed.send("renvoyer")
        mails_to_zoe(one_followed)
    assert one_followed.token not in caplog.text


def test_one_line_of_ipv6_asks_for_so_many_links_an_hour_under_all_its_addresses(one_followed: Followed) -> None:
    browser, codes = one_followed.browser, []
    for asked in range(41):
        fields = {"csrf_token": browser.token(), "numero_demande": str(asked + 10), "email": ZOE}
        from_there = {"REMOTE_ADDR": f"2001:db8:0:1::{asked + 1:x}"}
        codes.append(browser.client.post("/demande/suivi", data=fields, environ_overrides=from_there).status_code)
    assert codes == [200] * 40 + [429]
