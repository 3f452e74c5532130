"""The list in force made ready to be searched, with what callers say, the ready answers, and what is added to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from records.database import Connection
from records.wording import Wording
from support.answers.store import answer_for, every_paragraph
from support.desk import Desk
from support.nomenclature.changing import earlier_names
from support.nomenclature.entries import Nomenclature
from support.nomenclature.searching import MotifIndex, Sought, build_index
from support.nomenclature.store import all_changes, all_words, texts_stamp
from support.nomenclature.words import holding


def motif_index(desk: Desk, connection: Connection) -> MotifIndex:
    """The index to hand to `support.nomenclature.searching.find`, kept for each version of its words."""
    nomenclature = desk.nomenclature(connection)
    made_of = (nomenclature.version, nomenclature.entries, texts_stamp(connection))
    return desk.kept_index.get(made_of, lambda: _sought(connection, nomenclature))


def library_index(desk: Desk, connection: Connection, scope: Collection[str] | None) -> MotifIndex:
    """The index with what these départements (None: all) add to the answers: each reader's own, so it is not kept."""
    return build_index(_sought(connection, desk.nomenclature(connection), every_paragraph(connection, scope)))


def _sought(
    connection: Connection, nomenclature: Nomenclature, added: Mapping[Wording, str] | None = None
) -> Iterator[Sought]:
    changes, written = all_changes(connection), {words.wording: words for words in all_words(connection)}
    for entry in nomenclature.entries:
        answer = answer_for(connection, entry.wording)
        said = f"{answer.aloud} {answer.written}" if answer else ""
        said += f" {(added or {}).get(entry.wording, '')}"
        yield Sought(entry, holding(earlier_names(entry.wording, changes), written).phrases, said)
