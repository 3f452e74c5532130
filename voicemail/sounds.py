"""The recordings that callers hear: an uploaded file is checked, made fit for the telephone, and kept by its content.

The name is the SHA-256 of the content, so that an address can be neither guessed nor change its meaning (decision 27).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from array import array
from hashlib import sha256
from pathlib import Path

from records.files.store import FileStore
from voicemail.wav import TELEPHONE_RATE, Pcm, SoundRefused, for_the_telephone, is_silent, read_wav, write_wav

LARGEST = 5_000_000
"""Bytes of an uploaded file."""

LONGEST = 60
SHORTEST = 1
PATIENCE = 20
"""Seconds that ffmpeg has for one file."""

_NAME = re.compile(r"[0-9a-f]{64}\.(?:wav|mp3)")


class SoundStore:
    """The folder of the recordings that callers hear; `shared` is where other machines find them too (decision 91)."""

    def __init__(self, folder: Path, shared: FileStore | None = None) -> None:
        self.folder = folder
        self._shared = shared

    def take(self, content: bytes) -> str:
        """Keep an uploaded WAV or MP3 and return its name; SoundRefused says in French what is wrong with it."""
        wav = telephone_wav(content)
        stem = sha256(wav).hexdigest()
        kept = {f"{stem}.wav": wav, f"{stem}.mp3": _as_mp3(wav)}
        for name, sound in kept.items():
            if sound:
                self._write(name, sound)
                if self._shared:
                    self._shared.put(name, sound)
        return f"{stem}.wav"

    def find(self, name: str) -> Path | None:
        """Where the recording of this name is, None when it is not one of ours."""
        path = self.folder / name
        return path if _NAME.fullmatch(name) and path.is_file() and not path.is_symlink() else None

    def share(self) -> int:
        """Bring here what other machines took, give them what they lack; returns how many came. Raises OSError.

        A call asks the folder alone: it waits for no database.
        """
        if self._shared is None:
            return 0
        there = {name for name in self._shared.list() if _NAME.fullmatch(name)}
        here = {path.name for path in self.folder.glob("*") if _NAME.fullmatch(path.name)}
        for name in here - there:
            self._shared.put(name, (self.folder / name).read_bytes())
        came = 0
        for name in there - here:
            content = self._shared.get(name)
            if content is not None:
                self._write(name, content)
                came += 1
        return came

    def _write(self, name: str, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        fresh = self.folder / f".{name}.{os.getpid()}"
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.folder / name)


def telephone_wav(content: bytes) -> bytes:
    """An uploaded recording as a WAV that telephones play; SoundRefused when it is none, too long or silent."""
    if len(content) > LARGEST:
        raise SoundRefused(f"le fichier est trop gros : {LARGEST // 1_000_000} Mo au plus")
    samples = _samples(content)
    seconds = len(samples) / TELEPHONE_RATE
    if seconds > LONGEST:
        raise SoundRefused(f"l’enregistrement est trop long : {LONGEST} secondes au plus")
    if seconds < SHORTEST:
        raise SoundRefused("l’enregistrement est trop court : une seconde au moins")
    if is_silent(samples):
        raise SoundRefused("l’enregistrement est silencieux : rien ne s’entend")
    return write_wav(samples)


def _samples(content: bytes) -> array[int]:
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return _wav_samples(content)
    if content[:3] == b"ID3" or (content[:1] == b"\xff" and content[1:2] >= b"\xe0"):
        return _decoded(content, "mp3")
    raise SoundRefused("seuls les fichiers WAV et MP3 sont acceptés")


def _wav_samples(content: bytes) -> array[int]:
    try:
        sound = read_wav(content)
    except SoundRefused:
        if ffmpeg() is None:
            raise
        return _decoded(content, "wav")  # compressed or extended WAV
    if sound.seconds > LONGEST + 1:
        raise SoundRefused(f"l’enregistrement est trop long : {LONGEST} secondes au plus")
    return for_the_telephone(sound)


def ffmpeg() -> str | None:
    """The converter of this machine, None when it is not installed."""
    return shutil.which("ffmpeg")


def _decoded(content: bytes, form: str) -> array[int]:
    """The samples that ffmpeg finds. The form is imposed: a playlist in disguise could make it fetch addresses."""
    program = ffmpeg()
    if program is None:
        raise SoundRefused("les MP3 ne peuvent pas être lus sur cette machine (ffmpeg manque) : envoyez un WAV")
    what = ["-f", form, "-i", "pipe:0", "-t", str(LONGEST + 1), "-map", "0:a:0", "-ac", "1", "-ar", str(TELEPHONE_RATE)]
    raw = _run(program, [*what, "-f", "s16le", "pipe:1"], content)
    if not raw:
        raise SoundRefused("le fichier ne contient pas de son lisible")
    return for_the_telephone(Pcm(TELEPHONE_RATE, 1, 2, raw[: len(raw) // 2 * 2]))


def _as_mp3(wav: bytes) -> bytes:
    """The recording for browsers; empty where ffmpeg is missing or cannot write MP3."""
    program = ffmpeg()
    what = ["-f", "wav", "-i", "pipe:0", "-b:a", "32k", "-f", "mp3", "pipe:1"]
    return _run(program, what, wav) if program else b""


def _run(program: str, arguments: list[str], content: bytes) -> bytes:
    quiet = ["-nostdin", "-hide_banner", "-loglevel", "error", "-protocol_whitelist", "pipe"]
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments; the content goes in by a pipe
            [program, *quiet, *arguments], input=content, capture_output=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return b""
    return done.stdout if done.returncode == 0 else b""
