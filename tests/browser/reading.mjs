// What people read, with JavaScript and without.

import { STORY, ask, firstService, kinds, surges, text, visit } from "./site.mjs";
import { expect, same, test } from "./runner.mjs";

export const NAME = "reading";
/** Pages that change while they are compared are compared again, at most this often. */
const COMPARISONS_MAX = 3;

let pages = [];

export async function setUp(base) {
  pages = await kinds(base);
}

export async function run(chrome, base) {
  for (const javaScriptEnabled of [true, false]) {
    const how = javaScriptEnabled ? "with a script" : "without a script";
    const context = await chrome.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    await test(`home names X first, ${how}`, async () => {
      await page.goto(base);
      const headline = await page.locator("h1").innerText();
      expect(/\bof [\d,]+ services\b/.test(headline), `headline: ${headline}`);
      expect(!/\bnone of\b/i.test(headline), `headline: ${headline}`);
      const first = page.locator('main a[href^="/s/"]').first();
      same(await first.getAttribute("href"), STORY, "first service");
      same((await first.innerText()).trim(), "X", "first name");
      const place = await first.boundingBox();
      expect(place && place.y < 900, "X stands on the first screen");
    });
    await test(`the page of X tells its surges and whom they hit, ${how}`, async () => {
      await page.goto(base + STORY);
      const said = await page.locator("main").innerText();
      expect(/mostly the mobile app/i.test(said), "“mostly the mobile app” is not said");
      expect(/second (surge|time)/i.test(said), "the second surge is not named");
      expect(await page.locator("main svg").count() > 0, "there is no chart");
    });
    await context.close();
  }
  await test("the chart is read out by keyboard and by pointer", () => chart(chrome, base));
  await test("the first link after X leads to its dossier", async () => {
    const html = await text(base, "/");
    same(firstService(html), STORY, "first service");
    expect(surges(await text(base, STORY)) >= 2, "two surges or more");
  });
  await test("a case file is JSON and names its incident", async () => {
    const incident = pages.find((kind) => kind.name === "incident");
    const answer = await ask(base, `${incident.path}/case.json`);
    same(answer.status, 200, "status");
    expect(/json/.test(answer.headers["content-type"]), answer.headers["content-type"]);
    const file = JSON.stringify(JSON.parse(answer.body.toString("utf8")));
    expect(file.includes(incident.path.slice(3)), "the incident is not named");
  });
  for (const kind of pages.filter((kind) => !kind.prepare)) {
    await test(`${kind.name} says the same with and without a script`, () =>
      compared(chrome, base, kind));
  }
}

/** Walks through a chart; what it says must change with every step. */
async function chart(chrome, base) {
  const context = await chrome.newContext();
  try {
    const page = await context.newPage();
    await page.goto(base + STORY, { waitUntil: "load" });
    const plot = page.locator("[data-values] svg").first();
    const out = page.locator("[data-values] output").first();
    await plot.focus();
    const last = await out.innerText();
    expect(/\d\d:\d\d UTC: /.test(last), `read out: ${last}`);
    await page.keyboard.press("ArrowLeft");
    expect(await out.innerText() !== last, `still ${last} after a step`);
    const box = await plot.boundingBox();
    await page.mouse.move(box.x + box.width / 4, box.y + box.height / 2);
    expect(await out.innerText() !== last, `still ${last} under the pointer`);
  } finally {
    await context.close();
  }
}

/** Compares the words of a page; numbers may move on between two looks. */
async function compared(chrome, base, kind) {
  let difference = "";
  for (let turn = 0; turn < COMPARISONS_MAX; turn += 1) {
    const on = await words(chrome, base, kind, true);
    const off = await words(chrome, base, kind, false);
    const place = on.findIndex((word, index) => word !== off[index]);
    if (place < 0 && on.length === off.length) return;
    const at = place < 0 ? Math.min(on.length, off.length) : place;
    const near = (all) => all.slice(Math.max(0, at - 4), at + 6).join(" ");
    difference = `with “${near(on)}”, without “${near(off)}”`;
  }
  throw new Error(difference);
}

async function words(chrome, base, kind, javaScriptEnabled) {
  const context = await chrome.newContext({ javaScriptEnabled });
  try {
    const page = await context.newPage();
    await visit(page, base, kind);
    const said = await page.locator("body").innerText();
    return said.replace(/\d[\d,.:]*/g, "#").split(/\s+/).filter(Boolean);
  } finally {
    await context.close();
  }
}
