#!/usr/bin/env bash
# Run a command with DATABASE_URL set to a throw-away PostgreSQL that is stopped afterwards.
# KM_PG_FSYNC=on has it wait for the disk, as a deployment does.
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -n 1 || true)
if [ -z "$bin" ]; then
  echo "PostgreSQL is not installed: its tests did NOT run."
  [ "${CI:-}" = true ] && exit 1
  exit 0
fi
data=$(mktemp -d)
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  chown postgres "$data"
  as() { runuser -u postgres -- "$@"; }
fi
port=$(python3 -c 'import socket; s=socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
stop() { as "$bin/pg_ctl" -D "$data/db" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$data"; }
trap stop EXIT
(cd / && as "$bin/initdb" -D "$data/db" -U km --auth=trust --encoding=UTF8 >/dev/null)
(cd / && as "$bin/pg_ctl" -D "$data/db" -w -l "$data/log" \
  -o "-p $port -k $data -c listen_addresses=127.0.0.1 -c fsync=${KM_PG_FSYNC:-off}" start >/dev/null)
DATABASE_URL="postgres://km@127.0.0.1:$port/postgres" "$@"
