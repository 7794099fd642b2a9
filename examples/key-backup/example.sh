#!/usr/bin/env bash
# The textbook's example for scripts: back a key up, and restore it when it was lost.
#   examples/key-backup/example.sh backup redis://127.0.0.1:6379
#   examples/key-backup/example.sh restore redis://127.0.0.1:6379
set -euo pipefail
ringkeep=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/ringkeep

case ${1:-} in
  backup) "$ringkeep" key backup key backup_key --source "$2" ;;
  restore) "$ringkeep" key restore backup_key key --source "$2" ;;
  *) echo "usage: example.sh backup|restore URL" >&2; exit 2 ;;
esac
