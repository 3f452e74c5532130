"""The list in force made ready to be searched, with what callers say and the ready answers: once for each version."""

from __future__ import annotations

from collections.abc import Iterator

from records.database import Connection
from support.answers.store import answer_for
from support.desk import Desk
from support.nomenclature.changing import earlier_names
from support.nomenclature.entries import Nomenclature
from support.nomenclature.searching import MotifIndex, Sought
from support.nomenclature.store import all_changes, all_words, texts_stamp
from support.nomenclature.words import holding


def motif_index(desk: Desk, connection: Connection) -> MotifIndex:
    """The index to hand to `support.nomenclature.searching.find`."""
    nomenclature = desk.nomenclature(connection)
    made_of = (nomenclature.version, nomenclature.entries, texts_stamp(connection))
    return desk.kept_index.get(made_of, lambda: _sought(connection, nomenclature))


def _sought(connection: Connection, nomenclature: Nomenclature) -> Iterator[Sought]:
    changes, written = all_changes(connection), {words.wording: words for words in all_words(connection)}
    for entry in nomenclature.entries:
        answer = answer_for(connection, entry.wording)
        said = f"{answer.aloud} {answer.written}" if answer else ""
        yield Sought(entry, holding(earlier_names(entry.wording, changes), written).phrases, said)
