"""Recordings made for the tests: a tone, in any WAV form."""

from __future__ import annotations

import io
import math
import wave


def tone(
    seconds: float = 2.0,
    *,
    rate: int = 8_000,
    channels: int = 1,
    width: int = 2,
    loud: float = 0.5,
    pitch: float = 440.0,
) -> bytes:
    """A WAV file with a tone of `pitch` hertz; `loud` is 0 to 1."""
    count = int(seconds * rate)
    waves = (loud * math.sin(2 * math.pi * pitch * place / rate) for place in range(count))
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(b"".join(_sample(value, width) * channels for value in waves))
    return content.getvalue()


def _sample(value: float, width: int) -> bytes:
    if width == 1:
        return bytes([128 + int(value * 127)])
    return int(value * (2 ** (8 * width - 1) - 1)).to_bytes(width, "little", signed=True)
