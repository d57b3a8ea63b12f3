"""Runs one command and says, as JSON, its wall time, CPU time and peak memory.

    python3 -I -S measure.py SECONDS STDOUT STDERR COMMAND...

A process of its own, and as small as Python can be, because of how Linux counts: the peak of a
program never reads less than what its parent occupied at the moment of the start.
"""

import json
import os
import sys
import time
from signal import SIGALRM, SIGKILL, alarm, signal


def main():
    seconds, output, errors = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, flags, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, errors, flags, 0o600),
    ]
    start = time.monotonic()
    # A group of its own, so that what the command starts ends with it at the deadline.
    pid = os.posix_spawn(sys.argv[4], sys.argv[4:], os.environ, file_actions=actions, setpgroup=0)
    signal(SIGALRM, lambda *_: os.killpg(pid, SIGKILL))
    alarm(seconds)
    _, status, usage = os.wait4(pid, 0)
    wall = time.monotonic() - start
    alarm(0)
    report = {
        "code": os.waitstatus_to_exitcode(status),
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peak_kib": usage.ru_maxrss,
    }
    print(json.dumps(report))


main()
