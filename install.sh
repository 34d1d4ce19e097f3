#!/bin/sh
# Puts saferun in place: builds it here, or takes a given file, and says what
# it did, how to undo it and what to do next. Never needs root.
set -eu

usage='usage: ./install.sh [--demo] [--prefix DIR] [--from FILE --sha256 SUM]

  --demo          run `saferun demo` afterwards
  --prefix DIR    install to DIR/bin [default: ~/.local]
  --from FILE     install this program instead of building one
  --sha256 SUM    the checksum that FILE must have'

# The exit codes of saferun itself: 1 verification failed, 2 usage, 4 environment.
fail() {
    code=$1
    shift
    echo "install.sh: $*" >&2
    exit "$code"
}

value() { [ -n "${2:-}" ] || fail 2 "\`$1\` needs a value; see \`./install.sh --help\`"; }

demo='' prefix='' from='' sum=''
while [ $# -gt 0 ]; do
    case $1 in
        --demo) demo=yes ;;
        --prefix) value "$@"; prefix=$2; shift ;;
        --prefix=*) prefix=${1#*=} ;;
        --from) value "$@"; from=$2; shift ;;
        --from=*) from=${1#*=} ;;
        --sha256) value "$@"; sum=$2; shift ;;
        --sha256=*) sum=${1#*=} ;;
        -h | --help) echo "$usage"; exit 0 ;;
        *) fail 2 "\`$1\` is not an option; see \`./install.sh --help\`" ;;
    esac
    shift
done

[ -n "$prefix" ] || [ -n "${HOME:-}" ] || fail 2 'there is no home directory; name a place with `--prefix DIR`'
prefix=${prefix:-$HOME/.local}
case $prefix in /*) ;; *) prefix=$PWD/$prefix ;; esac
if [ -n "$from" ] && [ -z "$sum" ]; then
    fail 2 '`--from` needs `--sha256`, the checksum that was published with the file'
elif [ -z "$from" ] && [ -n "$sum" ]; then
    fail 2 '`--sha256` needs `--from`, the file to check'
fi
source=$(cd "$(dirname "$0")" && pwd)

checksum() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum <"$1" | cut -d ' ' -f 1
    elif command -v shasum >/dev/null 2>&1; then
        shasum -a 256 <"$1" | cut -d ' ' -f 1
    else
        fail 4 'neither sha256sum nor shasum is here, so the file can not be checked'
    fi
}

build() {
    cargo=$(command -v cargo) || cargo=${CARGO_HOME:-${HOME:-}/.cargo}/bin/cargo
    [ -x "$cargo" ] || fail 4 'cargo is missing; install Rust (https://rustup.rs), then run this again'
    compiler=
    for name in ${CC:-} cc gcc clang; do
        if command -v "$name" >/dev/null 2>&1; then compiler=$name; break; fi
    done
    [ -n "$compiler" ] || fail 4 'a C compiler is missing (SQLite needs one); install gcc or clang, then run this again'
    echo "Building saferun from $source; the first time takes some minutes."
    target=${CARGO_TARGET_DIR:-$source/target}
    unset CARGO_BUILD_TARGET
    (cd "$source" && "$cargo" build --release --locked --bin saferun --target-dir "$target") ||
        fail 4 'the build failed; cargo says why above'
    from=$target/release/saferun
}

if [ -n "$from" ]; then
    [ -f "$from" ] || fail 2 "there is no file \`$from\`"
    found=$(checksum "$from")
    [ "$found" = "$(echo "$sum" | tr 'A-F' 'a-f')" ] ||
        fail 1 "\`$from\` has the checksum $found, not the one given; nothing was installed"
else
    build
fi

# A new file that is renamed into place: a hook that runs meanwhile finds the
# old program or the new one, never half of it.
bin=$prefix/bin/saferun
mkdir -p "$prefix/bin" || fail 4 "can not make \`$prefix/bin\`; name another place with \`--prefix DIR\`"
fresh=$prefix/bin/.saferun.$$
trap 'rm -f "$fresh"' EXIT
trap 'exit 130' INT TERM
cp "$from" "$fresh" && chmod 755 "$fresh" || fail 4 "can not write to \`$prefix/bin\`"
"$fresh" --version >/dev/null 2>&1 || fail 4 "\`$from\` does not run on this machine; nothing was installed"
mv -f "$fresh" "$bin"
echo "Installed $("$bin" --version) as $bin"

installed=$bin
extra() {
    [ -d "$(dirname "$1")" ] && [ -w "$(dirname "$1")" ] || return 0
    file=$1
    shift
    if "$bin" "$@" >"$file"; then
        echo "      and $file"
        installed="$installed $file"
    fi
}
share=$prefix/share
extra "$share/bash-completion/completions/saferun" completions bash
extra "$share/zsh/site-functions/_saferun" completions zsh
extra "$share/fish/vendor_completions.d/saferun.fish" completions fish
extra "$share/man/man1/saferun.1" man

echo
case :$PATH: in
    *:"$prefix/bin":*)
        first=$(command -v saferun || true)
        [ "$first" = "$bin" ] || echo "Note:  another saferun comes first on PATH: $first"
        next=saferun
        ;;
    *)
        echo "$prefix/bin is not on PATH; put this into your shell's profile:"
        echo "  export PATH=\"$prefix/bin:\$PATH\""
        next=$bin
        ;;
esac
echo "Next:  $next init          guard the repository that you are in"
[ -n "$demo" ] || echo "       $next demo          see it at work, in a throw-away directory"
echo "Undo:  $next uninstall     in each repository that it guards, then"
echo "       rm $installed"

if [ -n "$demo" ]; then
    echo
    "$bin" demo
fi
