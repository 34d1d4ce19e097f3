#!/bin/sh
# saferun's scans and those of whatever peers are installed, on the same inputs
# in one run. The method is in docs/benchmarks.md.
#
#   SAFERUN=target/release/saferun benches/scan.sh [--tree DIR] [--history REPOSITORY] [ROUNDS]
set -eu

SAFERUN=${SAFERUN:?name a release binary, such as SAFERUN=target/release/saferun}
SAFERUN=$(cd "$(dirname "$SAFERUN")" && pwd)/$(basename "$SAFERUN")
[ -x "$SAFERUN" ] || { echo "benches/scan.sh: \`$SAFERUN\` is not a program" >&2; exit 2; }
[ -x /usr/bin/time ] || { echo 'benches/scan.sh: needs GNU time as /usr/bin/time' >&2; exit 4; }
here=$(cd "$(dirname "$0")/.." && pwd)
tree=$here/src history=$here
while [ $# -gt 1 ]; do
    case $1 in
    --tree) tree=$(cd "$2" && pwd) ;;
    --history) history=$(cd "$2" && pwd) ;;
    *) echo "benches/scan.sh: what is \`$1\`?" >&2; exit 2 ;;
    esac
    shift 2
done
ROUNDS=${1:-3}

room=$(mktemp -d)
trap 'rm -rf "$room"' EXIT
trap 'exit 130' INT TERM
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL="$room/gitconfig"
git config --global user.name Bench
git config --global user.email bench@example.com
git config --global gc.auto 0
git config --global safe.directory '*'
has() { command -v "$1" >/dev/null 2>&1; }
lines() { wc -l <"$room/out" | tr -d ' '; }

printf '%-10s %-28s %9s %9s %9s %9s\n' input tool 'wall s' 'CPU s' 'peak MiB' findings

# row INPUT TOOL COUNT COMMAND…: the best of the rounds; COUNT says how findings
# are counted in what the command printed.
row() {
    input=$1 tool=$2 count=$3
    shift 3
    rm -f "$room/times"
    round=0
    while [ "$round" -lt "$ROUNDS" ]; do
        /usr/bin/time -a -o "$room/times" -f '%e %U %S %M' "$@" >"$room/out" 2>/dev/null || :
        round=$((round + 1))
    done
    found=$(sh -c "$count" <"$room/out")
    grep -v '^Command' "$room/times" | awk -v input="$input" -v tool="$tool" -v found="$found" '
        NR == 1 || $1 < wall { wall = $1 }
        NR == 1 || $2 + $3 < cpu { cpu = $2 + $3 }
        $4 > peak { peak = $4 }
        END { printf "%-10s %-28s %9.2f %9.2f %9d %9s\n", input, tool, wall, cpu, peak / 1024, found }'
}
ours='grep -c "\"fingerprint\":" || :'
none='echo -'
kingfisher='sed -n "s/.*|Findings\.*: *\([0-9,]*\).*/\1/p"'
json='grep -c "\"RuleID\"\|\"rule_id\"\|\"ruleID\"" || :'

cd "$tree"
row tree saferun "$ours" "$SAFERUN" scan --no-ignore --format jsonl .
if has kingfisher; then
    row tree 'kingfisher --turbo' "$kingfisher" kingfisher scan --turbo --no-update-check --no-validate .
fi
if has betterleaks; then
    row tree betterleaks "$json" betterleaks filesystem --no-banner --output - .
fi
has gitleaks && row tree gitleaks "$json" gitleaks dir --no-banner --report-format json --report-path /dev/stdout .
has ripsecrets && row tree ripsecrets 'wc -l' ripsecrets .
has trufflehog && row tree trufflehog 'wc -l' trufflehog filesystem --no-verification --no-update --json .
[ -z "${SLOW:-}" ] || ! has detect-secrets || row tree detect-secrets 'grep -c hashed_secret || :' detect-secrets scan --all-files -n .
if has rg; then
    cat "$here"/rules/secrets/*.toml | sed -n "s/^keywords = \[\(.*\)\]/\1/p" | tr ',' '\n' |
        sed "s/^ *['\"]//; s/['\"] *$//" | grep .... | sort -u >"$room/all"
    # As many as the goal speaks of, spread over all.
    awk -v all="$(wc -l <"$room/all")" 'int(NR * 567 / all) > int((NR - 1) * 567 / all)' "$room/all" >"$room/keywords"
    row tree "rg -F -i $(wc -l <"$room/keywords" | tr -d ' ') words" "$none" rg -uu -c -F -i -f "$room/keywords" .
fi

# Without a work tree, so that all look at the same.
git clone -q --mirror "$history" "$room/history.git"
history=$room/history.git
cd "$history"
row history saferun "$ours" "$SAFERUN" scan --history --format jsonl
row history 'git cat-file all' "$none" git cat-file --batch-all-objects --batch
row history 'git log -p --all' "$none" git log -p --all
if has kingfisher; then
    row history 'kingfisher --turbo' "$kingfisher" kingfisher scan --turbo --no-update-check --no-validate .
fi
if has betterleaks; then
    row history betterleaks "$json" betterleaks git --no-banner --output - .
fi
[ -z "${SLOW:-}" ] || ! has gitleaks || row history gitleaks "$json" gitleaks git --no-banner --report-format json --report-path /dev/stdout .
[ -z "${SLOW:-}" ] || ! has trufflehog || row history trufflehog 'wc -l' trufflehog git --no-verification --no-update --json "file://$history"

# 20,000 files, and so many more staged.
mkdir "$room/staged"
cd "$room/staged"
git init -q
awk 'BEGIN { for (i = 1; i <= 20000; i++) {
    dir = "d" int(i / 200)
    if (dir != made) { system("mkdir -p " dir); made = dir }
    name = dir "/f" i ".txt"
    for (line = 0; line < 16; line++) print "line " line " of file " i ": the quick brown fox jumps over the lazy dog" > name
    close(name)
} }'
git add -A
git commit -qm base
for staged in 1 20 500; do
    git reset -q --hard
    rm -rf new
    mkdir new
    number=0
    find "$here/src" -name '*.rs' | sort | head -n "$staged" | while read -r file; do
        number=$((number + 1))
        cp "$file" "new/$number.rs"
    done
    git add -A
    row "staged $staged" saferun "$ours" "$SAFERUN" scan --staged --format jsonl
    row "staged $staged" 'git diff --cached -U0' "$none" git diff --cached -U0
    if has kingfisher; then
        row "staged $staged" 'kingfisher --turbo' "$kingfisher" kingfisher scan --staged --turbo --no-update-check --no-validate .
    fi
    has betterleaks && row "staged $staged" betterleaks "$none" betterleaks git --staged --no-banner .
    has gitleaks && row "staged $staged" gitleaks "$none" gitleaks git --pre-commit --staged --no-banner .
    ! has ripsecrets || row "staged $staged" ripsecrets 'wc -l' ripsecrets --strict-ignore new
done
