// Preloaded (`node --import`) into a Node server that would listen on every interface, on a port it
// is told: keeps it on loopback, on a free port, and prints its URL as soon as it listens. The
// server quits when standard input closes, as the other peers do.

import { Server } from "node:net";

const listen = Server.prototype.listen;

Server.prototype.listen = function (_port, whenListening) {
  this.once("listening", () => console.log(`http://127.0.0.1:${this.address().port}/mcp`));
  process.stdin.once("end", () => process.exit()).resume();
  return listen.call(this, { port: 0, host: "127.0.0.1" }, whenListening);
};
