// The site under test: a demo of its own, the browser, and every kind of page.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import http from "node:http";
import net from "node:net";
import path from "node:path";
import zlib from "node:zlib";

/** In the second surge of the story, and live from there on. */
const START = "2025-03-10T14:05:00Z";
/** The story must stand within this. */
const STORY_MS_MAX = 120_000;
/** Services looked at in search of quiet ones. */
const CANDIDATES_MAX = 60;

const modules = process.env.OUTCRY_MODULES ?? "target/browser/node_modules";
const load = createRequire(path.resolve(modules, "outcry.cjs"));
export const { chromium } = load("playwright-core");
export const axe = readFileSync(load.resolve("axe-core/axe.min.js"), "utf8");

export const WIDTHS = [1280, 390];
export const SCHEMES = ["light", "dark"];
/** The service of the story. */
export const STORY = "/s/x";

/** Waits without keeping anything else from happening. */
export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Asks for a path; the body is as it came, not decoded. */
export function ask(base, target, headers = {}, method = "GET", body = undefined) {
  return new Promise((done, fail) => {
    const options = { method, headers, agent: false, timeout: 10_000 };
    const request = http.request(new URL(target, base), options, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("error", fail);
      answer.on("end", () =>
        done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
    });
    request.on("timeout", () => request.destroy(new Error(`${target} did not answer in 10 s`)));
    request.on("error", fail);
    request.end(body);
  });
}

/** The text of a page. */
export async function text(base, target) {
  const answer = await ask(base, target);
  return answer.body.toString("utf8");
}

/** Undoes a content coding. */
export function decoded(answer) {
  const coding = answer.headers["content-encoding"];
  return coding === "br" ? zlib.brotliDecompressSync(answer.body) : answer.body;
}

function freePort() {
  return new Promise((done, fail) => {
    const listener = net.createServer();
    listener.on("error", fail);
    listener.listen(0, "127.0.0.1", () => {
      const { port } = listener.address();
      listener.close(() => done(port));
    });
  });
}

/** Starts the demo and waits until the story stands in its second surge. */
export async function start() {
  const binary = process.env.OUTCRY_BINARY ?? "target/release/outcry";
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const story = ["--start", START, "--speed", "1"];
  const child = spawn(binary, ["demo", "--listen", `127.0.0.1:${port}`, ...story], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const hear = (part) => (said = (said + part).slice(-4_000));
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  let ended = null;
  child.on("exit", (code, signal) => (ended = `ended with ${code ?? signal}`));
  child.on("error", (error) => (ended = error.message));
  const stop = () => child.kill("SIGKILL");
  process.on("exit", stop);
  const began = Date.now();
  while (Date.now() - began < STORY_MS_MAX && !ended) {
    const home = await text(base, "/").catch(() => "");
    if (firstService(home) === STORY && surges(await text(base, STORY)) >= 2) {
      return { base, stop, seconds: (Date.now() - began) / 1_000, ended: () => ended };
    }
    await pause(200);
  }
  stop();
  throw new Error(`the story did not come to its second surge: ${ended ?? "too slow"}\n${said}`);
}

/** The first service that a page leads to. */
export function firstService(html) {
  return html.split(/<main/)[1]?.match(/href="(\/s\/[^"/]+)"/)?.[1] ?? null;
}

const ORDINALS = ["first", "second", "third", "fourth", "fifth"];

/** The number of the newest surge that a page of a service names. */
export function surges(html) {
  const names = html.matchAll(/(first|second|third|fourth|fifth) surge/gi);
  return Math.max(0, ...[...names].map(([, name]) => ORDINALS.indexOf(name.toLowerCase()) + 1));
}

/** Reports received as a page says. */
export function received(html) {
  const count = html.match(/data-count="received"[^>]*>\s*([\d,]+)/)?.[1];
  return count === undefined ? NaN : Number(count.replaceAll(",", ""));
}

/** Services about which nothing was reported of late, `wanted` of them. */
export async function quietServices(base, wanted) {
  const all = (await text(base, "/services")).matchAll(/href="(\/s\/[^"/]+)"/g);
  const paths = [...new Set([...all].map(([, found]) => found))].filter((p) => p !== STORY);
  const quiet = [];
  for (const candidate of paths.reverse().slice(0, CANDIDATES_MAX)) {
    if (quiet.length < wanted && received(await text(base, candidate)) === 0) quiet.push(candidate);
  }
  if (quiet.length < wanted) {
    throw new Error(`only ${quiet.length} of ${paths.length} services are quiet`);
  }
  return quiet;
}

/** Every kind of page: its name, where it is, and what is done there first. */
export async function kinds(base) {
  const [quiet] = await quietServices(base, 1);
  const incident = (await text(base, STORY)).match(/href="(\/i\/[^"/#]+)/)?.[1];
  if (!incident) throw new Error(`${STORY} leads to no incident`);
  return [
    { name: "home", path: "/" },
    { name: "service", path: STORY },
    { name: "quiet-service", path: quiet },
    { name: "incident", path: incident },
    { name: "incidents", path: "/incidents" },
    { name: "services", path: "/services" },
    { name: "search", path: "/search?q=bank" },
    { name: "methods", path: "/methods" },
    { name: "data", path: "/data" },
    { name: "404", path: "/no-such-page" },
    { name: "report-error", path: quiet, prepare: sendNothing },
    { name: "claims", path: "/claims" },
    { name: "claim-form", path: `/claims/new?service=${STORY.slice("/s/".length)}` },
    { name: "claim-form-error", path: "/claims/new", prepare: sendNothing },
  ];
}

/** The button that sends a problem, and not the one that says that all is well. */
export const SEND = 'form:is([action*="/report"], .ask) button:not([name])';
/** What says that an answer is missing. */
export const FAULT = '[id^="fault-"]';

async function sendNothing(page) {
  await page.locator(SEND).click();
  await page.locator(FAULT).first().waitFor({ timeout: 5_000 });
}

/** Opens a kind of page and does there what belongs to it. */
export async function visit(page, base, kind) {
  await page.goto(base + kind.path, { waitUntil: "load" });
  await kind.prepare?.(page);
}

/** A browser; `--no-sandbox` since tests may run as root in a container. */
export function browser() {
  return chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
}
