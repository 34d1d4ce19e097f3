#!/bin/sh
# saferun agent hook 1: asks saferun before every tool call. Remove it with `saferun uninstall`.
at='@BIN@'
bin=$at
[ -x "$bin" ] || bin=$(command -v saferun) || {
  printf '{"cancel":true,"errorMessage":"saferun: no program at its place and none on PATH; reinstall it, then run: saferun init"}\n'
  exit 0
}
exec "$bin" agent-hook cline
