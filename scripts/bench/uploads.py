"""Sends files to our server and fetches them, and does the same through nginx, with the same bucket behind both.

nginx passes bytes on and knows nothing of them: it is what the way through a server costs at least. Ours signs in the
sender, parses the form, hashes and sniffs, signs what goes to the bucket, looks up whether the link is good, and counts.
nginx gets addresses that are signed beforehand. One client, curl, for both.

./dev bench uploads [--rounds N]. Each figure is the median of the rounds, which alternate.
"""

import argparse
import datetime
import hashlib
import hmac
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

MIB = 1 << 20
# How many at once, MiB of each.
CASES = [(1, 256), (32, 16)]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def presigned(method, key):
    """An address of the bucket that is good for a day (SigV4 in the query)."""
    endpoint = urllib.parse.urlsplit(os.environ["ARCHIVE_S3_ENDPOINT"])
    region = os.environ.get("ARCHIVE_S3_REGION", "us-east-1")
    path = f"/{os.environ['ARCHIVE_S3_BUCKET']}/{key}"
    moment = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{moment[:8]}/{region}/s3/aws4_request"
    query = urllib.parse.urlencode(
        {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{os.environ['ARCHIVE_S3_ACCESSKEY']}/{scope}",
            "X-Amz-Date": moment,
            "X-Amz-Expires": "86400",
            "X-Amz-SignedHeaders": "host",
        },
        quote_via=urllib.parse.quote,
    )
    request = f"{method}\n{path}\n{query}\nhost:{endpoint.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{digest}"
    key = ("AWS4" + os.environ["ARCHIVE_S3_SECRETKEY"]).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    return f"{path}?{query}&X-Amz-Signature={signature}"


class Server:
    """A process that listens, and all its children."""

    def __init__(self, command, port, **options):
        self.process = subprocess.Popen(command, start_new_session=True, **options)
        self.url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    self.stop()
                    raise SystemExit(f"{command[0]} does not start")
                time.sleep(0.05)

    def pids(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [self.process.pid, *map(int, children.split())]

    def peak_mib(self):
        peaks = []
        for pid in self.pids():
            for line in Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    peaks.append(int(line.split()[1]) / 1024)
        return sum(peaks)

    def forget_peak(self):
        for pid in self.pids():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(30)


def ours(program, folder):
    port = free_port()
    settings = {
        "http.port": port,
        "data.directory": f"{folder}/data",
        "uploads.maxBytes": "1GiB",
        "uploads.atOnce": 64,
        "uploads.atOncePerUser": 64,
        "uploads.quotaBytes": "1000GiB",
        "limits.uploadsPerAddress": "off",
        "limits.uploadsPerAccount": "off",
        "limits.downloadsPerAddress": "off",
        "pictures.program": "off",
        "log.level": "error",
    }
    flags = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
    return Server([program, "serve", *flags], port, stdout=subprocess.DEVNULL)


def nginx(folder):
    port = free_port()
    endpoint = urllib.parse.urlsplit(os.environ["ARCHIVE_S3_ENDPOINT"]).netloc
    Path(folder, "nginx.conf").write_text(
        f"""daemon off; worker_processes auto; pid {folder}/nginx.pid; error_log stderr error;
        events {{ worker_connections 1024; }}
        http {{
          access_log off; client_max_body_size 0; client_body_temp_path {folder}/body;
          proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u;
          scgi_temp_path {folder}/s;
          upstream bucket {{ server {endpoint}; keepalive 64; }}
          server {{
            listen 127.0.0.1:{port};
            location / {{
              proxy_pass http://bucket; proxy_http_version 1.1; proxy_set_header Connection "";
              proxy_set_header Host {endpoint}; proxy_request_buffering off; proxy_max_temp_file_size 0;
            }}
          }}
        }}"""
    )
    program = "/usr/sbin/nginx"
    return Server([program, "-p", folder, "-c", f"{folder}/nginx.conf"], port)


def asked(url, token=None, body=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = "Bearer " + token
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers)) as answer:
        return json.load(answer)


def curl(transfers, count):
    """Runs transfers, each a list of curl's options, at once; their answers."""
    command = ["curl", "--silent", "--show-error", "--fail", "--parallel", "--parallel-immediate",
               "--parallel-max", str(count), "--no-progress-meter"]
    for number, transfer in enumerate(transfers):
        command += (["--next", "--silent", "--show-error", "--fail"] if number else []) + transfer
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def measured(server, transfers, count, total):
    server.forget_peak()
    start = time.monotonic()
    output = curl(transfers, count)
    return output, total / MIB / (time.monotonic() - start), server.peak_mib()


def round_ours(server, token, source, count, total):
    upload = ["--header", f"Authorization: Bearer {token}", "--header", "Expect:",
              "--form", f"file=@{source}", "--write-out", "\\n", server.url + "/api/files"]
    output, up, up_peak = measured(server, [upload] * count, count, total)
    ids = [json.loads(line)["id"] for line in output.decode().splitlines() if line.strip()]
    assert len(ids) == count, output
    links = [asked(f"{server.url}/api/files/{id}/links", token, {})["url"] for id in ids]
    fetch = [["--output", "/dev/null", url] for url in links]
    _, down, down_peak = measured(server, fetch, count, total)
    return up, up_peak, down, down_peak


def round_nginx(server, source, count, total):
    keys = [f"bench/{time.monotonic_ns()}-{number}" for number in range(count)]
    send = [["--header", "Expect:", "--output", "/dev/null", "--upload-file", source,
             server.url + presigned("PUT", key)] for key in keys]
    _, up, up_peak = measured(server, send, count, total)
    fetch = [["--output", "/dev/null", server.url + presigned("GET", key)] for key in keys]
    _, down, down_peak = measured(server, fetch, count, total)
    return up, up_peak, down, down_peak


def report(name, rounds):
    up, up_peak, down, down_peak = (statistics.median(values) for values in zip(*rounds))
    print(f"  {name:<6} upload {up:7.0f} MiB/s, peak {up_peak:5.0f} MiB"
          f"   download {down:7.0f} MiB/s, peak {down_peak:5.0f} MiB", flush=True)
    return up, down


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ours", required=True, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.environ["no_proxy"] = "127.0.0.1"
    with tempfile.TemporaryDirectory() as folder:
        servers = []
        try:
            servers = [ours(arguments.ours, folder), nginx(folder)]
            account = {"email": "a@example.org", "name": "Ada", "password": "correct horse"}
            token = asked(servers[0].url + "/api/auth/signup", body=account)["accessToken"]
            for count, size in CASES:
                source = f"{folder}/source"
                with open(source, "wb") as file:
                    for _ in range(size):
                        file.write(os.urandom(MIB))
                total = count * size * MIB
                results = ([], [])
                for _ in range(arguments.rounds):
                    results[0].append(round_ours(servers[0], token, source, count, total))
                    results[1].append(round_nginx(servers[1], source, count, total))
                print(f"{count} at once, {size} MiB each")
                mine, theirs = report("ours", results[0]), report("nginx", results[1])
                print(f"  ratio  upload {mine[0] / theirs[0]:.2f}   download {mine[1] / theirs[1]:.2f}",
                      flush=True)
        finally:
            for server in servers:
                server.stop()


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"a transfer failed: {error.returncode}")
