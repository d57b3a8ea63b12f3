"""Tests of `failing_io.c`: which calls fail, where, and that they pass again without the flag."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SOURCE = Path(__file__).with_name("failing_io.c")
COMPILER = shutil.which("cc") or shutil.which("clang")

# Runs in a process of its own with the library loaded; prints the errno of each call, 0 for none.
CHILD = """
import os, sys, sqlite3
folder = sys.argv[1]
file = os.open(folder + "/file", os.O_RDWR | os.O_CREAT)
calls = {
    "write": lambda: os.write(file, b"x"),
    "pwrite": lambda: os.pwrite(file, b"x", 0),
    "writev": lambda: os.writev(file, [b"x"]),
    "ftruncate": lambda: os.ftruncate(file, 1),
    "fsync": lambda: os.fsync(file),
    "fdatasync": lambda: os.fdatasync(file),
}
for name, call in calls.items():
    try:
        call()
        print(name, 0)
    except OSError as error:
        print(name, error.errno)
try:
    base = sqlite3.connect(folder + "/base.sqlite")
    base.execute("pragma journal_mode=wal")
    base.execute("pragma synchronous=full")
    base.execute("create table if not exists t(a)")
    base.execute("insert into t values (1)")
    base.commit()
    print("sqlite", 0)
except sqlite3.Error as error:
    print("sqlite", 1)
"""


@unittest.skipUnless(COMPILER, "needs a C compiler: cc or clang")
class FailingIOTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.root = Path(cls.scratch.name)
        cls.library = cls.root / "failing_io.so"
        subprocess.run(
            [COMPILER, "-shared", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", "-o", cls.library, SOURCE, "-ldl"],
            check=True,
        )

    @classmethod
    def tearDownClass(cls):
        cls.scratch.cleanup()

    def run_child(self, flag, folder="data"):
        for name in ("data", "elsewhere", "database"):
            (self.root / name).mkdir(exist_ok=True)
        (self.root / "flag").unlink(missing_ok=True)
        if flag is not None:
            (self.root / "flag").write_text(flag)
        environment = dict(
            os.environ,
            LD_PRELOAD=str(self.library),
            FAILING_IO_DIRECTORY=str(self.root / "data"),
            FAILING_IO_FLAG=str(self.root / "flag"),
        )
        output = subprocess.run(
            [sys.executable, "-c", CHILD, self.root / folder],
            env=environment, check=True, capture_output=True, text=True,
        ).stdout
        return {name: int(code) for name, code in (line.split() for line in output.splitlines())}

    def test_without_a_flag_everything_passes(self):
        self.assertEqual(set(self.run_child(None).values()), {0})

    def test_failing_fsync(self):
        codes = self.run_child("EIO fsync")
        self.assertEqual([codes["fsync"], codes["fdatasync"]], [5, 5])
        self.assertEqual([codes["write"], codes["pwrite"], codes["ftruncate"]], [0, 0, 0])
        self.assertEqual(codes["sqlite"], 1)

    def test_failing_write(self):
        for name, number in [("EIO", 5), ("ENOSPC", 28)]:
            codes = self.run_child(f"{name} write\n")
            for call in ("write", "pwrite", "writev", "ftruncate"):
                self.assertEqual(codes[call], number, call)
            self.assertEqual([codes["fsync"], codes["sqlite"]], [0, 1])

    def test_both_at_once(self):
        codes = self.run_child("ENOSPC write\nEIO fsync\n")
        self.assertEqual([codes["write"], codes["fsync"]], [28, 5])

    def test_only_some_calls(self):
        codes = self.run_child("EIO write every 2")
        self.assertEqual([codes["write"], codes["pwrite"], codes["writev"]], [0, 5, 0])

    def test_files_elsewhere_are_left_alone(self):
        # Not even where the name begins with the same letters.
        for folder in ("elsewhere", "database"):
            self.assertEqual(set(self.run_child("EIO write\nEIO fsync", folder).values()), {0})

    def test_well_again_after_the_flag_is_gone(self):
        self.run_child("EIO fsync")
        self.assertEqual(set(self.run_child(None).values()), {0})


if __name__ == "__main__":
    unittest.main()
