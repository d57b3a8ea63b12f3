"""Uploads a file with tuspy, as its users do; whatever breaks off is retried by the library itself.

In: {"url", "token", "path", "name", "chunkBytes", "stopAt"?, "uploadURL"?}. With `stopAt` it ends there as if its
user had walked away; with `uploadURL` it goes on with an upload. Out: {"uploadURL", "offset", "retries"}.
"""

import json
import sys

from tusclient import client

order = json.load(sys.stdin)
tus = client.TusClient(order["url"] + "/api/uploads", headers={"Authorization": "Bearer " + order["token"]})
uploader = tus.uploader(
    order["path"],
    chunk_size=order["chunkBytes"],
    url=order.get("uploadURL"),
    metadata={"filename": order["name"]},
    metadata_encoding="utf-8",
    retries=100,
    retry_delay=0.2,
    upload_checksum=True,
)
retries = 0
retry = uploader._retry_or_cry


def counted(error):
    global retries
    retries += 1
    retry(error)


uploader._retry_or_cry = counted
uploader.upload(stop_at=order.get("stopAt"))
json.dump({"uploadURL": uploader.url, "offset": uploader.offset, "retries": retries}, sys.stdout)
