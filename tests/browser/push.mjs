// Being told in the browser: the button of a service's page, its worker, and what it shows. A real
// server and a real worker; only the push service itself is played, since there is none in here.

import { spawn } from "node:child_process";
import { createECDH, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { axe, pause, text } from "./site.mjs";
import { expect, same, test } from "./runner.mjs";

export const NAME = "push";
const BINARY = process.env.OUTCRY_BINARY ?? "target/release/outcry";
const ENDPOINT = "https://fcm.googleapis.com/fcm/send/of-the-tests";
/** The server must stand within this. */
const START_MS_MAX = 60_000;
/** Something must show on the page within this. */
const SHOWN_MS_MAX = 10_000;

let site = null;

function freePort() {
  return new Promise((done) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

export async function setUp() {
  const folder = mkdtempSync(path.join(os.tmpdir(), "outcry-push-"));
  const port = await freePort();
  writeFileSync(path.join(folder, "outcry.toml"), [
    "[store]", 'dir = "data"', "[probes]", "enabled = false", "[notices]", "notices_interval_s = 0",
    "[http]", `listen = "127.0.0.1:${port}"`,
    "[alerts]", 'push_contact = "mailto:ops@outages.example"', "",
  ].join("\n"));
  const options = { stdio: "ignore" };
  const server = spawn(BINARY, ["serve", "--config", path.join(folder, "outcry.toml")], options);
  const base = `http://127.0.0.1:${port}`;
  const stop = () => {
    server.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("exit", () => server.kill());
  site = { base, stop };
  for (const began = Date.now(); Date.now() - began < START_MS_MAX; await pause(200)) {
    if ((await text(base, "/s/x").catch(() => "")).includes('id="push"')) return;
  }
  throw new Error("no page of the server offers it");
}

export async function run(chrome) {
  try {
    await test("without a script nothing is offered that would not work", () => bare(chrome));
    await test("a browser subscribes, is told while no page looks, and leaves", () => whole(chrome));
  } finally {
    site?.stop();
  }
}

async function bare(chrome) {
  const context = await chrome.newContext({ javaScriptEnabled: false });
  try {
    const page = await context.newPage();
    await page.goto(`${site.base}/s/x`);
    expect(!(await page.locator("#push").isVisible()), "the button is to be seen");
  } finally {
    await context.close();
  }
}

async function whole(chrome) {
  const context = await chrome.newContext();
  try {
    await context.grantPermissions(["notifications"], { origin: site.base });
    const keys = createECDH("prime256v1");
    const p256dh = keys.generateKeys("base64url", "uncompressed");
    const auth = randomBytes(16).toString("base64url");
    await context.addInitScript(({ endpoint, p256dh, auth }) => {
      const subscription = { toJSON: () => ({ endpoint, keys: { p256dh, auth } }) };
      PushManager.prototype.getSubscription = async () => null;
      PushManager.prototype.subscribe = async (options) => {
        window.asked = options;
        return subscription;
      };
    }, { endpoint: ENDPOINT, p256dh, auth });
    const page = await context.newPage();
    const complaints = [];
    page.on("console", (said) => said.type() === "error" && complaints.push(said.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    const worker = await workerOf(context, page);
    await page.goto(`${site.base}/s/x`, { waitUntil: "load" });
    const button = page.locator("#push button");
    same(await button.textContent(), "Tell me here", "the button");
    await page.addScriptTag({ content: axe }).catch(() => page.evaluate(axe));
    const found = await page.evaluate(() => window.axe.run("#push"));
    same(found.violations.map((it) => it.id).join(), "", "barriers");
    await button.click();
    await page.locator("#push output", { hasText: "You will be told here." })
      .waitFor({ timeout: SHOWN_MS_MAX });
    same(await button.textContent(), "Tell me no more", "the button afterwards");
    const asked = await page.evaluate(() => window.asked);
    expect(asked.userVisibleOnly && asked.applicationServerKey.length === 87, "a key of this site");
    const message = { title: "X has problems", body: "No cause is named.", url: "", tag: "x" };
    await worker.tell(site.base, message);
    same(await shown(page), "X has problems: No cause is named.", "what is shown");
    await button.click();
    await page.locator("#push output", { hasText: "You are told no more." })
      .waitFor({ timeout: SHOWN_MS_MAX });
    // axe is put in past the policy of the page, which complains of it as it should.
    const ours = complaints.filter((it) => !it.includes("Content Security Policy"));
    same(ours.join(" | "), "", "complaints of the browser");
  } finally {
    await context.close();
  }
}

/** The first notification that the worker shows. */
async function shown(page) {
  for (const began = Date.now(); Date.now() - began < SHOWN_MS_MAX; await pause(100)) {
    const found = await page.evaluate(async () => {
      const all = await navigator.serviceWorker.getRegistrations();
      const notes = await Promise.all(all.map((it) => it.getNotifications()));
      return notes.flat().map((it) => `${it.title}: ${it.body}`)[0];
    });
    if (found) return found;
  }
  return undefined;
}

/** What tells the worker as a push service would. */
async function workerOf(context, page) {
  const session = await context.newCDPSession(page);
  let registrationId = null;
  session.on("ServiceWorker.workerRegistrationUpdated", ({ registrations }) => {
    registrationId = registrations.find((it) => !it.isDeleted)?.registrationId ?? registrationId;
  });
  await session.send("ServiceWorker.enable");
  return {
    tell: async (origin, message) => {
      expect(registrationId !== null, "no worker is registered");
      const data = JSON.stringify(message);
      await session.send("ServiceWorker.deliverPushMessage", { origin, registrationId, data });
    },
  };
}
