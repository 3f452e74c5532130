"""Which files are kept where (AUDIO_STORE): in a folder of this machine, or in the database that all of them reach."""

from __future__ import annotations

from pathlib import Path

from records.database import Engine
from records.files.folder import folder_store
from records.files.store import DatabaseStore, FileStore
from service.clock import now
from service.settings import Settings
from voicemail.sounds import SoundStore

MESSAGES, SOUNDS, ATTACHMENTS = "voicemail", "audio", "pieces"


def messages_store(settings: Settings, engine: Engine) -> FileStore:
    """Where the messages are that callers left."""
    return _store(settings, engine, MESSAGES, settings.voicemail_dir)


def attachments_in_database(settings: Settings, engine: Engine) -> DatabaseStore | None:
    """Where the files are that came with requests; None: in their folder."""
    return DatabaseStore(engine, ATTACHMENTS, now) if settings.audio_store == "database" else None


def sound_store(settings: Settings, engine: Engine) -> SoundStore:
    """The recordings that callers hear: always in the folder, where no call waits for them, and in the database too."""
    shared = DatabaseStore(engine, SOUNDS, now) if settings.audio_store == "database" else None
    return SoundStore(settings.sounds_dir, shared)


def bring_into_database(settings: Settings, engine: Engine) -> int:
    """Move what a folder of this machine still keeps, from before AUDIO_STORE was « database »; returns how many."""
    if settings.audio_store != "database":
        return 0
    moved = 0
    for area, folder in ((MESSAGES, settings.voicemail_dir), (ATTACHMENTS, settings.attachments_dir)):
        here, there = folder_store(folder), DatabaseStore(engine, area, now)
        for name, at in here.list().items():
            content = here.get(name)
            if content is not None:
                there.put_at(name, content, at)
                here.delete(name)
                moved += 1
    return moved


def _store(settings: Settings, engine: Engine, area: str, folder: Path) -> FileStore:
    return DatabaseStore(engine, area, now) if settings.audio_store == "database" else folder_store(folder)
