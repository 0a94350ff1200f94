# Private PostgreSQL and Redis for tests: own ports, own temporary folders, ended by stop_services. Sourced after lib.sh.

POSTGRES_PIDS=() REDIS_PID= POSTGRES_ACCOUNT=

free_port() { "$VENV/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

find_postgres() { # sets POSTGRES_BIN
  local candidate
  for candidate in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(dirname "$(command -v initdb || echo /none/x)")"; do
    if [ -x "$candidate/initdb" ] && [ -x "$candidate/postgres" ]; then
      POSTGRES_BIN=$candidate
      return
    fi
  done
  return 1
}

as_database_user() { # PostgreSQL refuses to run as root
  if [ -n "$POSTGRES_ACCOUNT" ]; then
    setpriv --reuid="$POSTGRES_ACCOUNT" --regid="$(id -g "$POSTGRES_ACCOUNT")" --clear-groups -- "$@"
  else
    "$@"
  fi
}

start_postgres() { # FOLDER: starts one server and adds its address to databases
  local folder=$1/postgres port password waited=0
  if ! find_postgres; then
    # no cluster of the distribution's own is made or started
    if is_root && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
      mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    fi
    { apt_install postgresql && find_postgres; } ||
      die "no PostgreSQL. As root: apt-get install postgresql; or name a server in HOTLINE_TEST_DATABASE_URL."
  fi
  if is_root; then
    POSTGRES_ACCOUNT=$(id -un postgres 2>/dev/null || echo nobody)
    chmod 711 "$(dirname "$1")" "$1"
  fi
  mkdir "$folder"
  [ -z "$POSTGRES_ACCOUNT" ] || chown "$POSTGRES_ACCOUNT" "$folder"
  port=$(free_port) password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  echo "$password" >"$1/postgres-password"
  [ -z "$POSTGRES_ACCOUNT" ] || chown "$POSTGRES_ACCOUNT" "$1/postgres-password"
  (cd / && as_database_user "$POSTGRES_BIN/initdb" -D "$folder/data" -U hotline -A scram-sha-256 \
    --pwfile="$1/postgres-password" -E UTF8 --locale=C.UTF-8 >"$1/initdb.log") || { cat "$1/initdb.log"; die "initdb failed"; }
  # durability is switched off: these data live as long as the tests
  (cd / && exec setsid setpriv --pdeathsig TERM ${POSTGRES_ACCOUNT:+--reuid="$POSTGRES_ACCOUNT" --regid="$(id -g "$POSTGRES_ACCOUNT")" --clear-groups} -- \
    "$POSTGRES_BIN/postgres" -D "$folder/data" -p "$port" -h 127.0.0.1 -k "$folder" -c fsync=off -c synchronous_commit=off \
    -c full_page_writes=off -c max_connections=200 -c shared_buffers=128MB >"$1/postgres.log" 2>&1) &
  POSTGRES_PIDS+=($!)
  until PGPASSWORD=$password "$VENV/bin/python" -c "import psycopg; psycopg.connect(host='127.0.0.1', port=$port, user='hotline', dbname='postgres', connect_timeout=2)" 2>/dev/null; do
    waited=$((waited + 1))
    [ $waited -lt 60 ] || { tail -20 "$1/postgres.log"; die "PostgreSQL did not start"; }
    sleep 0.5
  done
  databases+=(postgresql://hotline:$password@127.0.0.1:$port/postgres)
}

start_redis() { # FOLDER: sets redis
  local port waited=0
  command -v redis-server >/dev/null || apt_install redis-server ||
    die "no Redis. As root: apt-get install redis-server; or name a server in HOTLINE_TEST_REDIS_URL."
  mkdir "$1/redis"
  port=$(free_port)
  setsid redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$1/redis" >"$1/redis.log" 2>&1 &
  REDIS_PID=$!
  until "$VENV/bin/python" -c "import redis; redis.Redis(port=$port).ping()" 2>/dev/null; do
    waited=$((waited + 1))
    [ $waited -lt 60 ] || { tail -20 "$1/redis.log"; die "Redis did not start"; }
    sleep 0.5
  done
  redis=redis://127.0.0.1:$port/0
}

stop_services() { # only what was started here; SIGINT is PostgreSQL's fast shutdown
  local pid
  for pid in ${POSTGRES_PIDS[@]+"${POSTGRES_PIDS[@]}"}; do
    kill -INT "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  done
  [ -z "$REDIS_PID" ] || { kill "$REDIS_PID" 2>/dev/null; wait "$REDIS_PID" 2>/dev/null; }
  return 0
}
