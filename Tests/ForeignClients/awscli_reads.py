"""Reads objects with awscli, each command as one would type it.

In: {"bucket", "keys"}. Out: {"listing": lines of `aws s3 ls`, "objects": [{"key", "headBytes",
"contentType", "metadata", "sha256", "lines"}]}, where lines is what zcat makes of a key that ends
in .gz.
"""

import json
import os
import subprocess
import sys
import tempfile

from connection import answer, sha256, wanted


def aws(*arguments):
    command = [sys.executable, "-m", "awscli", *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def head(bucket, key):
    return json.loads(aws("s3api", "head-object", "--output", "json", "--bucket", bucket, "--key", key))


def read(bucket, key, folder):
    seen = head(bucket, key)
    path = os.path.join(folder, "object")
    aws("s3", "cp", "--no-progress", "--quiet", f"s3://{bucket}/{key}", path)
    with open(path, "rb") as file:
        data = file.read()
    lines = []
    if key.endswith(".gz"):
        unpacked = subprocess.run(["zcat"], input=data, check=True, stdout=subprocess.PIPE)
        lines = unpacked.stdout.decode().splitlines()
    return {
        "key": key,
        "headBytes": seen["ContentLength"],
        "contentType": seen["ContentType"],
        "metadata": seen["Metadata"],
        "sha256": sha256(data),
        "lines": lines,
    }


order = wanted()
with tempfile.TemporaryDirectory() as folder:
    answer(
        {
            "listing": aws("s3", "ls", "--recursive", f"s3://{order['bucket']}").decode().splitlines(),
            "objects": [read(order["bucket"], key, folder) for key in order["keys"]],
        }
    )
