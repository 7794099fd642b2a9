#!/usr/bin/env bash
# The textbook's example for scripts: back a key up, lose it, restore it.
#   examples/key-backup/example.sh redis://127.0.0.1:6379
set -euo pipefail
source=${1:?usage: example.sh URL}
ringkeep=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/ringkeep

"$ringkeep" key backup key backup_key --source "$source"
# … the application overwrites or deletes the key …
"$ringkeep" key restore backup_key key --source "$source"
