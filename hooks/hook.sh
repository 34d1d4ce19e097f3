#!/bin/sh
# saferun hook shim 1: judges this @HOOK@. Remove it with `saferun uninstall`.
bin='@BIN@'
[ -x "$bin" ] || bin=$(command -v saferun) || {
  echo "saferun: no program at @BIN@ and none on PATH, so this @HOOK@ is blocked." >&2
  echo "  reinstall saferun, then run: saferun init" >&2
  echo "  or remove this hook:         rm '$0'" >&2
  exit 1
}
exec "$bin" hook @HOOK@ "$@"
