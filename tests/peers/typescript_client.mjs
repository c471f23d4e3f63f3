// A client on the TypeScript SDK, as its users would write one: calls every tool of the customer
// records. typescript_client.mjs URL legacy|modern

import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";

const [url, era] = process.argv.slice(2);
const mode = era === "modern" ? { pin: "2026-07-28" } : "legacy";
const client = new Client({ name: "test", version: "1" }, { versionNegotiation: { mode } });
await client.connect(new StreamableHTTPClientTransport(new URL(url)));

async function call(name, args) {
  const result = await client.callTool({ name, arguments: args });
  return result.structuredContent;
}

const { tools } = await client.listTools();
const found = await call("search_customers", { query: "o", limit: 1 });
const id = found.data.customers[0].id;
const customer = await call("get_customer", { customer_id: id });
const activity = await call("list_activity", { customer_id: id });
const missing = await call("get_customer", { customer_id: "nobody" });
const good =
  tools.length === 3 &&
  customer.data.customer.id === id &&
  Array.isArray(activity.data.activities) &&
  missing.error.code === "not_found";
await client.close();
if (!good) throw new Error(JSON.stringify({ tools, customer, activity, missing }));
console.log("every tool answers");
