# What this gives and what it is given is listed in scripts/services.
# shellcheck shell=bash disable=SC2034,SC2154

variable=POSTGRES_URL
package=postgresql
user=postgres
program=postgres
goodbye=INT # PostgreSQL's fast shutdown, which does not wait for clients to go.

# The newest, where a machine has several.
is_installed() {
  bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort | tail -n 1)
  [[ -x $bin/postgres ]]
}

create() {
  "${as_user[@]}" "$bin/initdb" --pgdata="$data" --no-sync --encoding=UTF8 --locale=C.UTF-8 \
    --auth=scram-sha-256 --username=giro --pwfile="$password_file"
}

# Nobody else works in the data, but a killed server can stay a while as a zombie, which PostgreSQL
# takes for alive. It gets no socket, since the path of one is limited to a hundred characters.
serve() {
  rm -f "$data/postmaster.pid"
  exec setsid "${as_user[@]}" "$bin/postgres" -D "$data" -c port="$port" \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=200 \
    -c shared_buffers=128MB -c dynamic_shared_memory_type=mmap
}

answers() {
  PGPASSWORD=$password PGCONNECT_TIMEOUT=2 "$bin/psql" --no-psqlrc --host=127.0.0.1 \
    --port="$port" --username=giro --dbname=postgres --command='SELECT 1'
}

url() {
  echo "postgres://giro:$password@127.0.0.1:$port/postgres"
}
