"""A client on the Python SDK (`mcp` 2.x), as its users would write one: calls every tool of the
customer records. python_client.py URL legacy|modern
"""

import asyncio
import sys

from mcp import Client


async def main(url: str, era: str) -> None:
    mode = "2026-07-28" if era == "modern" else "legacy"
    async with Client(url, mode=mode, read_timeout_seconds=20) as client:

        async def call(name: str, arguments: dict) -> dict:
            return (await client.call_tool(name, arguments)).structured_content

        tools = (await client.list_tools()).tools
        found = await call("search_customers", {"query": "o", "limit": 1})
        customer_id = found["data"]["customers"][0]["id"]
        customer = await call("get_customer", {"customer_id": customer_id})
        activity = await call("list_activity", {"customer_id": customer_id})
        missing = await call("get_customer", {"customer_id": "nobody"})
    assert len(tools) == 3, tools
    assert customer["data"]["customer"]["id"] == customer_id, customer
    assert isinstance(activity["data"]["activities"], list), activity
    assert missing["error"]["code"] == "not_found", missing
    print("every tool answers")


asyncio.run(main(*sys.argv[1:]))
