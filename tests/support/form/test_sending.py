"""A form becomes a request once its address is proved: by the link of a mail, a session, a browser that proved it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select, text

from records.database import reading
from records.schema.written_tables import attachments, filed_forms, request_links
from support.form.proof import PROOF_LIVES
from tests.support.form.senders import WRITTEN, Writer, link_in, opened, post_of, proofs, writer
from tests.support.house import House


def test_a_whole_form_waits_for_its_proof_and_then_becomes_a_request(house: House) -> None:
    """One POST with the names of the contract, the link of the mail, one press: nobody reads it before."""
    lou = writer(house)
    page = lou.send(WRITTEN)
    assert page.status_code == 200
    assert "confirmez votre adresse" in page.text
    assert opened(house) == []

    [mail] = proofs(house)
    assert mail["To"] == "lou@asso.example"
    seen = lou.open(link_in(mail))
    assert "Mot de passe perdu" in seen.text
    assert opened(house) == []  # a program that follows the links of mails has opened nothing

    page = lou.send(path=link_in(mail))
    [asked] = opened(house)
    assert (asked.channel, asked.sender, asked.departement, asked.desk) == ("form", "user", "75", "local")
    assert (asked.nom, asked.prenom, asked.profil) == ("Invention", "Lou", "premier-accueil")
    assert (asked.subject, asked.description) == (WRITTEN["objet"], WRITTEN["description"])
    assert (asked.sous_motif, asked.reply_to) == (WRITTEN["sous_motif"], "lou@asso.example")
    assert f"demande n° {asked.id} est enregistrée" in page.text
    assert "Paris (75)" in page.text
    assert "Prise en charge demain avant 11 h 00" in page.text
    assert "/demande/suivi/" in page.text


def test_a_link_pressed_twice_opens_one_request(house: House) -> None:
    lou = writer(house)
    lou.send(WRITTEN)
    [mail] = proofs(house)
    first = lou.send(path=link_in(mail)).text
    assert lou.send(path=link_in(mail)).text.count("est enregistrée") == first.count("est enregistrée")
    assert "déjà transmise" in lou.open(link_in(mail)).text
    assert len(opened(house)) == 1


def test_a_double_click_is_one_form_and_one_mail(house: House) -> None:
    lou = writer(house)
    fields = lou.held() | WRITTEN | {"etape": ""}
    assert [lou.send(fields).status_code for _ in range(3)] == [200, 200, 200]
    assert len(proofs(house)) == 1
    assert count(house, filed_forms) == 1


def test_what_was_typed_is_forgotten_in_the_form_once_its_request_is_open(house: House) -> None:
    lou = writer(house)
    lou.send(WRITTEN)
    [mail] = proofs(house)
    lou.send(path=link_in(mail))
    with reading(house.engine) as connection:
        [fields] = connection.scalars(select(filed_forms.c.fields))
    assert "connecter" not in fields
    assert "Invention" not in fields


def test_a_form_that_nobody_proves_is_forgotten_with_its_mail(house: House) -> None:
    lou = writer(house)
    lou.send(WRITTEN)
    [mail] = proofs(house)
    house.clock.now += PROOF_LIVES + timedelta(minutes=1)
    assert lou.open(link_in(mail)).status_code == 404
    assert lou.send(path=link_in(mail)).status_code == 404
    post_of(house).forget()
    assert count(house, filed_forms) == 0
    assert opened(house) == []


def test_a_wrong_link_opens_nothing(house: House) -> None:
    lou = writer(house)
    for token in ("A" * 22, "x", "é" * 22, "A" * 4000):
        assert lou.open(f"/demande/confirmer/{token}").status_code == 404
        assert lou.send(path=f"/demande/confirmer/{token}").status_code == 404


def test_the_mail_of_the_proof_holds_nothing_that_was_typed(house: House) -> None:
    """Else anybody could have us write his words to a stranger."""
    lou = writer(house)
    lou.send(WRITTEN | {"prenom": "Gagnez", "nom": "Maintenant", "objet": "Offre", "description": "Cliquez"})
    [mail] = proofs(house)
    told = str(mail)
    assert not any(word in told for word in ("Gagnez", "Maintenant", "Offre", "Cliquez"))


def test_a_browser_that_proved_its_address_sends_the_next_request_at_once(house: House) -> None:
    """When its owner asked for it, and for thirty days."""
    lou = writer(house)
    lou.send(WRITTEN)
    lou.send({"retenir": "1"}, path=link_in(proofs(house)[0]))
    house.clock.advance(hours=2)
    page = again(lou, objet="Autre chose")
    assert "est enregistrée" in page
    assert len(opened(house)) == 2
    assert len(proofs(house)) == 1
    assert "confirmez" in again(lou, email="autre@asso.example")


def test_a_browser_that_asked_for_nothing_proves_each_time(house: House) -> None:
    lou = writer(house)
    lou.send(WRITTEN)
    lou.send(path=link_in(proofs(house)[0]))
    assert "confirmez" in again(lou, objet="Autre chose")
    assert len(opened(house)) == 1


def test_what_is_written_anew_on_the_same_page_is_another_request(house: House) -> None:
    """Back, another text, send: it is not taken for a double click."""
    camille = Writer(house, house.signed_in().client)
    held = camille.held()
    first = held | WRITTEN | {"email": "camille@siao.example", "etape": ""}
    camille.send(first)
    camille.send(first)
    assert len(opened(house)) == 1
    camille.send(first | {"description": "Une tout autre question."})
    camille.send(first | {"description": "Une tout autre question."})
    assert [one.description for one in opened(house)] == [WRITTEN["description"], "Une tout autre question."]


def test_an_address_is_corrected_and_the_first_one_opens_nothing_any_more(house: House) -> None:
    lou = writer(house)
    lou.send(WRITTEN | {"email": "luo@asso.example"})
    [wrong] = proofs(house)
    page = lou.press("faire", "corriger")
    assert "Mot de passe perdu" in page.text
    lou.press("faire", "envoyer", email="lou@asso.example", etape="envoi")
    [_, right] = proofs(house)
    assert right["To"] == "lou@asso.example"
    assert lou.open(link_in(wrong)).status_code == 404
    lou.send(path=link_in(right))
    assert [one.reply_to for one in opened(house)] == ["lou@asso.example"]


def test_the_mail_is_sent_again_for_whoever_asks(house: House) -> None:
    lou = writer(house)
    lou.send(WRITTEN)
    assert len(proofs(house)) == 1
    house.clock.advance(minutes=5)
    lou.press("faire", "renvoyer")
    assert len({link_in(mail) for mail in proofs(house)}) == 1
    assert len(proofs(house)) == 2


# ---------------------------------------------------------------- référents


def test_a_referent_who_is_signed_in_finds_himself_in_the_form_and_proves_nothing(house: House) -> None:
    camille = Writer(house, house.signed_in().client)
    held = camille.held()
    told = {name: held[name] for name in ("referent", "prenom", "nom", "email", "departement")}
    assert told == {
        "referent": "oui", "prenom": "Camille", "nom": "Exemple", "email": "camille@siao.example", "departement": "75",
    }  # fmt: skip
    mine = {name: text for name, text in WRITTEN.items() if name not in told}
    page = camille.send(held | mine | {"etape": ""})
    assert "est enregistrée" in page.text
    [asked] = opened(house)
    assert (asked.sender, asked.desk, asked.created_by) == ("referent", "national", "camille@siao.example")
    assert proofs(house) == []


def test_a_session_proves_its_own_address_only(house: House) -> None:
    camille = Writer(house, house.signed_in().client)
    page = camille.send(camille.held() | WRITTEN | {"referent": "oui", "email": "alix@siao.example", "etape": ""})
    assert "confirmez" in page.text
    assert opened(house) == []


def test_a_known_referent_who_is_not_signed_in_is_one_once_his_address_is_proved(house: House) -> None:
    """By his account, or by the directory of that département."""
    for email in ("camille@siao.example", "Dominique@SIAO.example"):
        writer(house).send(WRITTEN | {"referent": "oui", "email": email})
    for mail in proofs(house):
        writer(house).send(path=link_in(mail))
    assert [one.sender for one in opened(house)] == ["referent", "referent"]


def test_whoever_only_says_that_he_is_a_referent_is_a_user_and_is_told_so(house: House) -> None:
    """A stranger; the référent of another département; an account that is closed. Nothing is told before the proof."""
    with house.writing() as connection:
        from records.desks.accounts import close_account  # noqa: PLC0415 - one test

        close_account(connection, house.accounts["alix@siao.example"].id, house.clock())
    people = (("lou@asso.example", "75"), ("alix@siao.example", "75"), ("camille@siao.example", "59"))
    for email, code in people:
        page = writer(house).send(WRITTEN | {"referent": "oui", "email": email, "departement": code})
        assert "confirmez" in page.text
        assert "connue" not in page.text
    for mail in proofs(house):
        assert "n’est pas connue comme celle d’un référent" in writer(house).send(path=link_in(mail)).text
    assert {one.sender for one in opened(house)} == {"user"}


# ---------------------------------------------------------------- one transaction


def test_a_request_has_its_link_and_its_files_from_the_first_moment(house: House) -> None:
    from io import BytesIO  # noqa: PLC0415 - one test

    lou = writer(house)
    lou.send(WRITTEN | {"fichiers": (BytesIO(b"bonjour"), "note.txt")})
    [mail] = proofs(house)
    lou.send(path=link_in(mail))
    [asked] = opened(house)
    with reading(house.engine) as connection:
        [file] = connection.execute(select(attachments))
        [link] = connection.execute(select(request_links))
    assert (file.request_id, file.filed_key, file.name) == (asked.id, None, "note.txt")
    assert file.event_id is not None
    assert link.request_id == asked.id


def again(sender: Writer, **other: str) -> str:
    sender.open("/demande")
    return sender.send(sender.held() | WRITTEN | other | {"etape": ""}).text


def count(house: House, table: object) -> int:
    with reading(house.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_a_page_of_proof_that_has_expired_asks_again_and_opens_nothing(house: House) -> None:
    lou = writer(house)
    lou.send(WRITTEN)
    [mail] = proofs(house)
    page = lou.client.post(link_in(mail), data={"csrf_token": "old"})
    assert (page.status_code, "Confirmer mon adresse" in page.text) == (400, True)
    assert opened(house) == []
    assert lou.client.post("/demande/confirmer/nothing", data={"csrf_token": "old"}).status_code == 404


def test_without_the_database_the_proof_says_that_it_is_for_later(house: House) -> None:
    lou = writer(house)
    lou.send(WRITTEN)
    [mail] = proofs(house)
    with house.writing() as connection:
        connection.execute(text("alter table filed_forms rename to gone"))
    assert lou.open(link_in(mail)).status_code == 503
    page = lou.send(WRITTEN)
    assert page.status_code == 503
    assert WRITTEN["description"] in page.text
