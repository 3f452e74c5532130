"""The recordings that the operator plays to callers, at addresses that cannot be guessed (decision 27).

The operator fetches them without a signature and may keep them: the name is the content's own hash.
"""

from __future__ import annotations

import io
import logging
import re
from array import array

from flask import Blueprint, Response, send_file

from voicemail.sounds import SoundStore
from voicemail.wav import TELEPHONE_RATE, write_wav

FOREVER = 365 * 24 * 3600
"""Seconds: a name never means another content."""

log = logging.getLogger(__name__)

_TYPES = {".wav": "audio/wav", ".mp3": "audio/mpeg"}
_INSTANT = write_wav(array("h", [0] * (TELEPHONE_RATE // 5)))


def sounds_blueprint(store: SoundStore) -> Blueprint:
    """The address of each kept recording, ranges included."""
    sounds = Blueprint("sounds", __name__, url_prefix="/voice/sound")

    @sounds.get("/<string(length=68):name>")
    def play(name: str) -> Response:
        path = store.find(name)
        if path is None:
            return _gone(name)
        content = io.BytesIO(path.read_bytes())  # at most a minute of telephone sound: a megabyte
        response = send_file(content, mimetype=_TYPES[path.suffix], conditional=True, etag=path.stem, max_age=FOREVER)
        response.cache_control.public = True
        response.cache_control.immutable = True
        return response

    return sounds


def _gone(name: str) -> Response:
    """A recording that is not here: an instant of silence, because an error would cut the menu that follows it."""
    log.error("Un enregistrement demandé n’est pas dans le dossier : %s", re.sub("[^0-9a-z]", "?", name[:12]))
    return Response(_INSTANT, mimetype="audio/wav", headers={"Cache-Control": "no-store"})
