"""Reads a whole bucket with boto3: list in pages, then head and get of each key.

In: {"bucket"}. Out: [{"key", "listedBytes", "etag", "headBytes", "contentType", "metadata",
"sha256"}] in the order of the list.
"""

from connection import answer, client, sha256, wanted

bucket = wanted()["bucket"]
s3 = client()
# Pages so small that the continuation is used as well. boto3 asks for encoding-type=url and
# decodes the keys by itself.
pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 5})
seen = []
for page in pages:
    for listed in page.get("Contents", []):
        head = s3.head_object(Bucket=bucket, Key=listed["Key"])
        got = s3.get_object(Bucket=bucket, Key=listed["Key"])
        seen.append(
            {
                "key": listed["Key"],
                "listedBytes": listed["Size"],
                "etag": listed["ETag"],
                "headBytes": head["ContentLength"],
                "contentType": head["ContentType"],
                "metadata": head["Metadata"],
                "sha256": sha256(got["Body"].read()),
            }
        )
answer(seen)
