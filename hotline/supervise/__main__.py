"""`python -m hotline.supervise PLAN.json`: runs a plan written by `manage.py up`. No Django here: it stays small."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hotline.supervise.child import Program
from hotline.supervise.probe import answers
from hotline.supervise.supervisor import Supervisor


def programs(plan: dict[str, Any]) -> list[Program]:
    return [
        Program(row["name"], row["argv"], float(row.get("stop_seconds", 10)), row.get("environment", {}))
        for row in plan["programs"]
    ]


def main(path: str) -> int:
    plan = json.loads(Path(path).read_text(encoding="utf-8"))
    os.set_inheritable(plan["lock_fd"], False)  # the data folder's lock, taken by `manage.py up`, is ours alone
    Supervisor(
        programs(plan),
        is_ready=lambda: answers(plan["ready_url"], plan["host"]),
        when_ready=lambda: print(plan["banner"], flush=True),
    ).run()
    for argv in plan.get("afterwards", []):
        subprocess.run(argv, stdout=subprocess.DEVNULL, timeout=60, check=False)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
