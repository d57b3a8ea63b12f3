"""Uploads a file with tuspy, as its users do; whatever breaks off is retried by the library itself.

In: {"url", "token", "path", "name", "chunkBytes", "checks", "stopAt"?, "uploadURL"?, "progress"?, "pause"?}. With
`stopAt` it ends there as if its user had walked away; with `uploadURL` it goes on with an upload. After each chunk it
writes the offset to the file `progress`, and waits `pause` seconds, as somebody with a slow line does.
Out: {"uploadURL", "offset", "retries", "offsets"}: the offsets at which chunks began.
"""

import json
import os
import sys
import time

from tusclient import client

order = json.load(sys.stdin)
tus = client.TusClient(order["url"] + "/api/uploads", headers={"Authorization": "Bearer " + order["token"]})
uploader = tus.uploader(
    order["path"],
    chunk_size=order["chunkBytes"],
    url=order.get("uploadURL"),
    metadata={"filename": order["name"]},
    metadata_encoding="utf-8",
    retries=150,
    retry_delay=0.2,
    upload_checksum=order["checks"],
)
retries, offsets = 0, []
retry, send = uploader._retry_or_cry, uploader._do_request


def counted(error):
    global retries
    retries += 1
    retry(error)


def noted():
    offsets.append(uploader.offset)
    send()


uploader._retry_or_cry, uploader._do_request = counted, noted


def report():
    if "progress" in order:
        with open(order["progress"] + ".new", "w") as file:
            file.write(str(uploader.offset))
        os.replace(order["progress"] + ".new", order["progress"])
    time.sleep(order.get("pause", 0))


end = order.get("stopAt") or uploader.get_file_size()
while not uploader.url or uploader.offset < end:
    uploader.upload(stop_at=min(uploader.offset + order["chunkBytes"], end))
    report()
json.dump({"uploadURL": uploader.url, "offset": uploader.offset, "retries": retries, "offsets": offsets}, sys.stdout)
