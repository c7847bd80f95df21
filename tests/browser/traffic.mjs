// Pages of traffic, which are no part of the public site: the operator's page, and the page that
// `outcry analyze --html` writes. Real programs: a server that listens for flows, and datagrams.

import { execFileSync, spawn } from "node:child_process";
import dgram from "node:dgram";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";

const BINARY = process.env.OUTCRY_BINARY ?? "target/release/outcry";
const TOKEN = "a-token-of-the-browser-tests";
/** Flows are sent for so long, one datagram in each turn. */
const SEND_MS = 4_000;
const TURN_MS = 5;

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const freePort = () => new Promise((done) => {
  const server = net.createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

/** A datagram of NetFlow v5 with 30 answers of time servers that nobody asked. */
function answers(n) {
  const bytes = Buffer.alloc(24 + 30 * 48);
  bytes.writeUInt16BE(5, 0);
  bytes.writeUInt16BE(30, 2);
  bytes.writeUInt32BE(60_000, 4);
  bytes.writeUInt32BE(Math.floor(Date.now() / 1_000), 8);
  bytes.writeUInt32BE(n * 30, 16);
  bytes.writeUInt16BE(0x4001, 22);
  for (let i = 0; i < 30; i += 1) {
    const at = 24 + i * 48;
    bytes.set([100, 64 + (i % 8), n % 250, i, 198, 51, 100, 5], at);
    bytes.writeUInt32BE(20, at + 16);
    bytes.writeUInt32BE(9_360, at + 20);
    bytes.writeUInt32BE(59_000, at + 24);
    bytes.writeUInt32BE(59_500, at + 28);
    bytes.writeUInt16BE(123, at + 32);
    bytes.writeUInt16BE(80, at + 34);
    bytes[at + 38] = 17;
  }
  return bytes;
}

/** An access log with a flood in it, and a line that is none. */
function log() {
  const lines = ["this is no line of a log"];
  for (let n = 0; n < 9_000; n += 1) {
    const at = new Date(1_700_000_000_000 + n * 100);
    const stamp = at.toUTCString().replace(/^..., (..) (...) (....) (.*) GMT$/, "$1/$2/$3:$4 +0000");
    const line = (client, target, status, agent, from) =>
      `${client} - - [${stamp}] "GET ${target} HTTP/1.1" ${status} 900 "${from}" "${agent}"`;
    lines.push(line(`100.64.${n % 60}.7`, `/p${n % 40}`, 200, `Mozilla/5.0 ${n % 70}`, "https://x/"));
    if (n > 6_000 && n < 7_000) {
      for (let k = 0; k < 12; k += 1) {
        lines.push(line(`100.70.${k}.${n % 90}`, "/login", 503, "python-requests/2", "-"));
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Starts what is needed; gives the kinds of pages, and how to end it. */
export async function traffic() {
  const folder = mkdtempSync(path.join(os.tmpdir(), "outcry-traffic-"));
  const file = (name) => path.join(folder, name);
  writeFileSync(file("access.log"), log());
  const written = file("analysis.html");
  execFileSync(BINARY, ["analyze", file("access.log"), "--html", written]);
  const [flows, shown] = [await freePort(), await freePort()];
  writeFileSync(file("outcry.toml"), [
    "[probes]", "enabled = false", `console = "127.0.0.1:${shown}"`, `token = "${TOKEN}"`,
    "[notices]", "notices_interval_s = 0", "[http]", 'listen = "127.0.0.1:0"',
    "[flows]", `listen = ["127.0.0.1:${flows}"]`, "floor_pps = 1000", "",
  ].join("\n"));
  const server = spawn(BINARY, ["serve", "--config", file("outcry.toml")], { stdio: "ignore" });
  await pause(1_500);
  const socket = dgram.createSocket("udp4");
  for (let n = 0; n * TURN_MS < SEND_MS; n += 1) {
    socket.send(answers(n), flows, "127.0.0.1");
    await pause(TURN_MS);
  }
  socket.close();
  const end = () => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  const pages = [
    { name: "analysis", url: pathToFileURL(written).href, holds: "HTTP flood" },
    { name: "operator", url: `http://127.0.0.1:${shown}/traffic`, holds: "NTP amplification" },
  ];
  return { pages, end, credentials: { username: "any", password: TOKEN } };
}
