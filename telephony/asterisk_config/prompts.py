"""Spoken prompts: texts in the repository, sound made at set-up by a speech engine, each replaceable by a recording.

A file `NAME.wav` in the recordings folder (8 kHz, 16 bit, mono) wins over the engine. Music on hold is synthesised
here too: soft chords, so that no licence is needed.
"""

from __future__ import annotations

import array
import json
import math
import shutil
import subprocess
import tempfile
import wave
from pathlib import Path

TEXTS = Path(__file__).parent / "prompts.json"
RATE = 8000
VOICE = "cmn-latn-pinyin"  # Debian's 1.51 spells hanzi in English with the voice `cmn`


class NoSpeechEngine(RuntimeError):
    """espeak-ng or sox is missing; the text says what to install."""


def texts() -> dict[str, str]:
    loaded: dict[str, str] = json.loads(TEXTS.read_text(encoding="utf-8"))
    return loaded


def speak(text: str, path: Path) -> None:
    for tool in ("espeak-ng", "sox"):
        if shutil.which(tool) is None:
            raise NoSpeechEngine(f"{tool} is not installed; install espeak-ng and sox, or give recorded prompts")
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.wav"
        subprocess.run(["espeak-ng", "-v", VOICE, "-s", "190", "-w", str(raw), text], check=True, capture_output=True)
        command = ["sox", str(raw), "-r", str(RATE), "-c", "1", "-b", "16", str(path), "norm", "-3"]
        subprocess.run(command, check=True, capture_output=True)


def music(path: Path, seconds: int = 24) -> None:
    """A slow arpeggio over four chords, written once as 8 kHz mono."""
    chords = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))
    samples = array.array("h")
    for index in range(seconds * RATE):
        second = index / RATE
        chord = chords[int(second / 3) % len(chords)]
        note = chord[int(second * 2) % 3]
        phase = second * 2 % 1
        swell = math.sin(math.pi * phase) ** 2
        tone = math.sin(2 * math.pi * note * second) + 0.3 * math.sin(4 * math.pi * note * second)
        samples.append(int(5000 * swell * tone))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())


def make(folder: Path, recordings: Path | None = None) -> list[str]:
    """Fills `folder` with what is missing there; returns the names made. Existing files are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for inner in ("moh", "digits"):
        (folder / inner).mkdir(exist_ok=True)
    made = []
    for name, text in texts().items():
        target = folder / f"{name}.wav"
        recorded = recordings / f"{name}.wav" if recordings else None
        if recorded and recorded.exists():
            shutil.copyfile(recorded, target)
            made.append(name)
        elif not target.exists():
            speak(text, target)
            made.append(name)
    if not any((folder / "moh").iterdir()):
        music(folder / "moh" / "waiting.wav")
        made.append("moh/waiting")
    return made
