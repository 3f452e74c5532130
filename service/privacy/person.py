"""The right of access: all that is known of a number, from every table and folder, and as French text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from records.counting.words import counted
from records.database import Engine, reading, writing
from records.desks.audit import note
from records.privacy.erased import erased_moments
from records.privacy.person import known_of
from routing.phones import mask_phone
from service.privacy.retention import line_of
from service.settings import Settings
from service.stores import messages_store
from service.wiring.memory import caller_memory

WHAT = "droit d’accès : numéro consulté"


def all_that_is_known(settings: Settings, engine: Engine, number: str, *, by: str, at: datetime) -> dict[str, Any]:
    """Everything, by kind, ready for JSON; that it was asked for is in the trail."""
    memory = caller_memory(settings)
    fingerprint = memory.fingerprint(number)
    with reading(engine) as connection:
        found = known_of(connection, number, fingerprint)
        erased_at = erased_moments(connection, [fingerprint]).get(fingerprint)
    recalled = memory.recall(number, at)
    audio = [task["audio_file"] for task in found["tasks"] if task["audio_file"]]
    messages = messages_store(settings, engine)
    kept = {name: messages.get(name) is not None for name in audio}
    with writing(engine) as connection:
        note(connection, by=by, what=WHAT, reference=f"{mask_phone(number)} (empreinte {fingerprint[:12]})", at=at)
    return {
        "number": number,
        "erased_at": erased_at,
        **found,
        "memory": {"departement": recalled.departement, "is_redialling": recalled.is_redialling},
        "recordings": [{"file": name, "is_here": is_here} for name, is_here in kept.items()],
    }


def in_french(known: dict[str, Any]) -> Iterator[str]:
    """The same as sentences that one can send to the person."""
    yield f"Ce que l’assistance sait du numéro {known['number']} :"
    if known["erased_at"]:
        yield f"- il a été effacé le {known['erased_at']:%d/%m/%Y} ; ce qui suit est venu depuis."
    yield f"- {counted(len(known['calls']), 'appel', 'appels')} :" if known["calls"] else "- aucun appel."
    for call in known["calls"]:
        place = f"{call['departement'] or 'sans département'}, issue « {call['outcome']} » ({call['call_id']})"
        yield f"  - le {call['started_at']:%d/%m/%Y à %H:%M} UTC, {place}"
        if call["callback_number"]:
            yield f"    numéro à rappeler : {call['callback_number']}"
    for said in known["qualifications"]:
        comment = f" ; commentaire : « {said['comment']} »" if said["comment"] else ""
        yield f"  - motif de {said['call_id']} : {said['thematique']} / {said['motif']} / {said['sous_motif']}{comment}"
    for fact in known["facts"]:
        yield f"  - déroulement de {fact['call']} : {fact['kind']} {fact['data']}"
    for task in known["tasks"]:
        state = "traité" if task["handled_at"] else "en attente"
        yield f"- un {'message' if task['kind'] == 'message' else 'rappel'} ({task['call_id']}), {state}."
    for text in known["texts"]:
        yield f"- écrit dans « {_where(text)} » : « {text['text']} »"
    for mail in known["mails"]:
        yield f"- un courriel à son sujet ({mail['kind']}) à {mail['recipient']}, le {mail['created_at']:%d/%m/%Y}."
    for line in known["audit"]:
        yield f"- journal des accès : {line['what']}, par {line['by']}, le {line['at']:%d/%m/%Y à %H:%M} UTC."
    memory = known["memory"]
    if memory["departement"] or memory["is_redialling"]:
        yield f"- mémoire des appelants : département {memory['departement'] or 'inconnu'}."
    for one in known["recordings"]:
        yield f"- un message enregistré ({one['file']}){'' if one['is_here'] else ', sur une autre machine'}."
    yield "Les conversations ne sont pas enregistrées."


def _where(text: dict[str, Any]) -> str:
    return f"{line_of(text['line']).data} ({text['table']}.{text['column']})"
