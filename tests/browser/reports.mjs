// Sending a report: by mouse, by keyboard alone, and wrongly; with JavaScript and without.

import { FAULT, SEND, pause, quietServices } from "./site.mjs";
import { expect, same, test } from "./runner.mjs";

export const NAME = "reports";
/** A report must show on the page within this. */
const SHOWN_MS_MAX = 2_000;
/** Steps with the Tab key until the wanted element must have the focus. */
const TABS_MAX = 80;
const COUNT = '[data-count="received"]';

let quiet = [];

export async function setUp(base) {
  quiet = await quietServices(base, 8);
}

export async function run(chrome, base) {
  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? "with a script" : "without a script";
    const cases = [
      [`a report by mouse shows at once, ${how}`, byMouse],
      [`a report by keyboard alone shows at once, ${how}`, byKeyboard],
      [`“works for me” is taken and is no problem report, ${how}`, works],
      [`wrong input is explained in place and nothing typed is lost, ${how}`, wrongly],
    ];
    for (const [name, body] of cases) {
      const path = quiet.shift();
      await test(name, async () => {
        const context = await chrome.newContext({ javaScriptEnabled });
        try {
          const page = await context.newPage();
          await page.goto(base + path, { waitUntil: "load" });
          return await body(page, javaScriptEnabled);
        } finally {
          await context.close();
        }
      });
    }
  }
}

async function byMouse(page, scripted) {
  const before = await count(page);
  await page.locator('label:has(input[name="affected"])').first().click();
  await page.locator('label:has(input[name="problem"])').first().click();
  const other = await watcher(page, scripted);
  await page.locator(SEND).click();
  return shown(page, before, other);
}

async function byKeyboard(page, scripted) {
  const before = await count(page);
  const other = await watcher(page, scripted);
  await tabTo(page, 'input[name="affected"]');
  await page.keyboard.press("Space");
  await tabTo(page, 'input[name="problem"]');
  await page.keyboard.press("Space");
  await tabTo(page, SEND);
  const outline = await page.evaluate(() => {
    const style = getComputedStyle(document.activeElement);
    return style.outlineStyle !== "none" || style.boxShadow !== "none";
  });
  expect(outline, "the focus cannot be seen on the button");
  await page.keyboard.press("Enter");
  return shown(page, before, other);
}

async function works(page) {
  const before = await count(page);
  await page.locator('form[action*="/report"] button[name="works"]').click();
  await page.getByText(/thank|noted|received|counted/i).first().waitFor({ timeout: 5_000 });
  await pause(300);
  same(await count(page), before, "problem reports");
  same(await page.locator(FAULT).count(), 0, "faults");
}

async function wrongly(page) {
  const typed = "Es lädt nicht: “<b>nothing</b>” & 5 > 3";
  const comment = page.locator('form[action*="/report"] [name="comment"]');
  if (!(await comment.isVisible())) await page.locator("details:has(textarea) summary").click();
  await comment.fill(typed);
  await page.locator(SEND).click();
  for (const name of ["affected", "problem"]) {
    const fieldset = page.locator(`fieldset:has(input[name="${name}"])`);
    const fault = fieldset.locator(FAULT);
    await fault.waitFor({ state: "visible", timeout: 5_000 });
    expect((await fault.innerText()).trim().length > 5, `${name}: nothing is explained`);
    const id = await fault.getAttribute("id");
    const described = await fieldset.getAttribute("aria-describedby");
    expect((described ?? "").split(" ").includes(id), `${name}: not told to a screen reader`);
  }
  same(await comment.inputValue(), typed, "the comment");
  same(await page.locator("form b").filter({ hasText: /^nothing$/ }).count(), 0, "markup let in");
}

async function count(page) {
  const shown = await page.locator(COUNT).first().innerText();
  return Number(shown.replaceAll(",", ""));
}

/** With a script: a second reader who has the page open and never loads it again. */
async function watcher(page, scripted) {
  if (!scripted) return null;
  const other = await page.context().newPage();
  await other.goto(page.url(), { waitUntil: "load" });
  await other.evaluate(() => (window.stays = true));
  await page.bringToFront();
  return other;
}

/**
 * The time until the count has risen on the page that the sender is led to, and with a script on
 * that of the watcher. Without a script the page is loaded again, as people do; with one it is not.
 */
async function shown(page, before, other) {
  await page.waitForURL(/\/s\/[^/]+\?reported=/, { timeout: 5_000 });
  const began = Date.now();
  if (other) await page.evaluate(() => (window.stays = true));
  const waiting = new Set([page, other].filter(Boolean));
  while (Date.now() - began < SHOWN_MS_MAX) {
    for (const one of waiting) if (await count(one) > before) waiting.delete(one);
    if (waiting.size === 0) {
      for (const one of other ? [page, other] : []) {
        expect(await one.evaluate(() => window.stays === true), "it was loaded again");
      }
      return `${before} → ${await count(page)} after ${Date.now() - began} ms`;
    }
    await pause(50);
    if (!other) await page.reload();
  }
  const late = [...waiting].map((one) => (one === page ? "the sender" : "the watcher"));
  throw new Error(`still ${before} after ${SHOWN_MS_MAX} ms for ${late.join(" and ")}`);
}

async function tabTo(page, selector) {
  for (let step = 0; step < TABS_MAX; step += 1) {
    await page.keyboard.press("Tab");
    const there = await page.evaluate((s) => document.activeElement?.matches(s), selector);
    if (there) return;
  }
  throw new Error(`${selector} is not reached within ${TABS_MAX} steps`);
}
