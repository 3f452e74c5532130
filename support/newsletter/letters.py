"""The mails of the newsletter: an issue as text and simple HTML, and the letter by which an address is proved."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from records.mail import SIGNATURE, Mail
from support.newsletter.news import NewsItem, NewsletterIssue

_STYLE = (
    "body{margin:0 auto;max-width:40rem;padding:1rem;font-family:Arial,sans-serif;font-size:16px;line-height:1.5;"
    "color:#161616;background:#ffffff}h1{font-size:1.5rem}h2{font-size:1.25rem;margin-top:2rem}"
    "h3{font-size:1rem;margin-bottom:0}p{margin:.25rem 0}a{color:#000091}.fin{margin-top:2rem;font-size:14px}"
)


def whole_address(site: str, address: str) -> str:
    """The address of an item's page as a mail names it; "" for what is no page."""
    if address.startswith("/") and not address.startswith("//"):
        return f"{site}{address}"
    return address if address.startswith(("https://", "http://")) else ""


def online(site: str, issue: NewsletterIssue) -> str:
    """Where an issue is read without a mailbox."""
    return f"{site}/lettre/{issue.id}"


def issue_text(issue: NewsletterIssue, site: str, leave: str = "") -> str:
    """The issue as plain text; `leave`: the reader's own address to leave at, none where everybody reads the same."""
    lines = ["Bonjour,", ""]
    if issue.introduction:
        lines += [issue.introduction, ""]
    for section in issue.sections():
        lines += [section.heading.upper(), ""]
        for item in section.items:
            lines += [f"• {item.title}", *_indented(item.text)]
            if address := whole_address(site, item.address):
                lines.append(f"  {address}")
            lines.append("")
    text = "\n".join(lines).rstrip() + SIGNATURE
    text += f"\nLire cette lettre en ligne : {online(site, issue)}\n"
    if leave:
        text += f"Vous la recevez parce que vous l’avez demandée. Ne plus la recevoir : {leave}\n"
    return text


def _indented(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield f"  {line}"


def issue_body(issue: NewsletterIssue, site: str) -> str:
    """What the issue tells, as a piece of HTML without its heading: every text escaped."""
    parts = _paragraphs(issue.introduction)
    for section in issue.sections():
        parts.append(f"<h2>{escape(section.heading)}</h2>")
        parts += [_item_html(item, site) for item in section.items]
    return "\n".join(parts)


def issue_html(issue: NewsletterIssue, site: str, leave: str = "") -> str:
    """The same words as a page of its own: every text escaped, no picture, no script, no link that counts readers."""
    parts = [f"<h1>{escape(issue.subject)}</h1>", "<p>Bonjour,</p>", issue_body(issue, site)]
    parts += _paragraphs(SIGNATURE)
    parts.append(f'<p class="fin"><a href="{escape(online(site, issue))}">Lire cette lettre en ligne</a></p>')
    if leave:
        parts.append(
            "<p>Vous la recevez parce que vous l’avez demandée. "
            f'<a href="{escape(leave)}">Ne plus recevoir cette lettre</a></p>'
        )
    return (
        f'<!doctype html>\n<html lang="fr"><head><meta charset="utf-8"><title>{escape(issue.subject)}</title>'
        f"<style>{_STYLE}</style></head>\n<body>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def _item_html(item: NewsItem, site: str) -> str:
    address, title = whole_address(site, item.address), escape(item.title)
    heading = f'<a href="{escape(address)}">{title}</a>' if address else title
    return "\n".join([f"<h3>{heading}</h3>", *_paragraphs(item.text)])


def _paragraphs(text: str) -> list[str]:
    return [f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip()]


def issue_mail(issue: NewsletterIssue, to: str, site: str, leave: str) -> Mail:
    """The issue for one reader, with both ways to leave."""
    return Mail(
        to, issue.subject, issue_text(issue, site, leave), html=issue_html(issue, site, leave), leave=leave
    )  # fmt: skip


def confirming_mail(to: str, link: str) -> Mail:
    """The letter that asks whoever reads this address whether he wants the newsletter; nobody's words are in it."""
    text = (
        "Bonjour,\n\n"
        "Cette adresse a été donnée pour recevoir la lettre de l’assistance du SI SIAO, environ une fois par mois.\n\n"
        f"Pour la recevoir, ouvrez cette page et confirmez (dans les deux jours) :\n{link}\n\n"
        "Si vous n’avez rien demandé, ne faites rien : vous ne recevrez rien."
    )
    return Mail(to, "Confirmez votre abonnement à la lettre de l’assistance SI SIAO", text + SIGNATURE)
