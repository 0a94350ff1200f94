"""A whole telephone hotline for tests: real Asterisk, the bridge, the web server, agents in Chromium, SIPp outside.

Everything listens on loopback, on ports of its own; only processes started here are ended here.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.telephony import sipp

TOP = Path(__file__).resolve().parents[2]
PASSWORD = "hotline12345"
CHROMIUM = "/usr/bin/chromium"
BROWSER = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]


PATIENCE = 5  # a busy machine is slow, not wrong: limits only end what would never come


def until(condition: Callable[[], Any], seconds: float = 15, what: str = "") -> Any:
    """The first true value of `condition`; fails naming `what` when none comes. `seconds`: on an idle machine."""
    end = time.monotonic() + seconds * PATIENCE
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {what or condition}")


def missing() -> str:
    """Why no real phone system can run here; empty when one can."""
    if os.geteuid() != 0:
        return "needs root for the phone system and for SIPp's media"
    for tool in ("sipp", "espeak-ng", "sox", CHROMIUM):
        if shutil.which(tool) is None:
            return f"needs {tool}"
    return ""


def sip_python() -> str:
    """The Python of the SIP account's own environment, empty when there is none: `scripts/test --sip` names it."""
    named = os.environ.get("HOTLINE_TEST_SIP_PYTHON", "")
    own = TOP / ".venv-sip" / "bin" / "python"
    return named or (str(own) if own.exists() else "")


def phone(port: int) -> str:
    """Where an Asterisk of this machine has its WebSocket."""
    return f"ws://127.0.0.1:{port}/ws"


@dataclass
class House:
    """One running hotline. `data` is its data folder; `base` its web address."""

    data: Path
    port: int = 8460 + 20 * sipp.SLOT
    sip: int = 5160 + 20 * sipp.SLOT
    ami: int = 5138 + 20 * sipp.SLOT
    ws: int = 8188 + 20 * sipp.SLOT
    rtp: int = 23000 + 1000 * sipp.SLOT
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def remote(self) -> str:
        return f"127.0.0.1:{self.sip}"

    @property
    def environment(self) -> dict[str, str]:
        root = os.environ.get("HOTLINE_ASTERISK_ROOT", str(TOP / "var" / "asterisk" / "root"))
        own = {
            "HOTLINE_DATA": str(self.data), "HOTLINE_ASTERISK_ROOT": root, "HOTLINE_PORT": str(self.port),
            "HOTLINE_SIP_PORT": str(self.sip), "HOTLINE_AMI_PORT": str(self.ami), "HOTLINE_PHONE_PORT": str(self.ws),
            "HOTLINE_RTP_START": str(self.rtp), "HOTLINE_RTP_END": str(self.rtp + 499), "HOTLINE_DEMO": "false",
            "HOTLINE_PYTHON": sys.executable, "PYTHONUNBUFFERED": "1",
            "HOTLINE_PHONE_GATEWAY": "asterisk", "HOTLINE_PHONE_URL": f"{phone(self.ws)},second={phone(self.ws + 2)}",
        }  # fmt: skip
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HOTLINE_", "DJANGO_"))}
        return {**kept, **own, **self.extra}

    # --- processes ---------------------------------------------------------------------------------------------------
    def manage(self, *arguments: str, python: str = sys.executable) -> str:
        done = subprocess.run(
            [python, "manage.py", *arguments], cwd=TOP, env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def asterisk(self, *arguments: str) -> str:
        done = subprocess.run(
            [str(TOP / "scripts" / "asterisk"), *arguments],
            cwd=TOP,
            env=self.environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def spawn(self, name: str, *argv: str, python: str = sys.executable) -> subprocess.Popen[bytes]:
        log = (self.data / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [python, *argv], cwd=TOP, env=self.environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        return self.processes[name]

    def start_bridge(self, *options: str) -> None:
        self.spawn("bridge", "manage.py", "bridge", *options)

    def start_web(self) -> None:
        self.spawn(
            "web", "-m", "granian", "--interface", "asginl", "--host", "127.0.0.1", "--port", str(self.port),
            "--workers", "1", "--workers-kill-timeout", "8", "--no-access-log", "--static-path-route", "/static",
            "--static-path-mount", str(self.data / "static"), "hotline.asgi:application",
        )  # fmt: skip

    def end(self, name: str, *, kill: bool = False) -> None:
        process = self.processes.pop(name, None)
        if process is not None and process.poll() is None:
            process.kill() if kill else process.terminate()
            process.wait(60)

    @property
    def asterisk_home(self) -> Path:
        found = dict(line.split("=", 1) for line in self.asterisk("paths").splitlines())
        return Path(found["home"])

    @property
    def asterisk_pid(self) -> int:
        return int((self.data / "asterisk" / "pid").read_text())

    def cue(self, *channels: str) -> None:
        """Lets the SIPp behind each channel go on from its `sipp.CUE`."""
        self.asterisk("cli", "pjsip send notify cue channel " + " ".join(channels))

    # --- looking from outside ----------------------------------------------------------------------------------------
    def rows(self, sql: str, *values: object) -> list[dict[str, Any]]:
        database = sqlite3.connect(f"file:{self.data / 'hotline.sqlite3'}?mode=ro", uri=True, timeout=10)
        database.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in database.execute(sql, values)]
        finally:
            database.close()

    def calls(self) -> list[dict[str, Any]]:
        return self.rows("SELECT * FROM telephony_call ORDER BY id")

    def seat(self, extension: str) -> dict[str, Any]:
        found = self.rows("SELECT * FROM telephony_seatstate WHERE extension = ?", extension)
        return found[0] if found else {"mode": "none"}

    def channels(self) -> list[str]:
        lines = self.asterisk("cli", "core show channels concise").splitlines()
        return [line.split("!")[0] for line in lines if "!" in line]

    def queue_log(self) -> list[list[str]]:
        text = (self.asterisk_home / "log" / "queue_log").read_text()
        return [line.split("|") for line in text.splitlines()]


@contextmanager
def house(data: Path, trial: int = 12, extra: dict[str, str] | None = None) -> Iterator[House]:
    """Everything up: directory loaded, Asterisk booted, bridge connected, pages served."""
    lock = (Path(tempfile.gettempdir()) / f"hotline-phones-{sipp.SLOT}.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)  # loopback addresses and ports are one set per slot
    home = House(data, extra=extra or {})
    for port in (home.ami, home.ws, home.port):
        assert free(port), f"port {port} is taken: what an earlier, killed run left behind must be ended first"
    home.manage("migrate", "-v", "0")
    home.manage("load_city", "--password", PASSWORD)
    home.manage("collectstatic", "--noinput", "-v", "0")
    try:
        home.asterisk("start", "--trial", str(trial), "--trial-net", sipp.NET)
        (home.asterisk_home / "etc" / "pjsip_notify.conf").write_text("[cue]\nEvent=cue\n")
        for verb in ("unload", "load"):  # without a file at boot it was not started
            home.asterisk("cli", f"module {verb} res_pjsip_notify.so")
        home.start_bridge()
        home.start_web()
        until(lambda: answers(home), 120, "the web server answers")
        yield home
    finally:
        for name in list(home.processes):
            home.end(name)
        place = home.asterisk_home
        home.asterisk("stop")
        shutil.rmtree(place, ignore_errors=True)
        lock.close()


def free(port: int) -> bool:
    """Nobody listens there."""
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) != 0


def answers(home: House) -> bool:
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(f"{home.base}/livez", timeout=2) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


HERTZ = 1000


def caller(home: House, folder: Path, *tail: str, number: str = "13800001111") -> sipp.Sipp:
    """A citizen whose voice is a tone; hangs up when hung up unless `tail` says otherwise."""
    folder.mkdir(parents=True, exist_ok=True)
    tone = sipp.tone_pcap(folder / "tone.pcap", HERTZ, 300)
    steps = [*sipp.CALL, sipp.play(tone), *(tail or sipp.HUNG_UP)]
    return sipp.Sipp(steps, folder, sipp.CALLER, remote=home.remote, caller=number)


#: a microphone that is one pure tone
VOICE = """navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext(), tone = context.createOscillator(), out = context.createMediaStreamDestination();
  tone.frequency.value = HERTZ; tone.start();
  const gain = context.createGain(); gain.gain.value = 0.3; tone.connect(gain); gain.connect(out);
  return out.stream;
};"""
#: how far a frequency stands out of what the page's loudspeaker plays, in decibels
HEARD = """async (hertz) => {
  const context = new AudioContext(), analyser = context.createAnalyser();
  analyser.fftSize = 8192; analyser.smoothingTimeConstant = 0;
  context.createMediaStreamSource(document.getElementById("voice").srcObject).connect(analyser);
  await new Promise((done) => setTimeout(done, 700));
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  const rate = context.sampleRate;
  await context.close();
  const at = (wanted) => Math.round((wanted * analyser.fftSize) / rate);
  const peak = Math.max(...bins.slice(at(hertz) - 2, at(hertz) + 3));
  const band = [...bins.slice(at(300), at(3000))].sort((a, b) => a - b);
  // a pure tone coded as A-law leaves lines of its own some 85 dB below it that stand out of silence: nobody speaks
  if (!Number.isFinite(peak) || peak < band[band.length - 1] - 50) return 0;
  return peak - Math.max(band[Math.floor(band.length / 2)], -140);
}"""


class Agent:
    """One agent at the console, driven as a person would."""

    def __init__(self, home: House, browser: Any, user: str, seat: str, voice: int = 0) -> None:
        """`voice`: speaks one pure tone of so many hertz instead of the browser's own beeps."""
        self.home, self.seat = home, seat
        self.context = browser.new_context(ignore_https_errors=home.base.startswith("https:"))
        if voice:
            self.context.add_init_script(VOICE.replace("HERTZ", str(voice)))
        self.page = self.context.new_page()
        self.page.set_default_timeout(30_000 * PATIENCE)
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(f"{home.base}/login/?next=/console/")
        self.page.fill("[name=username]", user)
        self.page.fill("[name=password]", PASSWORD)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url("**/console/**")

    def log_in(self) -> Agent:
        self.page.select_option("#seat", self.seat)
        self.page.click("#login button")
        self.phone("idle")
        until(lambda: self.home.seat(self.seat)["reachable"], 10, "the bridge sees the phone")
        return self

    def ready(self) -> Agent:
        self.page.click("#ready")
        self.mode("ready")
        return self

    def mode(self, wanted: str, seconds: float = 20) -> None:
        self.page.wait_for_selector(f'#mode[data-mode="{wanted}"]', timeout=seconds * 1000 * PATIENCE)

    def phone(self, wanted: str, seconds: float = 20) -> None:
        self.page.wait_for_selector(f'#phone[data-state="{wanted}"]', timeout=seconds * 1000 * PATIENCE)

    def answer(self, seconds: float = 40) -> None:
        self.page.wait_for_selector("#answer:visible", timeout=seconds * 1000 * PATIENCE)
        self.page.click("#answer")
        self.mode("talking")
        self.phone("talking")

    def stats(self) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate("consolePhone.stats()")
        return found

    def hears(self, hertz: int) -> bool:
        """A tone of this frequency is in what the agent hears now."""
        return float(self.page.evaluate(HEARD, hertz)) > 25

    def close(self) -> None:
        self.context.close()
