# What the scripts share. Sourced, never run; the caller stands at the repository's top where it
# uses $state.
# shellcheck shell=bash

# Everything that `make run` keeps.
state=.rubrica

say() { printf '==> %s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2 && exit 1; }

# The major version of the program $1.
major() { "$1" --version 2>/dev/null | sed -n '1s/^[^0-9]*\([0-9][0-9]*\).*/\1/p'; }

# The directory of Postgres's programs: of major version $1, or of the newest from 15 on.
# Debian and Homebrew keep them out of PATH.
find_postgres_bin() {
    local dir version best='' newest=14
    for dir in "$(dirname "$(command -v postgres)")" /usr/lib/postgresql/*/bin \
        "$(brew --prefix 2>/dev/null)"/opt/postgresql*/bin; do
        [ -x "$dir/initdb" ] || continue
        [ -x "$dir/psql" ] || continue
        version=$(major "$dir/postgres")
        if [ "${version:-0}" -gt "$newest" ] && [ "${1:-$version}" = "$version" ]; then
            best=$dir newest=$version
        fi
    done
    [ -n "$best" ] && printf '%s\n' "$best"
}

# The Redis or Valkey server, version 7 or newer.
find_redis_server() {
    local name version
    for name in redis-server valkey-server; do
        version=$(major "$name")
        if [ "${version:-0}" -ge 7 ]; then
            command -v "$name"
            return
        fi
    done
    return 1
}

# HAProxy. Debian keeps it where only root's PATH leads.
find_haproxy() {
    command -v haproxy || { [ -x /usr/sbin/haproxy ] && printf '/usr/sbin/haproxy\n'; }
}

# Whether process $1 runs, and its command line holds one of the other arguments: its number may
# have gone to another process since it was written down.
runs() {
    local process word
    process=$(ps -ww -o stat= -o args= -p "$1" 2>/dev/null) || return 1
    shift
    for word; do
        case $process in
            Z*) return 1 ;;
            *"$word"*) return 0 ;;
        esac
    done
    return 1
}

# The process of the `make run` that uses $state now, if there is one.
holder() {
    local pid
    pid=$(cat "$state/pid" 2>/dev/null) && runs "$pid" /run && printf '%s\n' "$pid"
}

# Stops the process in $state/NAME.pid: stop NAME SIGNAL WORD…, the words being for `runs`.
stop() {
    local name=$1 signal=$2 pid end=$((SECONDS + 60))
    shift 2
    pid=$(cat "$state/$name.pid" 2>/dev/null) || return 0
    if runs "$pid" "$@"; then
        say "Stopping $name"
        kill -s "$signal" "$pid" 2>/dev/null || true
        while runs "$pid" "$@" && [ "$SECONDS" -lt "$end" ]; do sleep 0.1; done
        if runs "$pid" "$@"; then
            say "$name still runs after a minute: killing it"
            kill -s KILL "$pid" 2>/dev/null || true
        fi
    fi
    rm -f "$state/$name.pid"
}

# The service drains while its servers are there; INT is Postgres's fast shutdown.
stop_all() {
    stop rubrica TERM rubrica
    stop redis TERM redis valkey
    stop postgres INT postgres
}

# python_with DIRECTORY REQUIREMENTS: a Python environment with these packages, made anew where the
# requirements are others than the last time.
python_with() {
    cmp -s "$2" "$1/requirements.txt" && return
    say "Installing what $2 names"
    rm -rf "$1"
    python3 -m venv "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$2"
    cp "$2" "$1/requirements.txt"
}
