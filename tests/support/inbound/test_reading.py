"""A mail is understood whatever program wrote it, and whatever bytes it is made of."""

from __future__ import annotations

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.inbound.reading import read_mail
from support.inbound.sorting import MailKind, sort_mail

OWN = {"ne-pas-repondre@siao.example", "assistance@siao.example"}


def mail(text: str = "Voici l’écran.", **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = headers.pop("From", "Alex Essai <Alex@Structure.example>")
    message["To"] = headers.pop("To", "assistance@siao.example")
    message["Message-ID"] = "<abc@structure.example>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def test_a_plain_reply_says_who_wrote_what_and_what_it_answers() -> None:
    found = read_mail(mail(In_Reply_To="<b@siao.example>", References="<a@siao.example> <b@siao.example>"))
    assert found.sender == "alex@structure.example"
    assert found.to == ("assistance@siao.example",)
    assert found.answers == ("b@siao.example", "a@siao.example")
    assert found.name == "abc@structure.example"
    assert found.text == "Voici l’écran."
    assert sort_mail(found, OWN).kind is MailKind.PERSON


@pytest.mark.parametrize(
    ("charset_line", "content", "said"),
    [
        ("charset=iso-8859-1", "L'écran reste blanc".encode("latin-1"), "L'écran reste blanc"),
        ("charset=utf-8", "L'écran reste blanc".encode("cp1252"), "L'écran reste blanc"),
        ("charset=x-unknown", "L’écran".encode(), "L’écran"),
        ("charset=hex", b"6162", "6162"),
        ('charset="a\'b"', "Écran".encode(), "Écran"),
        ("charset=utf-8", b"nul\x00 et cloche\x07", "nul et cloche"),
    ],
)
def test_a_wrong_charset_loses_no_word(charset_line: str, content: bytes, said: str) -> None:
    head = f"From: a@b.example\r\nContent-Type: text/plain; {charset_line}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    assert read_mail(head.encode() + content).text == said


def test_html_alone_becomes_text_and_no_mark_of_it_stays() -> None:
    message = EmailMessage()
    message["From"] = "a@b.example"
    message.set_content(
        "<html><head><style>p{}</style><title>t</title></head><body><p>Bonjour&nbsp;,</p><ul><li>un<li>deux</ul>"
        "<script>alert(1)</script><img src=x onerror=alert(2)><p>1 &lt; 2</p>"
        "<blockquote><p>Votre question</p></blockquote></body></html>",
        subtype="html",
    )
    found = read_mail(message.as_bytes())
    assert found.text == "Bonjour ,\n\n- un\n- deux\n\n1 < 2"
    assert found.quoted == "> Votre question"


@pytest.mark.parametrize(
    "body", ["<" * 50_000, "<a " * 20_000, "<!--" * 20_000, "</" * 20_000, "<script>" * 9_000, "<p>a</p><!-- b -->"]
)
def test_html_that_is_none_is_read_as_something_and_its_comments_as_nothing(body: str) -> None:
    found = read_mail(f"From: a@b.example\nContent-Type: text/html\n\n{body}".encode())
    assert "<!--" not in found.text
    assert found.text == "a" or "<p>" not in body


def test_of_a_mail_of_a_million_parts_the_beginning_is_read() -> None:
    raw = b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nBonjour\n" + b"--x\n\n" * 200_000
    found = read_mail(raw)
    assert (found.text.strip(), found.is_whole) == ("Bonjour", False)


def test_a_text_made_to_keep_us_busy_is_soon_read() -> None:
    head = b"From: a@b.example\nContent-Type: text/plain; charset="
    assert read_mail(head + b"utf-8\n\nBonjour." + b"\n" * 190_000).text == "Bonjour."
    assert read_mail(head + b"punycode\n\nabc-9a").text == "abc-9a"
    part = b"--x\nContent-Type: text/html\n\n" + b"<p>a" * 30_000 + b"\n"
    many = read_mail(b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n" + part * 50 + b"--x--\n")
    assert many.text.count("a") == 60_000


def test_the_plain_text_goes_before_the_same_in_html() -> None:
    message = EmailMessage()
    message["From"] = "a@b.example"
    message.set_content("Le texte.")
    message.add_alternative("<p>Le <b>HTML</b>.</p>", subtype="html")
    message.add_attachment(b"%PDF-1.4 ...", maintype="application", subtype="pdf", filename="écran d’accueil.pdf")
    message.add_attachment(b"x" * 40, maintype="image", subtype="png", cid="<logo>", disposition="inline")
    found = read_mail(message.as_bytes())
    assert found.text == "Le texte."
    assert [(one.name, one.content) for one in found.files] == [("écran d’accueil.pdf", b"%PDF-1.4 ...")]


def test_lines_that_flow_are_one_paragraph() -> None:
    raw = b"From: a@b.example\nContent-Type: text/plain; format=flowed\n\nUne phrase \nqui continue.\n> citation \n"
    assert read_mail(raw).text == "Une phrase qui continue."


@pytest.mark.parametrize("wrong", ["a@b.example, c@d.example", "Personne", "", "a@b.example\nFrom: c@d.example"])
def test_a_mail_that_not_one_address_wrote_has_no_sender(wrong: str) -> None:
    assert read_mail(f"From: {wrong}\nSubject: x\n\nTexte".encode()).sender == ""


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Auto_Submitted": "auto-replied"}, MailKind.AUTOMATIC),
        ({"Auto_Submitted": "auto-generated; owner-email=x"}, MailKind.AUTOMATIC),
        ({"Auto_Submitted": "no"}, MailKind.PERSON),
        ({"X_Auto_Response_Suppress": "All"}, MailKind.AUTOMATIC),
        ({"X_Autoreply": "yes"}, MailKind.AUTOMATIC),
        ({"Precedence": "auto_reply"}, MailKind.AUTOMATIC),
        ({"Precedence": "Bulk"}, MailKind.BULK),
        ({"Precedence": "junk"}, MailKind.BULK),
        ({"List_Id": "<liste.structure.example>"}, MailKind.BULK),
        ({"List_Unsubscribe": "<https://structure.example/x>"}, MailKind.BULK),
        ({"X_Spam_Flag": "YES"}, MailKind.BULK),
        ({"Return_Path": "<>"}, MailKind.AUTOMATIC),
        ({"Return_Path": "<alex@structure.example>"}, MailKind.PERSON),
        ({"Subject": "Réponse automatique : [Demande n° 12] Compte"}, MailKind.AUTOMATIC),
        ({"Subject": "Re: Absente du bureau jusqu’au 3"}, MailKind.AUTOMATIC),
        ({"Subject": "Automatic reply: request"}, MailKind.AUTOMATIC),
        ({"Subject": "Lu : [Demande n° 12] Compte"}, MailKind.AUTOMATIC),
        ({"Subject": "RE: [Demande n° 12] Absence de bouton"}, MailKind.PERSON),
        ({"From": "MAILER-DAEMON@structure.example"}, MailKind.BOUNCE),
        ({"From": "Postmaster <postmaster@structure.example>"}, MailKind.BOUNCE),
        ({"From": "SI SIAO <ne-pas-repondre@siao.example>"}, MailKind.LOOP),
        ({"From": "assistance+12-jeton@siao.example"}, MailKind.LOOP),
        ({"X_Loop": "assistance"}, MailKind.LOOP),
    ],
)
def test_what_a_machine_sends_is_told_from_what_a_person_writes(headers: dict[str, str], kind: MailKind) -> None:
    assert sort_mail(read_mail(mail(**headers)), OWN).kind is kind


def test_a_report_on_the_delivery_is_a_bounce_and_a_mail_of_thirty_one_servers_a_loop() -> None:
    report = b"From: a@b.example\nContent-Type: multipart/report; boundary=x\n\n--x\n\nfailed\n--x--\n"
    assert sort_mail(read_mail(report), OWN).kind is MailKind.BOUNCE
    assert sort_mail(read_mail(b"Received: x\n" * 31 + mail()), OWN).kind is MailKind.LOOP


def test_the_same_mail_by_two_ways_is_one_and_another_text_under_its_name_is_not() -> None:
    twice = read_mail(b"Received: by another server\n" + mail())
    assert read_mail(mail()).digest == twice.digest
    assert read_mail(mail("Autre texte.")).digest != twice.digest


@given(st.binary(max_size=4000))
def test_any_bytes_are_read_as_something(raw: bytes) -> None:
    sort_mail(read_mail(raw), OWN)


PIECES = st.sampled_from([
    b"From: ", b"To: ", b"Subject: ", b"=?utf-8?b?w6k=?=", b"=?utf-8?b?w6?=", b"=?x?q?=", b"References: <a@b> <",
    b"\r\n", b"\n",
    b"\n\n", b"Content-Type: multipart/mixed; boundary=x\n\n", b"--x\n", b"--x--\n", b"Content-Type: text/html\n\n",
    b"<![if", b"<blockquote>", b"<!--", b"&#xffffffff;", b"Content-Transfer-Encoding: base64\n\n", b"w6k", b"=\n",
    b"Content-Disposition: attachment; filename*=utf-8''%e2%82\n", b"filename*0*=x", b"message/rfc822", b"a@[b", b'"',
    b"(", b"Content-Type: ", b"; charset*=x''%", b"; charset=rot13\n\n", b"> ", b"Le a a \xc3\xa9crit :\n",
    b"De : a\nEnvoy\xc3\xa9 : b\n", b"\xff\x00",
])  # fmt: skip


@given(st.lists(PIECES, max_size=40).map(b"".join))
def test_any_pieces_of_mails_are_read_as_something(raw: bytes) -> None:
    found = read_mail(raw)
    sort_mail(found, OWN)
    (found.text + found.quoted + found.subject + "".join(one.name for one in found.files)).encode()
    assert "\x00" not in found.text
