// Proposing a claim: by keyboard alone, and wrongly; with JavaScript and without.

import { FAULT, SEND, STORY, text } from "./site.mjs";
import { expect, same, test } from "./runner.mjs";

export const NAME = "claims";
const FORM = "/claims/new";
/** Steps with the Tab key until the wanted element must have the focus. */
const TABS_MAX = 80;
const WORDS = "Es hieß: „<b>Angriff</b>“ & mehr";
const NEEDED = ["service", "quote", "role", "when", "medium", "source"];

export async function setUp() {}

export async function run(chrome, base) {
  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? "with a script" : "without a script";
    const cases = [
      [`a claim is proposed by keyboard alone, ${how}`, byKeyboard],
      [`what is missing is explained in place and nothing typed is lost, ${how}`, wrongly],
    ];
    for (const [name, body] of cases) {
      await test(name, async () => {
        const context = await chrome.newContext({ javaScriptEnabled, locale: "en-US" });
        try {
          return await body(await context.newPage(), base);
        } finally {
          await context.close();
        }
      });
    }
  }
}

async function byKeyboard(page, base) {
  await page.goto(`${base}${FORM}?service=${STORY.slice("/s/".length)}`, { waitUntil: "load" });
  same(await page.locator("#service").inputValue(), STORY.slice("/s/".length), "the service");
  await type(page, "#quote", WORDS);
  await tabTo(page, 'input[name="role"]');
  await page.keyboard.press("Space");
  await tabTo(page, "#when");
  // Month, day, year, hour, minute and half of the day, as the browser asks for them.
  await page.keyboard.type("03102025");
  await page.keyboard.press("Tab");
  await page.keyboard.type("0125PM");
  same(await page.locator("#when").inputValue(), "2025-03-10T13:25", "the time");
  await type(page, "#medium", "a post");
  await type(page, "#source", "https://news.example/2");
  await tabTo(page, SEND);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/claims\?proposed=1#thanks$/, { timeout: 5_000 });
  const thanks = await page.locator("#thanks[role=status]").innerText();
  expect(thanks.trim().length > 20, "nobody says thanks");
  const shown = await Promise.all(["/claims", STORY].map((path) => text(base, path)));
  expect(!shown.join().includes("Angriff"), "it is shown before anybody has checked it");
}

async function wrongly(page, base) {
  await page.goto(base + FORM, { waitUntil: "load" });
  await page.locator(SEND).click();
  await page.locator("form [role=alert]").waitFor({ timeout: 5_000 });
  for (const name of NEEDED) {
    const id = `fault-${name}`;
    const fault = page.locator(`#${id}`);
    expect((await fault.innerText()).trim().length > 5, `${name}: nothing is explained`);
    const field = name === "role" ? 'fieldset:has([name="role"])' : `[name="${name}"]`;
    const described = await page.locator(field).getAttribute("aria-describedby");
    expect((described ?? "").split(" ").includes(id), `${name}: not told to a screen reader`);
  }
  await page.locator("#quote").fill(WORDS);
  await page.locator('label:has(input[value="expert"])').click();
  await page.locator("#when").fill("2025-03-10T13:25");
  await page.locator(SEND).click();
  await page.locator("#fault-quote").waitFor({ state: "detached", timeout: 5_000 });
  same(await page.locator("#quote").inputValue(), WORDS, "the words");
  same(await page.locator("#when").inputValue(), "2025-03-10T13:25", "the time");
  expect(await page.locator('input[value="expert"]').isChecked(), "the role is lost");
  same(await page.locator(FAULT).count(), 3, "faults");
  same(await page.locator("form b").count(), 0, "markup let in");
}

/** Goes to a field by keyboard and types into it. */
async function type(page, selector, what) {
  await tabTo(page, selector);
  await page.keyboard.insertText(what);
}

async function tabTo(page, selector) {
  for (let step = 0; step < TABS_MAX; step += 1) {
    await page.keyboard.press("Tab");
    const there = await page.evaluate((s) => document.activeElement?.matches(s), selector);
    if (there) return;
  }
  throw new Error(`${selector} is not reached by ${TABS_MAX} tabs`);
}
