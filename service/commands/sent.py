"""What `svi` says of the mails that it has sent."""

from __future__ import annotations

import click

from records.counting.words import counted
from records.sending import Sent
from service.commands.french import CommandRefused


def tell_sent(sent: Sent) -> None:
    """Say how many mails left; CommandRefused names the addresses to which one did not."""
    click.echo(counted(sent.mails, "courriel envoyé.", "courriels envoyés."))
    sentences = []
    if sent.failed:
        sentences.append(f"Pas partis, à renvoyer : {', '.join(sent.failed)}.")
    if sent.refused:
        sentences.append(f"Refusés, l’adresse est à corriger : {', '.join(sent.refused)}.")
    if sentences:
        raise CommandRefused("\n".join(sentences))
