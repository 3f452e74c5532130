"""What came by mail is read on both pages: its text, what is quoted folded under it, the files that were refused."""

from __future__ import annotations

import pytest

from support.attachments.keeping import Attachments
from support.following.links import reply_address_of
from support.inbound.taking import Intake
from support.requests.working import USUAL_HOURS
from tests.support.following.conftest import Followed, followed, one_followed  # noqa: F401 - fixtures
from tests.support.following.written import ZOE
from tests.support.inbound.test_taking import mail

ADDRESS = "assistance@siao.example"


@pytest.fixture
def received(one_followed: Followed) -> Followed:  # noqa: F811 - a fixture is named as what it gives
    """Zoé's request after her reply, a colleague's, and a file that was refused."""
    house = one_followed.house
    intake = Intake(
        house.engine, house.clock, None, Attachments(house.settings.attachments_dir), None, house.settings.secret,  # type: ignore[arg-type]
        ADDRESS, frozenset({ADDRESS}), USUAL_HOURS, house.settings.public_url,
    )  # fmt: skip
    to = reply_address_of(ADDRESS, house.settings.secret, one_followed.number)
    first = mail("Le <b>bouton</b> reste gris.\n\nLe 24 à 11:05, A a écrit :\n> <script>x</script>", to=to, sender=ZOE)
    first.add_attachment(b"MZ\x90\x00" + b"\0" * 90, maintype="application", subtype="pdf", filename="outil.pdf")
    intake.take_in(first.as_bytes())
    intake.take_in(mail("Je confirme.", to=to, sender="chef@chrs.example", name="b@chrs.example").as_bytes())
    return one_followed


def test_the_sender_s_page_shows_what_he_wrote_by_mail(received: Followed) -> None:
    page = received.page()
    assert "Le &lt;b&gt;bouton&lt;/b&gt; reste gris." in page
    assert "<summary>Texte cité</summary>" in page
    assert "&gt; &lt;script&gt;x&lt;/script&gt;" in page
    assert "outil.pdf" in page
    assert "Je confirme." in page
    assert "quelqu’un à qui votre courriel a été transmis" in page


def test_the_desk_s_page_shows_it_too_and_says_who_did_not_ask(received: Followed) -> None:
    page = received.house.signed_in().get(f"/demandes/{received.number}").text
    assert "Le &lt;b&gt;bouton&lt;/b&gt; reste gris." in page
    assert "<summary>Texte cité</summary>" in page
    assert "<script>x" not in page
    assert "d’une personne qui n’a pas posé la demande" in page
