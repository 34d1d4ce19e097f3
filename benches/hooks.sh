#!/bin/sh
# What saferun costs, against the real thing in the same run. The method is in
# docs/benchmarks.md.
#
#   SAFERUN=target/release/saferun benches/hooks.sh [ROUNDS]
set -eu

SAFERUN=${SAFERUN:?name a release binary, such as SAFERUN=target/release/saferun}
SAFERUN=$(cd "$(dirname "$SAFERUN")" && pwd)/$(basename "$SAFERUN")
[ -x "$SAFERUN" ] || { echo "benches/hooks.sh: \`$SAFERUN\` is not a program" >&2; exit 2; }
ROUNDS=${1:-20}
case $(date +%N) in *[!0-9]* | '') echo 'benches/hooks.sh: needs a `date` that knows %N' >&2; exit 4 ;; esac

room=$(mktemp -d)
gateway=''
cleanup() { [ -z "$gateway" ] || kill "$gateway" 2>/dev/null || :; rm -rf "$room"; }
trap cleanup EXIT
trap 'exit 130' INT TERM

# Nobody's own configuration counts, and nobody's is touched.
export HOME="$room/home" XDG_CONFIG_HOME="$room/home/config" XDG_STATE_HOME="$room/home/state"
export XDG_DATA_HOME="$room/home/data" GIT_CONFIG_GLOBAL="$room/home/gitconfig" GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME"
git config --global user.name Bench
git config --global user.email bench@example.com
git config --global init.defaultBranch main
git config --global gc.auto 0

now() { date +%s%N; }
say() { echo "$*" >&2; }

# time_into FILE COMMAND…: appends the command's nanoseconds.
time_into() {
    into=$1
    shift
    begun=$(now)
    "$@" >/dev/null 2>&1 || { say "failed: $*"; exit 1; }
    ended=$(now)
    echo $((ended - begun)) >>"$into"
}
median() { sort -n "$1" | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int((NR + 2) / 2)]) / 2 }'; }

# What reading the clock costs is in every measurement; it is taken out.
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do time_into "$room/clock" :; done
clock=$(median "$room/clock")
ms() { awk -v t="$(median "$1")" -v c="$clock" 'BEGIN { printf "%.1f", (t - c) / 1e6 }'; }

row() { printf '%-34s %9s %9s %9s %11s %9s  %-34s %s\n' "$@"; }
verdict() { awk "BEGIN { print ($1) ? \"ok\" : \"MISSED\" }"; }

# files DIR FIRST LAST PER: writes files of about 1 KiB, PER to a directory.
files() {
    awk -v dir="$1" -v first="$2" -v last="$3" -v per="$4" 'BEGIN {
        for (i = first; i <= last; i++) {
            sub_dir = dir "/d" int(i / per)
            if (sub_dir != made) { system("mkdir -p " sub_dir); made = sub_dir }
            name = sub_dir "/f" i ".txt"
            for (line = 0; line < 16; line++) print "line " line " of file " i ": the quick brown fox jumps over the lazy dog" > name
            close(name)
        }
    }'
}

# repository NAME FILES STAGED: a guarded repository with so many files, and so
# many staged besides.
repository() {
    say "making $1: $2 files, $3 staged"
    dir=$room/$1
    git init -q "$dir"
    files "$dir" 1 "$2" 200
    git -C "$dir" add -A
    git -C "$dir" commit -qm base
    (cd "$dir" && "$SAFERUN" init -q)
    mkdir -p "$dir/new"
    files "$dir/new" 1 "$3" 200
    git -C "$dir" add new
    cp "$dir/.git/index" "$room/$1.index"
    git -C "$dir" rev-parse HEAD >"$room/$1.head"
}
restore() {
    git -C "$room/$1" update-ref refs/heads/main "$(cat "$room/$1.head")"
    cp "$room/$1.index" "$room/$1/.git/index"
}
differs() { ! git -C "$1" diff --cached --quiet; }

# commits NAME LABEL TARGET_MS
commits() {
    round=0
    while [ "$round" -le "$ROUNDS" ]; do
        restore "$1"; time_into "$room/$1.bare" git -C "$room/$1" commit -q --no-verify -m round
        restore "$1"; time_into "$room/$1.hook" git -C "$room/$1" commit -q -m round
        restore "$1"; time_into "$room/$1.empty" git -C "$room/$1" -c core.hooksPath="$room/empty" commit -q -m round
        restore "$1"; time_into "$room/$1.diff" differs "$room/$1"
        # The first round warms caches up.
        [ "$round" -gt 0 ] || rm -f "$room/$1".bare "$room/$1".hook "$room/$1".empty "$room/$1".diff
        round=$((round + 1))
    done
    bare=$(ms "$room/$1.bare") hook=$(ms "$room/$1.hook") diff=$(ms "$room/$1.diff")
    extra=$(awk "BEGIN { printf \"%.1f\", $hook - $bare }")
    empty=$(awk "BEGIN { printf \"+%.1f\", $(ms "$room/$1.empty") - $bare }")
    ratio=$(awk "BEGIN { printf \"%.2f\", $extra / ($diff > 0.1 ? $diff : 0.1) }")
    limit=$(awk "BEGIN { printf \"%.1f\", 1.5 * $diff + 6 }")
    row "$2" "$bare" "$hook" "+$extra" "$empty" "$diff" "+$3, and 1.5 x diff + 6 = $limit" \
        "$(verdict "$extra <= $3 && $extra <= $limit") ($ratio x diff)"
}

# shim LABEL ARGUMENTS…
shim() {
    label=$1
    shift
    rm -f "$room/real" "$room/shim"
    round=0
    while [ "$round" -le "$ROUNDS" ]; do
        time_into "$room/real" git -C "$room/small" "$@"
        time_into "$room/shim" "$SAFERUN" git -C "$room/small" "$@"
        [ "$round" -gt 0 ] || rm -f "$room/real" "$room/shim"
        round=$((round + 1))
    done
    real=$(ms "$room/real") through=$(ms "$room/shim")
    extra=$(awk "BEGIN { printf \"%.1f\", $through - $real }")
    row "$label" "$real" "$through" "+$extra" '' '' '+3' "$(verdict "$extra <= 3")"
}

mkdir "$room/empty"
printf '#!/bin/sh\nexit 0\n' >"$room/empty/pre-commit"
chmod +x "$room/empty/pre-commit"
repository small 20 1
repository staged 100 500
repository large 80000 1
say "measuring: median of $ROUNDS interleaved rounds"
row '(milliseconds)' real saferun extra 'empty hook' 'diff' target ''
commits small 'commit, 1 file of 20' 8
commits staged 'commit, 500 files' 40
commits large 'commit, 1 file of 80,000' 60
restore small
shim 'shim: git --version' --version
shim 'shim: git status' status

if [ -x /usr/bin/time ]; then
    (cd "$room/small" && /usr/bin/time -f %M -o "$room/peak" "$SAFERUN" hook pre-commit)
    peak=$(tail -n 1 "$room/peak")
    row 'hook, peak memory, 1 file' '' "$((peak / 1024)) MiB" '' '' '' 'under 30 MiB' "$(verdict "$peak < 30720")"
else
    row 'hook, peak memory, 1 file' '' '?' '' '' '' 'under 30 MiB' 'not measured: no /usr/bin/time'
fi

"$SAFERUN" gateway --listen 127.0.0.1:0 --database "$room/gateway.db" >"$room/gateway.out" 2>/dev/null &
gateway=$!
tries=0
until login=$(grep '^saferun login' "$room/gateway.out"); do
    tries=$((tries + 1))
    [ "$tries" -lt 100 ] || { say 'the gateway does not start'; exit 1; }
    sleep 0.1
done
# shellcheck disable=SC2086 # the line that the gateway prints
"$SAFERUN" ${login#saferun } -q
sleep 2
idle=$(awk '/^VmRSS/ { print $2 }' "/proc/$gateway/status")
row 'gateway, idle memory' '' "$((idle / 1024)) MiB" '' '' '' 'under 40 MiB' "$(verdict "$idle < 40960")"

# From the acknowledged answer to the end of the commit that waited for it.
restore small
cd "$room/small"
mkdir -p .github/workflows
round=0
while [ "$round" -le "$ROUNDS" ]; do
    echo "# round $round" >.github/workflows/ci.yml
    git add .github
    CLAUDECODE=1 git commit -qm "round $round" >/dev/null 2>&1 &
    commit=$!
    tries=0
    until id=$("$SAFERUN" approvals list --state pending --json | sed -n 's/.*"id": "\(apr-[a-z0-9]*\)".*/\1/p' | head -n 1) && [ -n "$id" ]; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || { say 'no request came'; exit 1; }
        sleep 0.1
    done
    "$SAFERUN" approvals approve "$id" -q
    begun=$(now)
    wait "$commit" || { say 'the approved commit failed'; exit 1; }
    ended=$(now)
    [ "$round" -eq 0 ] || echo $((ended - begun)) >>"$room/wake"
    round=$((round + 1))
done
wake=$(ms "$room/wake")
row 'approval to end of waiting commit' '' "$wake" '' '' '' 'within 100' "$(verdict "$wake <= 100")"

size=$(wc -c <"$SAFERUN")
row 'binary' '' "$((size / 1048576)) MiB" '' '' '' 'under 40 MiB' "$(verdict "$size < 41943040")"
