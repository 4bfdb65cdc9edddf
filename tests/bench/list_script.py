"""The other baseline of a list: aiohttp reads it, pymongo stores every row; no framework, nothing is compared."""

import asyncio
import sys

import aiohttp
import pymongo

WINDOW = 4


async def main(base_url: str, uri: str, database: str) -> None:
    """Read every page, a few at a time, and insert its rows."""
    rows = pymongo.MongoClient(uri, w="majority", journal=True)[database]["rows"]
    async with aiohttp.ClientSession() as session:

        async def page(number: int) -> dict:
            async with session.post(f"{base_url}/list", json={"pageIndex": number}) as answer:
                return await answer.json()

        first = await page(1)
        rows.insert_many(first["data"], ordered=False)
        last = -(-first["total"] // len(first["data"]))
        for start in range(2, last + 1, WINDOW):
            for found in await asyncio.gather(*map(page, range(start, min(start + WINDOW, last + 1)))):
                rows.insert_many(found["data"], ordered=False)


asyncio.run(main(*sys.argv[1:4]))
