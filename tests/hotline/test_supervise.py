"""The supervisor starts, restarts with back-off, and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.management import CommandError

from hotline.management.commands import up
from hotline.supervise.child import LONGEST_WAIT_SECONDS, STEADY_SECONDS, Child, Program, wait_after
from hotline.supervise.supervisor import STOP_SIGNALS, Supervisor

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)",
]


class World:
    """A clock that only moves when told, and the lines that were said."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.said: list[str] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        time.sleep(0.01)


def gone(pid: int) -> bool:
    """The process has ended; a zombie that nobody collected counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def eventually(condition: object, tries: int = 600) -> None:
    assert callable(condition)
    for _ in range(tries):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError("did not come true")


def test_the_waits_double_up_to_a_limit() -> None:
    assert [wait_after(failures) for failures in (1, 2, 3, 4)] == [0.5, 1.0, 2.0, 4.0]
    assert wait_after(1000) == LONGEST_WAIT_SECONDS


def test_a_crashed_program_is_started_again_after_its_wait() -> None:
    world = World()
    child = Child(Program("web", SLEEP), world.said.append)
    child.step(world.now)
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    eventually(lambda: child.step(world.now) or child.pid is None)
    assert "signal SIGKILL" in world.said[0]
    child.step(world.now + 0.4)
    assert child.pid is None
    child.step(world.now + 0.6)
    assert child.pid not in (None, first)
    child.kill()


def test_failures_are_forgotten_after_a_steady_run() -> None:
    world = World()
    child = Child(Program("web", [sys.executable, "-c", ""]), world.said.append)
    child.failures = 5
    child.step(world.now)
    eventually(lambda: child.step(world.now + STEADY_SECONDS) or child.pid is None)
    assert child.failures == 1


def test_a_program_that_does_not_exist_is_told_and_tried_again() -> None:
    world = World()
    child = Child(Program("web", ["/nowhere/to/be/found"]), world.said.append)
    child.step(world.now)
    assert "cannot be started" in world.said[0]
    assert child.due_at == world.now + 0.5


def test_what_a_killed_program_started_is_ended_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    code = (
        "import subprocess, sys, time\n"
        "grandchild = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(note)!r}, 'w').write(str(grandchild.pid))\n"
        "time.sleep(600)\n"
    )
    world = World()
    child = Child(Program("web", [sys.executable, "-c", code]), world.said.append)
    child.step(world.now)
    eventually(lambda: note.exists() and note.read_text(encoding="ascii"))
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    eventually(lambda: child.step(world.now) or child.pid is None)
    eventually(lambda: gone(int(note.read_text(encoding="ascii"))))


def test_stopping_ends_all_and_a_stubborn_one_by_force(capfd: pytest.CaptureFixture[str]) -> None:
    world = World()
    programs = [Program("web", SLEEP), Program("bridge", STUBBORN, stop_seconds=3)]
    supervisor = Supervisor(programs, clock=world.clock, sleep=world.sleep)
    supervisor.tick()
    eventually(lambda: "up" in capfd.readouterr().out)
    pids = [child.pid for child in supervisor.children]
    supervisor.request_stop()
    supervisor.stop_all()
    assert all(pid is not None and gone(pid) for pid in pids)
    said = capfd.readouterr().err
    assert "bridge did not stop in 3 s" in said
    assert "web did not stop" not in said


def test_a_second_request_stops_at_once() -> None:
    world = World()
    supervisor = Supervisor([Program("bridge", STUBBORN, stop_seconds=1e9)], clock=world.clock, sleep=world.sleep)
    supervisor.tick()
    pid = supervisor.children[0].pid
    assert pid is not None
    supervisor.request_stop()
    supervisor.request_stop()
    supervisor.stop_all()
    assert gone(pid)


def test_readiness_is_announced_once() -> None:
    world = World()
    answers = iter([False, True, True])
    announced: list[float] = []
    supervisor = Supervisor(
        [], is_ready=lambda: next(answers), when_ready=lambda: announced.append(world.now), clock=world.clock
    )
    for _ in range(3):
        supervisor.tick()
    assert len(announced) == 1


def run_plan(tmp_path: Path, early: signal.Signals | None = None) -> subprocess.Popen[bytes]:
    """A supervisor as `manage.py up` starts it; `early` reaches the process before it has become one."""
    code = f"import os, time; open({str(tmp_path / 'child')!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    lock = up.hold(tmp_path / "lock")

    def hand_over() -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        if early is not None:
            os.kill(os.getpid(), early)

    plan = {
        "programs": [{"name": "one", "argv": [sys.executable, "-c", code]}],
        "lock_fd": lock,
        "ready_url": "http://127.0.0.1:9/",
        "host": "",
        "banner": "",
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    argv = [sys.executable, "-m", "hotline.supervise", str(tmp_path / "plan.json")]
    started = subprocess.Popen(argv, pass_fds=[lock], preexec_fn=hand_over)
    os.close(lock)
    return started


def child_pid(tmp_path: Path) -> int:
    note = tmp_path / "child"
    eventually(lambda: note.exists() and note.read_text(encoding="ascii"))
    return int(note.read_text(encoding="ascii"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_supervisor_and_its_children(tmp_path: Path, number: signal.Signals) -> None:
    supervisor = run_plan(tmp_path)
    pid = child_pid(tmp_path)
    supervisor.send_signal(number)
    assert supervisor.wait(timeout=60) == 0
    assert gone(pid)


def test_children_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    supervisor = run_plan(tmp_path)
    pid = child_pid(tmp_path)
    supervisor.kill()
    supervisor.wait(timeout=60)
    eventually(lambda: gone(pid))


def test_the_data_folder_is_held_until_the_supervisor_ends(tmp_path: Path) -> None:
    supervisor = run_plan(tmp_path)
    child_pid(tmp_path)
    with pytest.raises(CommandError, match="already running"):
        up.hold(tmp_path / "lock")
    supervisor.terminate()
    supervisor.wait(timeout=60)
    os.close(up.hold(tmp_path / "lock"))


def test_a_signal_that_comes_too_early_waits_for_the_supervisor(tmp_path: Path) -> None:
    """`manage.py up` blocks them before it hands over: there is no moment in which one is lost or ends it half way."""
    supervisor = run_plan(tmp_path, early=signal.SIGTERM)
    assert supervisor.wait(timeout=60) == 0
