#!/bin/sh
# saferun hook shim 1: judges this @HOOK@. Remove it with `saferun uninstall`.
at='@BIN@'
bin=$at
[ -x "$bin" ] || bin=$(command -v saferun) || {
  printf 'saferun: no program at %s and none on PATH, so this @HOOK@ is blocked.\n' "$at" >&2
  printf '  reinstall saferun, then run: saferun init\n' >&2
  printf "  or remove this hook:         rm '%s'\n" "$0" >&2
  exit 1
}
exec "$bin" hook @HOOK@ "$@"
