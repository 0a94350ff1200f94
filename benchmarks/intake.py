"""Tickets accepted over HTTP with the whole pipeline, beside a bare Django view that writes three rows.

usage: benchmarks/intake.py [--seconds 8] [--queue 100000] [--threads 1] [--postgres URL]

One HTTP worker (granian, WSGI) that answers with so many threads; four clients ask without a pause. SQLite always;
PostgreSQL when a URL of a database that may be emptied is given. Prints JSON: requests per second and server CPU per
request of the pipeline and of the bare view in the same run, their ratio, and p50/p99 in milliseconds of the
dispatcher's queue page with that many open tickets.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
THREADS = 4
PLACES = ("建设路与桐柏路口", "金水河边步道", "幸福里小区三号楼", "中原广场东侧", "二七路天桥下")
MATTERS = (
    "路灯不亮",
    "井盖松动有响声",
    "夜间施工噪声大",
    "楼道堆放杂物",
    "自来水发黄",
    "公交车很久不来",
    "垃圾没人清运",
)
BARE = """
from django.http import JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.db import transaction
from django.utils import timezone
from ticketing.models import Heartbeat, Lease
import uuid, json
@csrf_exempt
def bare(request):
    body = json.loads(request.body)
    with transaction.atomic():
        for name in ("a", "b", "c"):
            Heartbeat.objects.create(name=f"{name}{uuid.uuid4().hex[:30]}", beat_at=timezone.now(), detail=body)
    return JsonResponse({"ok": True}, status=201)
"""
SERVER = """
from hotline.wsgi import application as pages
from django.core.handlers.wsgi import WSGIRequest
{bare}
def application(environ, start_response):
    if environ["PATH_INFO"] == "/bare":
        from django.db import close_old_connections
        response = bare(WSGIRequest(environ))
        start_response("201 Created", [("Content-Type", "application/json")])
        return [response.content]
    return pages(environ, start_response)
"""


def manage(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


def body(number: int) -> bytes:
    chance = random.Random(number)
    text = f"{chance.choice(PLACES)}{chance.choice(MATTERS)}，已经{chance.randint(2, 30)}天，请尽快处理。"
    person = {"name": "测试", "phone": f"139{number % 10**8:08d}"}
    return json.dumps({"body": text, "region": "410102", "external_id": f"b{number}", "person": person}).encode()


def cpu_seconds(root: int) -> float:
    """Processor time of the process and its children so far (Linux)."""
    ticks = 0.0
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        if root in (int(entry.parent.name), int(fields[1])):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def hammer(port: int, path: str, key: str, seconds: float, server: int) -> dict[str, float]:
    """A few keep-alive clients for a bounded time: rate and latencies of the answers 201, server CPU for each."""
    stop, taken = time.monotonic() + seconds, []
    lock, numbers = threading.Lock(), iter(range(random.randrange(10**6), 10**9))

    def client() -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        while time.monotonic() < stop:
            with lock:
                number = next(numbers)
            begin = time.perf_counter()
            link.request("POST", path, body(number), headers)
            answer = link.getresponse()
            answer.read()
            if answer.status == 201:
                taken.append(time.perf_counter() - begin)

    before = cpu_seconds(server)
    threads = [threading.Thread(target=client) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = cpu_seconds(server) - before
    ordered = sorted(taken) or [0.0]
    return {
        "per_second": round(len(taken) / seconds, 1),
        "p50_ms": round(1000 * statistics.median(ordered), 1),
        "p99_ms": round(1000 * ordered[int(0.99 * (len(ordered) - 1))], 1),
        "cpu_ms": round(1000 * spent / max(len(taken), 1), 2),
    }


def wait_for(port: int) -> None:
    for _ in range(600):
        try:
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            link.request("GET", "/livez")
            link.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def queue_page(environment: dict[str, str], tickets: int) -> dict[str, float]:
    """p50/p99 of the dispatcher's queue with that many open tickets, server time in one process."""
    script = f"""
import json, random, time
from datetime import timedelta
from django.db import connection
from django.test import Client
from django.utils import timezone
from directory.models import Staff
from ticketing.models import Ticket
now = timezone.now()
have = Ticket.objects.count()
rows = []
for n in range({tickets} - have):
    rows.append(Ticket(number=f"9{{n:017d}}", channel="web", kind="complaint", region_id="410102", city_id="410100",
        title=f"路灯不亮{{n}}", body="路灯不亮。", status="to_dispatch", created_at=now - timedelta(minutes=n % 9999),
        due_at=now + timedelta(minutes=n % 5000), due_clock="dispatch", version=1))
Ticket.objects.bulk_create(rows, batch_size=2000)
connection.cursor().execute("ANALYZE")  # autovacuum does so within a minute
client = Client()
client.force_login(Staff.objects.get(username="dispatcher1"))
times = []
for n in range(40):
    begin = time.perf_counter()
    answer = client.get("/desk/q/to_dispatch/")
    times.append(1000 * (time.perf_counter() - begin))
    assert answer.status_code == 200, answer.status_code
times = sorted(times[3:])
print(json.dumps({{"open_tickets": Ticket.objects.count(), "p50_ms": round(times[len(times)//2], 1),
    "p99_ms": round(times[-1], 1)}}))
"""
    return dict(json.loads(manage(environment, "shell", "--no-imports", "-c", script).strip().splitlines()[-1]))


def measure(url: str | None, seconds: float, tickets: int, threads: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HOTLINE_")}
        environment = clean | {
            "HOTLINE_DATA": f"{folder}/var",
            "HOTLINE_LOG_LEVEL": "ERROR",
            "PYTHONPATH": f"{folder}:{ROOT}",
        }
        environment["DJANGO_SETTINGS_MODULE"] = "hotline.settings"
        if url:
            environment["HOTLINE_DATABASE_URL"] = url
        Path(folder, "bench_server.py").write_text(SERVER.replace("{bare}", BARE), encoding="utf-8")
        manage(environment, "migrate")
        manage(environment, "load_city")
        created = manage(environment, "api_key", "bench", "--scopes", "create", "--per-minute", "10000000")
        key = created.split("key: ")[1].split()[0]
        probe.close()
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1"]
        command += ["--blocking-threads", str(threads)]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        server = subprocess.Popen([*command, "bench_server:application"], cwd=folder, env=environment, **quiet)
        try:
            wait_for(port)
            hammer(port, "/api/v1/tickets", key, 2, server.pid)
            pipeline = hammer(port, "/api/v1/tickets", key, seconds, server.pid)
            bare = hammer(port, "/bare", key, seconds, server.pid)
        finally:
            server.terminate()
            server.wait(timeout=20)
        found: dict[str, object] = {"threads": threads, "pipeline": pipeline, "bare_three_rows": bare}
        found["ratio_to_bare"] = round(pipeline["per_second"] / max(bare["per_second"], 0.1), 2)
        if tickets:
            found["queue_page"] = queue_page(environment, tickets)
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--queue", type=int, default=100_000)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--postgres", metavar="URL")
    options = parser.parse_args()
    result: dict[str, object] = {"sqlite": measure(None, options.seconds, options.queue, options.threads)}
    if options.postgres:
        result["postgresql"] = measure(options.postgres, options.seconds, options.queue, options.threads)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
