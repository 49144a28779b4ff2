# Functions that start Rubrica on loopback, with its own Postgres and Redis. This file is sourced after lib.sh. All
# data is in $state.
# shellcheck shell=bash disable=SC2154 # lib.sh or the caller sets $state

# start NAME COMMAND…: starts a command in a process group of its own, so that Ctrl-C does not reach it before the
# caller stops it.
start() {
    local name=$1
    shift
    say "Starting $name (log: $state/log/$name.log)"
    set -m
    "$@" </dev/null >"$state/log/$name.log" 2>&1 &
    set +m
    printf '%s\n' $! >"$state/$name.pid"
    # Otherwise bash prints a message when the process ends.
    disown
}

running() { kill -0 "$(cat "$state/$1.pid")" 2>/dev/null; }

# await NAME COMMAND…: waits until the command succeeds.
await() {
    local name=$1 end=$((SECONDS + 30))
    shift
    until "$@" >/dev/null 2>&1; do
        running "$name" || fail "$name" 'stopped before it was ready'
        [ "$SECONDS" -lt "$end" ] || fail "$name" 'is not ready after 30 seconds'
        sleep 0.2
    done
}

# fail NAME WHAT: prints an error with the end of the log, and exits.
fail() {
    say "$1 $2. The end of its log:" >&2
    tail -n 20 "$state/log/$1.log" >&2
    exit 1
}

# Prints the first free port from $1 on.
free_port() {
    local port=$1
    while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
    printf '%s\n' "$port"
}

# kept_port NAME PORT: prints the port of the last run, or PORT, or the next free one.
kept_port() {
    local file=$state/$1.port
    [ -s "$file" ] || printf '%s\n' "$2" >"$file"
    free_port "$(cat "$file")" >"$file.new"
    mv "$file.new" "$file"
    cat "$file"
}

# Prints the path of the secret $1, which is created if it is missing.
secret() {
    local file
    file=$(cd "$state" && pwd)/secrets/$1
    if [ ! -s "$file" ]; then
        (umask 077 && od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >"$file.new")
        mv "$file.new" "$file"
    fi
    printf '%s\n' "$file"
}

# Prints the string member $1 of the JSON object on standard input.
field() { sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p"; }

as_superuser() { "$postgres_bin/psql" -Xqt -v ON_ERROR_STOP=1 -h 127.0.0.1 -p "$postgres_port" -U postgres "$@"; }

postgres_answers() { as_superuser -c 'select 1'; }

redis_answers() (
    exec 3<>"/dev/tcp/127.0.0.1/$redis_port"
    printf 'PING\r\n' >&3
    read -r -t 2 answer <&3
    [ "$answer" = $'+PONG\r' ]
)

# start_servers POSTGRES_PORT REDIS_PORT: starts both servers, on these ports or the next free ones.
start_servers() {
    postgres_bin=$(find_postgres_bin)
    postgres_port=$(kept_port postgres "$1")
    start postgres scripts/postgres "$state/postgres" "$postgres_port"
    redis_port=$(kept_port redis "$2")
    start redis scripts/redis "$state/redis" "$redis_port"
    await postgres postgres_answers
    await redis redis_answers
}

# Creates the database and its roles, if they are missing.
create_database() {
    as_superuser <<'SQL'
select 'create role rubrica_owner login'
 where not exists (select from pg_roles where rolname = 'rubrica_owner') \gexec
select 'create role rubrica_service login'
 where not exists (select from pg_roles where rolname = 'rubrica_service') \gexec
select 'create database rubrica owner rubrica_owner'
 where not exists (select from pg_database where datname = 'rubrica') \gexec
SQL
}

# configure HTTP_PORT OPS_PORT: sets the settings of Rubrica, with these ports or the next free ones.
configure() {
    local database="127.0.0.1:$postgres_port/rubrica?sslmode=disable"
    http=127.0.0.1:$(free_port "$1")
    ops=127.0.0.1:$(free_port "$2")
    mkdir -p "$state/secrets"
    chmod 700 "$state/secrets"
    export RUBRICA__DATABASE__URL="postgres://rubrica_service@$database"
    export RUBRICA__DATABASE__MIGRATE_URL="postgres://rubrica_owner@$database"
    export RUBRICA__DATABASE__SERVICE_ROLE=rubrica_service
    export RUBRICA__REDIS__URL="redis://127.0.0.1:$redis_port"
    export RUBRICA__HTTP__LISTEN="$http" RUBRICA__OPS__LISTEN="$ops"
    export RUBRICA__SHUTDOWN__DRAIN_DELAY=0s
    RUBRICA__AUTH__TOKEN_KEY_FILE=$(secret token_key)
    RUBRICA__AUTH__JWT_KEY_FILE=$(secret jwt_key)
    RUBRICA__PRIVACY__SUPPRESSION_KEY_FILE=$(secret suppression_key)
    export RUBRICA__AUTH__TOKEN_KEY_FILE RUBRICA__AUTH__JWT_KEY_FILE RUBRICA__PRIVACY__SUPPRESSION_KEY_FILE
}

# serve PROGRAM: starts Rubrica, and waits until it is ready.
serve() {
    start rubrica "$1" serve
    await rubrica curl -fsS --noproxy '*' "http://$ops/readyz"
}
