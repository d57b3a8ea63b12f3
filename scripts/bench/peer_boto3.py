"""boto3 as one contestant of `./dev bench s3`: one request for each object, as many threads as requests at once."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
from botocore.config import Config


def main():
    act, bucket, keys, file, at_once = sys.argv[1:]
    config = Config(max_pool_connections=int(at_once), s3={"addressing_style": "path"})
    client = boto3.client("s3", config=config)

    def put(key):
        with open(file, "rb") as body:
            client.put_object(Bucket=bucket, Key=key, Body=body)
        return Path(file).stat().st_size

    def get(key):
        body = client.get_object(Bucket=bucket, Key=key)["Body"]
        return sum(len(chunk) for chunk in body.iter_chunks(256 << 10))

    move = {"put": put, "get": get}[act]
    with ThreadPoolExecutor(int(at_once)) as threads:
        print(sum(threads.map(move, Path(keys).read_text().split())))


main()
