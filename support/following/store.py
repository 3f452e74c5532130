"""Private links as lines of their table: what is kept of each, which one opens a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from records.database import insert_unless_there
from records.schema.written_tables import request_links


@dataclass(frozen=True, slots=True)
class KeptLink:
    """What is kept of a link: its token's digest, the request that it opens, until when; moments are UTC."""

    digest: str
    request_id: int
    generation: int
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    def opens(self, at: datetime) -> bool:
        """Whether it opens its request at this moment."""
        return self.revoked_at is None and at < self.expires_at


def newest_link(connection: Connection, request_id: int) -> KeptLink | None:
    """The last link that was made for a request."""
    table = request_links
    query = select(table).where(table.c.request_id == request_id).order_by(table.c.generation.desc()).limit(1)
    row = connection.execute(query).first()
    if row is None:
        return None
    return KeptLink(row.token_digest, row.request_id, row.generation, row.made_at, row.expires_at, row.revoked_at)


def add_link(connection: Connection, link: KeptLink) -> None:
    """Keep a new link; the same one made by two workers at once is one."""
    values = {
        "token_digest": link.digest, "request_id": link.request_id, "generation": link.generation,
        "made_at": link.made_at, "expires_at": link.expires_at,
    }  # fmt: skip
    insert_unless_there(connection, request_links, values)


def renew_link(connection: Connection, link: KeptLink, until: datetime) -> None:
    """Let a link open until then; never less long than it does."""
    this = request_links.c.token_digest == link.digest
    longer = update(request_links).where(this, request_links.c.expires_at < until)
    connection.execute(longer.values(expires_at=until))


def opened_request(connection: Connection, digest: str, at: datetime) -> int | None:
    """The number of the request that the link of this digest opens; None for every reason why it opens none."""
    table = request_links.c
    opens = (table.token_digest == digest, table.revoked_at.is_(None), table.expires_at > at)
    number: int | None = connection.execute(select(table.request_id).where(*opens)).scalar()
    return number


def revoke_links(connection: Connection, request_id: int, at: datetime) -> None:
    """End every link of a request."""
    table = request_links
    standing = (table.c.request_id == request_id, table.c.revoked_at.is_(None))
    connection.execute(update(table).where(*standing).values(revoked_at=at))


def request_of_digest(connection: Connection, digest: str) -> int | None:
    """The number of the request for which a link was made, whether it still opens or not."""
    query = select(request_links.c.request_id).where(request_links.c.token_digest == digest)
    number: int | None = connection.execute(query).scalar()
    return number
