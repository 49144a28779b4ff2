# Functions that the scripts share. This file is sourced. A caller that uses $state runs at the top of the
# repository.
# shellcheck shell=bash

# The directory of all data of `make run`.
state=.rubrica

say() { printf '==> %s\n' "$*"; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2 && exit 1; }

# Prints the major version of the program $1.
major() { "$1" --version 2>/dev/null | sed -n '1s/^[^0-9]*\([0-9][0-9]*\).*/\1/p'; }

# Prints the directory of Postgres's programs: of major version $1, or of the newest one, at least 15.
# Debian and Homebrew do not put it into PATH.
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

# Prints the path of the Redis or Valkey server, version 7 or newer.
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

# Prints the path of HAProxy. Debian installs it in a directory that only root's PATH has.
find_haproxy() {
    command -v haproxy || { [ -x /usr/sbin/haproxy ] && printf '/usr/sbin/haproxy\n'; }
}

# Whether process $1 runs and its command line contains one of the other arguments. The pid may have been reused
# since it was saved.
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

# Prints the pid of the `make run` that uses $state now, if there is one.
holder() {
    local pid
    pid=$(cat "$state/pid" 2>/dev/null) && runs "$pid" /run && printf '%s\n' "$pid"
}

# stop NAME SIGNAL WORD…: stops the process in $state/NAME.pid. The words are the arguments of `runs`.
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

# The service shuts down before its servers. INT is Postgres's fast shutdown.
stop_all() {
    stop rubrica TERM rubrica
    stop redis TERM redis valkey
    stop postgres INT postgres
}

# python_with DIRECTORY REQUIREMENTS: creates a Python environment with these packages, again if the requirements
# have changed.
python_with() {
    cmp -s "$2" "$1/requirements.txt" && return
    say "Installing the packages of $2"
    rm -rf "$1"
    python3 -m venv "$1"
    "$1/bin/pip" install --quiet --disable-pip-version-check --no-deps -r "$2"
    cp "$2" "$1/requirements.txt"
}
