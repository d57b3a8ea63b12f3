"""Uploads files in forms, with requests (one body) and with aiohttp (chunks, without a length).

In: {"url", "token", "files": [{"name", "text"}]}. Out: for each file, what each library was answered:
[{"status", "body"}].
"""

import asyncio
import json
import sys

import aiohttp
import requests

order = json.load(sys.stdin)
address, headers = order["url"] + "/api/files", {"Authorization": "Bearer " + order["token"]}


def with_requests(file):
    answer = requests.post(
        address, headers=headers, timeout=60, data={"comment": "a field"},
        files={"file": (file["name"], file["text"].encode(), "application/x-wrong")},
    )  # fmt: skip
    return {"status": answer.status_code, "body": answer.json()}


async def chunks(data):
    for start in range(0, len(data), 1000):
        yield data[start : start + 1000]


async def with_aiohttp(file):
    with aiohttp.MultipartWriter("form-data") as form:
        part = form.append(chunks(file["text"].encode()))
        # Otherwise it percent-encodes names, which no browser does and nobody undoes.
        part.set_content_disposition("form-data", quote_fields=False, name="file", filename=file["name"])
    async with aiohttp.ClientSession(headers=headers) as session:
        async with session.post(address, data=form) as answer:
            return {"status": answer.status, "body": await answer.json(content_type=None)}


answers = []
for file in order["files"]:
    answers += [with_requests(file), asyncio.run(with_aiohttp(file))]
json.dump(answers, sys.stdout)
