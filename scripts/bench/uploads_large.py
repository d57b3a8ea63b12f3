"""One large file in a form, by tus and out by a link, through a server that the kernel gives 256 MiB for its data."""

import base64
import hashlib
import json
import os
import resource
import subprocess
import tempfile
import time

from uploads_contestants import MIB, asked, ours, signed_up

LIMIT = 256 * MIB


def limited():
    """In the server's process, before it is the server: beyond that it gets no memory."""
    resource.setrlimit(resource.RLIMIT_DATA, (LIMIT, LIMIT))
    # Stacks of threads count as a whole, though little of them is ever used.
    resource.setrlimit(resource.RLIMIT_STACK, (MIB, MIB))


def write_noise(path, size):
    """Writes bytes that are alike nowhere; their SHA-256."""
    digest = hashlib.sha256()
    with open(path, "wb") as file:
        for _ in range(size // (8 * MIB)):
            block = os.urandom(8 * MIB)
            digest.update(block)
            file.write(block)
    return digest.hexdigest()


def curl(*options):
    command = ["curl", "--silent", "--show-error", "--fail", "--header", "Expect:", *options]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode()


def measured(what, server, size, work):
    server.forget_peak()
    start = time.monotonic()
    result = work()
    rate = size / MIB / (time.monotonic() - start)
    print(f"  {what:<28} {rate:5.0f} MiB/s, peak {server.peak_mib():4.0f} MiB", flush=True)
    return result


def in_form(server, token, source):
    answer = curl("--header", f"Authorization: Bearer {token}", "--form", f"file=@{source}", server.url + "/api/files")
    return json.loads(answer)


def by_tus(server, token, source, size):
    fields = {
        "Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0",
        "Upload-Metadata": "filename " + base64.b64encode(b"large").decode(),
    }  # fmt: skip
    headers = [part for name, value in fields.items() for part in ("--header", f"{name}: {value}")]
    created = curl(
        "--include", "--request", "POST", *headers, "--header", f"Upload-Length: {size}", server.url + "/api/uploads"
    )
    path = next(line.split()[1] for line in created.splitlines() if line.lower().startswith("location:"))
    # Unlike --data-binary, --upload-file reads as it sends.
    curl(
        *headers, "--header", "Upload-Offset: 0", "--header", "Content-Type: application/offset+octet-stream",
        "--request", "PATCH", "--upload-file", source, server.url + path,
    )  # fmt: skip
    return asked(f"{server.url}/api/files/{path.rsplit('/', 1)[1]}", token)


def fetched(url):
    """The SHA-256 of what a link leads to."""
    digest = hashlib.sha256()
    with subprocess.Popen(["curl", "--silent", "--fail", url], stdout=subprocess.PIPE) as process:
        while block := process.stdout.read(MIB):
            digest.update(block)
    assert process.returncode == 0, "the download failed"
    return digest.hexdigest()


def run(program, size):
    with tempfile.TemporaryDirectory() as folder:
        digest = write_noise(f"{folder}/source", size)
        server = ours(program, folder, max_bytes=size, preexec_fn=limited)
        try:
            token = signed_up(server)
            print(f"one file of {size >> 30} GiB, at most {LIMIT // MIB} MiB of data for the server", flush=True)
            works = [
                ("in a form", lambda: in_form(server, token, f"{folder}/source")),
                ("by tus, in one request", lambda: by_tus(server, token, f"{folder}/source", size)),
            ]
            for what, work in works:
                file = measured(what, server, size, work)
                assert (file["size"], file["sha256"]) == (size, digest), file
            url = asked(f"{server.url}/api/files/{file['id']}/links", token, {})["url"]
            assert measured("by a link", server, size, lambda: fetched(url)) == digest
        finally:
            server.stop()
