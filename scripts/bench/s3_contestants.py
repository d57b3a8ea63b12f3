"""Who is measured by `./dev bench s3`, and the command that makes each do the same work."""

import hashlib
import os
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
PART = 8 << 20  # Objects above it may be cut into parts, by those who do that.


class Case(NamedTuple):
    """`count` objects of `size` bytes, `at_once` of them at the same time; `act` is put or get."""

    act: str
    size: int
    at_once: int
    count: int


class Work(NamedTuple):
    """What one run is given: the keys (one a line in `keys`), the file each is made of, and a folder of its own."""

    case: Case
    prefix: str
    keys: list
    file: Path
    folder: Path

    @property
    def key_file(self):
        return self.written("keys", self.keys)

    def written(self, name, lines):
        path = self.folder / name
        path.write_text("".join(f"{line}\n" for line in lines))
        return path


class Contestant:
    """A program that moves objects; `command` is its command line."""

    name = ""
    counts_bytes = False  # Prints how many bytes it moved.
    # Each must find the server by the same variables, and no settings of whoever runs the bench.
    variables = {}

    def __init__(self, server):
        self.server = server

    def takes(self, case):
        return True

    def version(self):
        """A command that prints it."""
        raise NotImplementedError

    def command(self, work):
        raise NotImplementedError


class Ours(Contestant):
    """This repository's S3Client: reads the file, makes the hash, sends; gets and lets go, in one process."""

    name = "ours"
    counts_bytes = True
    act = "put"

    def __init__(self, server, program):
        super().__init__(server)
        self.program = program

    def version(self):
        return None

    def command(self, work):
        act = self.act if work.case.act == "put" else "get"
        return [
            self.program, act, self.server.bucket, str(work.key_file), str(work.file), str(work.case.at_once),
            *self.extra(work),
        ]  # fmt: skip

    def extra(self, work):
        return []


class OursInParts(Ours):
    """The same with `upload`, which hashes parts of 8 MiB in memory and sends four at once, for each object."""

    name = "ours, in parts"
    act = "upload"

    def takes(self, case):
        return case.act == "put" and case.size > PART and case.at_once == 1


class OursHashKnown(Ours):
    """The same where the caller knows the hash, as the archive does of what it has stored before."""

    name = "ours, hash known"

    def takes(self, case):
        return case.act == "put" and case.size > PART

    def extra(self, work):
        return [file_hash(work.file)]


class OursKeepingMemory(Ours):
    """Ours with two variables for glibc, so that it does not give chunks back to the system; only when asked for."""

    name = "ours, keeping memory"
    variables = {"MALLOC_MMAP_THRESHOLD_": str(4 << 20), "MALLOC_TRIM_THRESHOLD_": str(4 << 20)}


class Curl(Contestant):
    """The bare curl with presigned URLs, all in one process: the limit. Neither it nor the server hashes by SHA-256."""

    name = "curl"

    def version(self):
        return ["/usr/bin/curl", "--version"]

    def command(self, work):
        case, lines = work.case, []
        headers = self.headers(work)
        for number, key in enumerate(work.keys):
            lines.append(f'url = "{self.server.presigned(case.act.upper(), key, headers=headers)}"')
            if case.act == "put":
                lines.append(f'upload-file = "{work.file}"')
            else:
                lines.append(f'output = "{self.target(work, number)}"')
        # One header without which curl would wait for "100 Continue" before larger bodies.
        lines += ['header = "Expect:"', *(f'header = "{name}: {value}"' for name, value in headers)]
        parallel = ["--parallel", "--parallel-max", str(case.at_once)] if case.at_once > 1 else []
        return [
            "/usr/bin/curl", "-q", "--silent", "--show-error", "--no-progress-meter", "--fail",
            "--noproxy", "*", *parallel, "--config", str(work.written("requests", lines)),
        ] if work.keys else ["/usr/bin/curl", "--version"]  # fmt: skip

    def target(self, work, number):
        return os.devnull

    def headers(self, work):
        return []


class CurlHashed(Curl):
    """curl sending a hash that it was told, which the server then checks: the limit of what ours can reach."""

    name = "curl, hash told"

    def takes(self, case):
        return case.act == "put" and case.size > PART

    def headers(self, work):
        return [("x-amz-content-sha256", file_hash(work.file))]


class CurlToFiles(Curl):
    """curl writing into files in memory, as awscli and s5cmd do; only when asked for."""

    name = "curl, to files"

    def takes(self, case):
        return case.act == "get" and not repeats(case)

    def target(self, work, number):
        return work.folder / str(number)


class Boto3(Contestant):
    """put_object and get_object, one request for each object, in threads."""

    name = "boto3"
    counts_bytes = True

    def __init__(self, server, packages):
        super().__init__(server)
        self.variables = {"PYTHONPATH": packages}

    def version(self):
        show = "import boto3, sys; print('boto3', boto3.__version__, 'Python', sys.version.split()[0])"
        return [sys.executable, "-c", show]

    def command(self, work):
        return [
            sys.executable, str(HERE / "peer_boto3.py"), work.case.act, self.server.bucket,
            str(work.key_file), str(work.file), str(work.case.at_once),
        ]  # fmt: skip


class AwsCli(Contestant):
    """aws s3 cp --recursive: from links to the one file, into files in memory; ten parts at once, its own default."""

    name = "awscli"

    def __init__(self, server, packages, folder):
        super().__init__(server)
        self.program = [sys.executable, f"{packages}/bin/aws"]
        self.config = folder / "aws-config"
        self.variables = {
            "PYTHONPATH": packages,
            "AWS_CONFIG_FILE": str(self.config),
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }

    def takes(self, case):
        return case.act == "put" or not repeats(case)

    def version(self):
        return [*self.program, "--version"]

    def command(self, work):
        case, folder = work.case, work.folder / "files"
        at_once = 10 if case.at_once == 1 and case.size > PART else case.at_once
        self.config.write_text(f"[default]\ns3 =\n  max_concurrent_requests = {at_once}\n")
        folder.mkdir()
        if case.act == "put":
            for key in work.keys:
                os.link(work.file, folder / key.rsplit("/", 1)[1])
        ends = [str(folder), f"s3://{self.server.bucket}/{work.prefix}"]
        if case.act == "get":
            ends.reverse()
        return [*self.program, "s3", "cp", *ends, "--recursive", "--only-show-errors"]


class S5cmd(Contestant):
    """A line of `s5cmd run` for each object up, one `cp` down into files in memory; five parts of 50 MiB at once."""

    name = "s5cmd"

    def __init__(self, server, packages):
        super().__init__(server)
        self.program = f"{packages}/s5cmd/bin/s5cmd"
        self.variables = {"S3_ENDPOINT_URL": server.endpoint, "AWS_REGION": server.region}

    def version(self):
        return [self.program, "version"]

    def command(self, work):
        remote, case = f"s3://{self.server.bucket}/", work.case
        if case.act == "put":
            rest = ["run", str(work.written("commands", [f"cp {work.file} {remote}{key}" for key in work.keys]))]
        elif repeats(case) or not work.keys:
            rest = ["run", str(work.written("commands", [f"cat {remote}{key}" for key in work.keys]))]
        else:
            rest = ["cp", f"{remote}{work.prefix}*", f"{work.folder}/files/"]
        return [self.program, "--log", "error", "--numworkers", str(case.at_once), *rest]


def repeats(case):
    """Whether the objects are fewer than the requests, as 32 GiB do not fit in."""
    return case.act == "get" and case.size * case.count > 4 << 30


def file_hash(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
