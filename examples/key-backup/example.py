#!/usr/bin/env python3
"""The textbook's example in Python, through the ringkeep command.

    examples/key-backup/example.py backup redis://127.0.0.1:6379
    examples/key-backup/example.py restore redis://127.0.0.1:6379
"""

import json
import pathlib
import subprocess
import sys

RINGKEEP = str(pathlib.Path(__file__).resolve().parents[2] / "ringkeep")


def key(source, *arguments):
    """Runs `ringkeep key …`; raises CalledProcessError, its exit code tells why."""
    done = subprocess.run(
        [RINGKEEP, "--output", "json", "key", *arguments, "--source", source],
        check=True,
        stdout=subprocess.PIPE,
    )
    return json.loads(done.stdout)


def backup(source, name, backup_key):
    return key(source, "backup", name, backup_key)


def restore(source, backup_key, name):
    return key(source, "restore", backup_key, name)


if __name__ == "__main__":
    step, url = sys.argv[1:]
    if step == "backup":
        backup(url, "key", "backup_key")
    else:
        restore(url, "backup_key", "key")
