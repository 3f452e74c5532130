"""What is known of the articles' addresses, as columns of their table."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, update

from records.schema.knowledge_tables import articles
from support.knowledge.links.judging import Link, LinkState


def links_of_articles(connection: Connection) -> list[Link]:
    """The addresses of the articles that stand, those asked longest ago first."""
    table = articles.c
    query = select(articles).where(table.retired_at.is_(None))
    rows = connection.execute(query.order_by(table.link_checked_at.is_not(None), table.link_checked_at, table.id))
    return [
        Link(row.id, row.address, LinkState(row.link_state), row.link_checked_at, row.link_failures, row.link_error)
        for row in rows
    ]


def write_link(connection: Connection, link: Link) -> bool:
    """Keep what is known now; False when the article has another address meanwhile. The article is not changed."""
    this = (articles.c.id == link.article_id, articles.c.address == link.address)
    values = {
        "link_state": str(link.state), "link_checked_at": link.checked_at, "link_failures": link.failures,
        "link_error": link.error,
    }  # fmt: skip
    return bool(connection.execute(update(articles).where(*this).values(values)).rowcount)


def count_dead(connection: Connection) -> int:
    """How many articles that stand have a dead link."""
    is_dead = (articles.c.link_state == str(LinkState.DEAD), articles.c.retired_at.is_(None))
    return int(connection.execute(select(func.count()).where(*is_dead)).scalar_one())
