"""The form is limited by address and by network, and nobody can be sent mails without end through it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from records.database import reading
from records.schema.tables import deliveries
from records.schema.written_tables import filed_forms, form_attempts
from support.form.limits import WAITING_AT_MOST
from tests.support.form.senders import WRITTEN, link_in, opened, post_of, proofs, writer
from tests.support.house import House


def sent(house: House, number: int, **other: str) -> Any:
    """One more form, another each time, from a browser of its own."""
    return writer(house).send(WRITTEN | {"objet": f"Demande {number}"} | other)


def test_an_address_sends_five_forms_an_hour_and_the_sixth_comes_back_filled(house: House) -> None:
    assert [sent(house, n).status_code for n in range(5)] == [200] * 5
    page = sent(house, 6)
    assert page.status_code == 429
    assert "Patientez une heure" in page.text
    assert WRITTEN["description"] in page.text
    assert len(proofs(house)) == 5
    assert sent(house, 7, email="autre@asso.example").status_code == 200
    house.clock.advance(minutes=61)
    assert sent(house, 8).status_code == 200


def test_a_network_sends_so_many_forms_an_hour(house: House) -> None:
    codes = [sent(house, n, email=f"p{n}@asso.example").status_code for n in range(41)]
    assert codes == [200] * 40 + [429]


def test_the_mail_sent_again_counts_as_well(house: House) -> None:
    lou = writer(house)
    lou.send(WRITTEN)
    codes = []
    for _ in range(6):
        house.clock.advance(minutes=2)
        codes.append(lou.press("faire", "renvoyer").status_code if "renvoyer" in lou.page.text else 429)
    assert codes[:4] == [200] * 4
    assert codes[4] == 429
    assert len(proofs(house)) == 5


def test_a_stranger_gets_so_many_mails_a_day_whoever_asks(house: House) -> None:
    for n in range(WAITING_AT_MOST + 5):
        house.clock.advance(minutes=30)
        sent(house, n)
    assert len(proofs(house)) == WAITING_AT_MOST
    page = sent(house, 99)
    assert page.status_code == 429
    writer(house).send(path=link_in(proofs(house)[-1]))
    assert len(opened(house)) == 1


def test_attempts_name_nobody_and_are_forgotten_after_a_day(house: House) -> None:
    sent(house, 1)
    with reading(house.engine) as connection:
        buckets = list(connection.scalars(select(form_attempts.c.bucket)))
    assert len(buckets) == 3  # its address by the hour and by the day, its network
    assert not any("lou" in one or "127" in one for one in buckets)
    house.clock.advance(hours=25)
    post_of(house).forget()
    with reading(house.engine) as connection:
        assert connection.execute(select(form_attempts)).all() == []


def test_a_stranger_gets_no_more_mails_by_asking_for_the_same_one_again(house: House) -> None:
    lou = writer(house)
    lou.send(WRITTEN)
    for _ in range(WAITING_AT_MOST + 5):
        house.clock.advance(minutes=30)
        if "renvoyer" in lou.page.text:
            lou.press("faire", "renvoyer")
        else:
            sent(house, 1)
    assert len(proofs(house)) == WAITING_AT_MOST


def test_what_strangers_send_in_its_name_stops_nobody_whose_address_is_proved(house: House) -> None:
    lou = writer(house)
    lou.send(WRITTEN)
    lou.send({"retenir": "1"}, path=link_in(proofs(house)[0]))
    codes = [sent(house, number).status_code for number in range(6)]
    assert codes[-1] == 429
    lou.open("/demande")
    assert "est enregistrée" in lou.send(lou.held() | WRITTEN | {"objet": "Autre chose", "etape": ""}).text


def test_visitors_whose_addresses_the_server_writes_as_ipv6_are_no_single_network(house: House) -> None:
    """As a server that listens on `[::]` tells of IPv4."""
    for number in (1, 2):
        lou = writer(house)
        lou.client.environ_base["REMOTE_ADDR"] = f"::ffff:192.0.2.{number}"
        lou.send(WRITTEN)
    with reading(house.engine) as connection:
        buckets = set(connection.scalars(select(form_attempts.c.bucket)))
    assert len(buckets) == 4  # one address, by the hour and by the day, and two networks


def test_mails_that_no_server_takes_wait_and_a_late_one_is_dropped(house: House) -> None:
    sent(house, 1)
    post = post_of(house)
    replace(post, sender=None).send()
    house.clock.advance(hours=49)
    assert proofs(house) == []


def test_a_form_whose_number_was_another_s_before_gets_its_mail(house: House) -> None:
    """A number of a row that is gone is given again."""
    sent(house, 1)
    assert len(proofs(house)) == 1
    house.clock.advance(hours=49)
    post_of(house).forget()
    sent(house, 2, email="autre@asso.example")
    assert len(proofs(house)) == 2


def test_of_an_address_that_was_never_proved_nothing_stays(house: House) -> None:
    sent(house, 1)
    proofs(house)
    house.clock.advance(hours=49)
    post_of(house).forget()
    with reading(house.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(filed_forms)) == 0
        kept = [list(row) for row in connection.execute(select(deliveries))]
    assert not any(WRITTEN["email"] in str(row) for row in kept)
