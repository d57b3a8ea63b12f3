"""How the scripts here reach the server, hear what is wanted, and answer.

The server and its keys come from the AWS_... variables; what is wanted comes as JSON on standard
input, what was seen goes as JSON to standard output. Any error ends a script with its traceback.
"""

import base64
import hashlib
import json
import os
import sys

import boto3
from botocore.config import Config


def client():
    settings = Config(
        s3={"addressing_style": "path"},
        retries={"total_max_attempts": 3},
        connect_timeout=60,
        read_timeout=60,
    )
    return boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"], config=settings)


def wanted():
    return json.load(sys.stdin)


def answer(seen):
    json.dump(seen, sys.stdout)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def from_base64(text):
    return base64.b64decode(text, validate=True)
