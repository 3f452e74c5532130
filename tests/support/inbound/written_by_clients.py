"""Replies as mail programs write them: their headers, their quotation, their signature; the words are invented."""

from __future__ import annotations

from email.message import EmailMessage
from email.policy import SMTP

OURS = "Assistance SI SIAO <assistance@siao.example>"
QUESTION = ["Bonjour,", "", "Quel message voyez-vous exactement à l’écran ?", "", "Assistance téléphonique du SI SIAO"]


def _message(answered: EmailMessage | None, sender: str, name: str, *, to: str = "") -> EmailMessage:
    message = EmailMessage(policy=SMTP.clone(cte_type="8bit"))
    message["From"], message["Message-ID"] = sender, name
    message["To"] = to or (str(answered["Reply-To"] or answered["From"]) if answered else OURS)
    message["Date"] = "Tue, 24 Nov 2026 11:20:00 +0100"
    message["Subject"] = f"Re: {answered['Subject']}" if answered else "Une question"
    if answered:
        thread = [str(answered[name]) for name in ("References", "Message-ID") if answered[name]]
        message["In-Reply-To"], message["References"] = str(answered["Message-ID"]), " ".join(dict.fromkeys(thread))
    return message


def thunderbird(text: str, answered: EmailMessage | None, sender: str, **more: str) -> EmailMessage:
    """Thunderbird: the answer under the quotation or over it, lines that flow, a signature after « -- »."""
    message = _message(answered, sender, "<6b1f1a52-7c5e-4f0e-8a1c-0d0e5a9b7c11@structure.example>", **more)
    message["User-Agent"], message["Content-Language"] = "Mozilla Thunderbird", "fr"
    quoted = "\n".join(f"> {line}".rstrip() for line in QUESTION)
    message.set_content(
        f"{text}\n\nLe 24/11/2026 à 11:05, Assistance SI SIAO a écrit :\n{quoted}\n\n"
        "-- \nAlex Essai\nStructure d’essai\n"
    )
    message.set_param("format", "flowed")
    return message


def thunderbird_below(text: str, answered: EmailMessage | None, sender: str, **more: str) -> EmailMessage:
    """Thunderbird as it comes: the quotation first, the answer under it."""
    message = _message(answered, sender, "<7b1f1a52-7c5e-4f0e-8a1c-0d0e5a9b7c12@structure.example>", **more)
    quoted = "\n".join(f"> {line}".rstrip() for line in QUESTION)
    message.set_content(f"Le 24/11/2026 à 11:05, Assistance SI SIAO a écrit :\n{quoted}\n\n{text}\n")
    return message


def outlook(text: str, answered: EmailMessage | None, sender: str, **more: str) -> EmailMessage:
    """Outlook for Windows: a quotation without marks under four lines, no-break spaces before the colons, and HTML."""
    message = _message(answered, sender, "<PR0P264MB1234ABCD@PR0P264MB1234.FRAP264.PROD.OUTLOOK.COM>", **more)
    message["Thread-Topic"], message["Thread-Index"] = "Demande", "AQHbPm0aXh1="
    message["X-MS-Has-Attach"] = ""
    body = "\n".join(QUESTION)
    head = "De\u00a0: Assistance SI SIAO <assistance@siao.example>\nEnvoyé\u00a0: mardi 24 novembre 2026 11:05\n"
    head += f"À\u00a0: Alex Essai <alex@structure.example>\nObjet\u00a0: {message['Subject']}\n"
    message.set_content(f"{text}\n\nBien cordialement,\nAlex Essai\n\n{'_' * 32}\n{head}\n{body}\n")
    message.add_alternative(
        f"<html><body><div class=WordSection1><p class=MsoNormal>{text}<o:p></o:p></p></div></body></html>",
        subtype="html",
    )  # fmt: skip
    return message


def gmail(text: str, answered: EmailMessage | None, sender: str, **more: str) -> EmailMessage:
    """Gmail: the opening of the quotation broken in two lines, plain text and HTML."""
    message = _message(answered, sender, "<CAKx1=abcDEF+123_456@mail.gmail.com>", **more)
    quoted = "\n".join(f"> {line}".rstrip() for line in QUESTION)
    opening = "Le mar. 24 nov. 2026 à 11:05, Assistance SI SIAO <assistance@siao.example>"
    message.set_content(f"{text}\n\n{opening}\na écrit :\n\n{quoted}\n")
    attribution = f'<div dir="ltr" class="gmail_attr">{opening} a écrit :<br></div>'
    html = f'<div dir="ltr">{text}</div><br><div class="gmail_quote">{attribution}'
    message.add_alternative(f"{html}<blockquote>{'<br>'.join(QUESTION)}</blockquote></div>", subtype="html")
    return message


def iphone(text: str, answered: EmailMessage | None, sender: str, **more: str) -> EmailMessage:
    """The mail program of an iPhone: its own signature between the answer and the quotation."""
    message = _message(answered, sender, "<0F7C1B1E-9D2A-4C55-8C3D-0A5D6B7E8F90@structure.example>", **more)
    message["X-Mailer"], message["Mime-Version"] = "iPhone Mail (22B83)", "1.0 (1.0)"
    quoted = "\n".join(f"> {line}".rstrip() for line in QUESTION)
    opening = "Le 24 nov. 2026 à 11:05, Assistance SI SIAO <assistance@siao.example> a écrit :"
    message.set_content(f"{text}\n\nEnvoyé de mon iPhone\n\n> {opening}\n> \n{quoted}\n")
    return message


def html_only(text: str, answered: EmailMessage | None, sender: str, **more: str) -> EmailMessage:
    """A webmail that writes HTML alone."""
    message = _message(answered, sender, "<webmail.1732443600.42@structure.example>", **more)
    body = f"<p>{text}</p><p>Le 24/11/2026 à 11:05, Assistance SI SIAO a écrit :</p>"
    message.set_content(
        f"<html><body>{body}<blockquote><p>{'</p><p>'.join(QUESTION)}</p></blockquote></body></html>", subtype="html"
    )
    return message


CLIENTS = (thunderbird, thunderbird_below, outlook, gmail, iphone, html_only)
