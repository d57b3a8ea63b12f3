"""Writes objects with boto3, those over 5 MiB in parts.

In: {"bucket", "objects": [{"key", "base64", "contentType", "metadata"}],
"large": [{"key", "bytes", "seed"}]}. Out: [{"key", "etag", "sha256"}] in that order.
"""

import io
import random

from boto3.s3.transfer import TransferConfig
from connection import answer, client, from_base64, sha256, wanted

order = wanted()
bucket = order["bucket"]
s3 = client()
seen = []


def tell(key, data):
    head = s3.head_object(Bucket=bucket, Key=key)
    seen.append({"key": key, "etag": head["ETag"], "sha256": sha256(data)})


for item in order["objects"]:
    data = from_base64(item["base64"])
    s3.put_object(
        Bucket=bucket,
        Key=item["key"],
        Body=data,
        ContentType=item["contentType"],
        Metadata=item["metadata"],
    )
    tell(item["key"], data)

in_parts = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
for item in order["large"]:
    data = random.Random(item["seed"]).randbytes(item["bytes"])
    s3.upload_fileobj(io.BytesIO(data), bucket, item["key"], Config=in_parts)
    tell(item["key"], data)
answer(seen)
