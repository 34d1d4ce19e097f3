#!/bin/sh
# What one tool call costs through saferun's agents' door, beside other guards
# that are installed, and /bin/true as the floor. The method is in
# docs/benchmarks.md.
#
#   SAFERUN=target/release/saferun benches/agents.sh [ROUNDS]
#   CCSN='node …/cc-safety-net.js hook --claude-code' NAH='python3 …/nah_guard.py'
#       command lines of other guards' hooks for Claude Code, to measure beside it
set -eu

SAFERUN=${SAFERUN:?name a release binary, such as SAFERUN=target/release/saferun}
SAFERUN=$(cd "$(dirname "$SAFERUN")" && pwd)/$(basename "$SAFERUN")
ROUNDS=${1:-50}
CCSN=${CCSN:-$(command -v cc-safety-net >/dev/null && echo cc-safety-net hook --claude-code || :)}
NAH=${NAH:-}
case $(date +%N) in *[!0-9]* | '') echo 'benches/agents.sh: needs a `date` that knows %N' >&2; exit 4 ;; esac

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
export HOME="$room/home" XDG_CONFIG_HOME="$room/home/config" XDG_STATE_HOME="$room/home/state"
export GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME" "$room/repo"
cd "$room/repo"
git init -q .
git -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m first

call() {
    printf '{"session_id":"s%s","transcript_path":"/t","cwd":"%s","permission_mode":"default","hook_event_name":"PreToolUse","tool_name":"%s","tool_input":%s,"tool_use_id":"t"}' \
        "$1" "$room/repo" "$2" "$3" >"$room/$1.json"
}
call status Bash '{"command":"git status --short && git diff | head -50"}'
call push Bash '{"command":"git push --force origin main"}'
call nested Bash '{"command":"bash -c \"git reset --hard HEAD~3 && git clean -fdx\""}'
call test Bash '{"command":"npm test -- --watch=false"}'
call write Write '{"file_path":"src/main.py","content":"import os\nprint(os.environ[\"HOME\"])\n"}'
call read Read '{"file_path":"src/main.py"}'

# time_into FILE INPUT COMMAND…: appends the command's nanoseconds.
time_into() {
    into=$1 input=$2
    shift 2
    begun=$(date +%s%N)
    "$@" <"$input" >/dev/null 2>&1 || :
    ended=$(date +%s%N)
    echo $((ended - begun)) >>"$into"
}
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 }'; }
ms() { [ -s "$1" ] && awk -v t="$(median "$1")" -v c="$clock" 'BEGIN { printf "%.1f", (t - c) / 1e6 }' || echo -; }

for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do time_into "$room/clock" /dev/null :; done
clock=$(median "$room/clock")
printf '%-10s %10s %10s %16s %10s   (milliseconds, median of %s)\n' call true saferun cc-safety-net nah "$ROUNDS"
for name in status push nested test write read; do
    round=0
    while [ "$round" -le "$ROUNDS" ]; do
        time_into "$room/$name.true" "$room/$name.json" /bin/true
        time_into "$room/$name.saferun" "$room/$name.json" "$SAFERUN" agent-hook claude
        # shellcheck disable=SC2086 # command lines
        [ -z "$CCSN" ] || time_into "$room/$name.ccsn" "$room/$name.json" $CCSN
        # shellcheck disable=SC2086
        [ -z "$NAH" ] || time_into "$room/$name.nah" "$room/$name.json" $NAH
        # The first round warms caches up.
        [ "$round" -gt 0 ] || rm -f "$room/$name".true "$room/$name".saferun "$room/$name".ccsn "$room/$name".nah
        round=$((round + 1))
    done
    printf '%-10s %10s %10s %16s %10s\n' "$name" "$(ms "$room/$name.true")" "$(ms "$room/$name.saferun")" \
        "$(ms "$room/$name.ccsn")" "$(ms "$room/$name.nah")"
done
if [ -x /usr/bin/time ]; then
    for name in status push write; do
        /usr/bin/time -f %M -o "$room/peak" "$SAFERUN" agent-hook claude <"$room/$name.json" >/dev/null 2>&1 || :
        printf 'peak memory, %-8s %6s KiB (target under 12288)\n' "$name" "$(tail -n 1 "$room/peak")"
    done
fi
