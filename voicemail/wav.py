"""Recordings as numbers: reading a WAV file that anybody may have made, and writing the one that telephones play."""

from __future__ import annotations

import io
import struct
import sys
import wave
from array import array
from dataclasses import dataclass
from itertools import accumulate, pairwise

TELEPHONE_RATE = 8_000
"""Samples a second on a telephone line; 16 bits, one channel."""

HIGHEST_RATE = 192_000
MOST_CHANNELS = 8
QUIETEST = 300
"""A recording whose loudest sample (of 32,767) stays under this is silence for whoever listens."""


class SoundRefused(ValueError):  # noqa: N818 - named as what happened; its text is the French reason
    """The file is no recording that we can play."""


@dataclass(frozen=True, slots=True)
class Pcm:
    """Plain samples: `width` bytes each (1 unsigned, else signed little-endian), channels interleaved."""

    rate: int
    channels: int
    width: int
    frames: bytes

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.frames) / (self.rate * self.channels * self.width)


def read_wav(content: bytes) -> Pcm:
    """The samples of a WAV file; SoundRefused when it is not one, is cut short, or is no plain PCM."""
    try:
        with wave.open(io.BytesIO(content)) as file:
            params = file.getparams()
            frames = file.readframes(params.nframes)
    except (wave.Error, EOFError, struct.error, ValueError, RuntimeError, MemoryError, ZeroDivisionError) as error:
        raise SoundRefused("ce n’est pas un fichier WAV lisible (PCM attendu)") from error
    if not (1 <= params.nchannels <= MOST_CHANNELS and TELEPHONE_RATE <= params.framerate <= HIGHEST_RATE):
        raise SoundRefused("fréquence ou nombre de canaux inattendu : 8 à 192 kHz, 8 canaux au plus")
    if params.nframes < 1 or len(frames) != params.nframes * params.nchannels * params.sampwidth:
        raise SoundRefused("le fichier WAV est vide ou coupé")
    return Pcm(params.framerate, params.nchannels, params.sampwidth, frames)


def write_wav(samples: array[int]) -> bytes:
    """A WAV file that every telephone operator plays: 8 kHz, one channel, 16 bits."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(TELEPHONE_RATE)
        file.writeframes(_little_endian(samples).tobytes())
    return content.getvalue()


def for_the_telephone(sound: Pcm) -> array[int]:
    """The samples at 8 kHz on one channel, each the mean of those that it stands for."""
    mixed = _mixed(_sixteen_bits(sound), sound.channels)
    return mixed if sound.rate == TELEPHONE_RATE else _slowed(mixed, sound.rate)


def is_silent(samples: array[int]) -> bool:
    """Whether nobody would hear anything."""
    return max(map(abs, samples), default=0) < QUIETEST


def _sixteen_bits(sound: Pcm) -> array[int]:
    if sound.width == 1:
        return array("h", ((value - 128) * 256 for value in sound.frames))
    high = bytearray(2 * (len(sound.frames) // sound.width))
    high[0::2] = sound.frames[sound.width - 2 :: sound.width]
    high[1::2] = sound.frames[sound.width - 1 :: sound.width]
    samples = array("h")
    samples.frombytes(bytes(high))
    return _little_endian(samples)


def _little_endian(samples: array[int]) -> array[int]:
    if sys.byteorder == "big":
        samples = samples[:]
        samples.byteswap()
    return samples


def _mixed(samples: array[int], channels: int) -> array[int]:
    if channels == 1:
        return samples
    apart = [samples[channel::channels] for channel in range(channels)]
    return array("h", (sum(together) // channels for together in zip(*apart, strict=True)))


def _slowed(samples: array[int], rate: int) -> array[int]:
    """Each new sample is the mean of its stretch of the old ones: a plain low-pass, good enough for a voice."""
    sums = [0, *accumulate(samples)]
    count = len(samples) * TELEPHONE_RATE // rate
    edges = [place * rate // TELEPHONE_RATE for place in range(count + 1)]
    return array("h", ((sums[end] - sums[start]) // (end - start) for start, end in pairwise(edges)))
