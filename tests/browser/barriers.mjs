// Every kind of page at both widths and in both schemes: no barrier, no sideways scrolling, and
// nothing that the browser complains about.

import { SCHEMES, WIDTHS, axe, kinds, visit } from "./site.mjs";
import { expect, test } from "./runner.mjs";
import { traffic } from "./traffic.mjs";

export const NAME = "barriers";
/** Places named of each violation. */
const PLACES_MAX = 3;

let pages = [];

export async function setUp(base) {
  pages = await kinds(base);
}

/** The pages that are no part of the site come with a program of their own. */
async function besides(chrome) {
  const { pages: apart, end, credentials } = await traffic();
  try {
    await at(chrome, apart, credentials, async (page, kind) => {
      await page.goto(kind.url, { waitUntil: "load" });
      const shown = await page.textContent("main");
      expect(shown.includes(kind.holds), `${kind.holds} is not on the page`);
    });
  } finally {
    end();
  }
}

export async function run(chrome, base) {
  await at(chrome, pages, undefined, (page, kind) => visit(page, base, kind));
  await besides(chrome);
}

async function at(chrome, kinds, httpCredentials, open) {
  for (const width of WIDTHS) {
    for (const colorScheme of SCHEMES) {
      const context = await chrome.newContext({
        viewport: { width, height: 900 }, colorScheme, httpCredentials,
      });
      for (const kind of kinds) {
        const page = await context.newPage();
        const complaints = listen(page);
        const where = `${kind.name} at ${width}, ${colorScheme}`;
        await test(`${where}: the browser complains of nothing`, async () => {
          await open(page, kind);
          await page.evaluate("document.fonts.ready.then(() => true)");
          expect(complaints.length === 0, complaints.join("; "));
        });
        await test(`${where}: no sideways scrolling`, async () => {
          const [content, room] = await page.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.clientWidth]");
          expect(content <= room, `${content} px of content in ${room} px: ${await wide(page)}`);
        });
        await test(`${where}: no barrier`, () => without(page));
        await page.close();
      }
      await context.close();
    }
  }
}

/** Collects what the browser complains of; a page that is an error has its own status. */
function listen(page) {
  const complaints = [];
  const own = /status of (404|422)/;
  page.on("console", (message) => {
    const said = message.text();
    if (["error", "warning"].includes(message.type()) && !own.test(said)) complaints.push(said);
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("response", (answer) => {
    const main = answer.request().isNavigationRequest() || answer.request().method() === "POST";
    if (answer.status() >= 400 && !main) complaints.push(`${answer.status()} ${answer.url()}`);
  });
  return complaints;
}

async function without(page) {
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document);
    return violations.map(({ id, help, nodes }) => ({
      id, help, places: nodes.map((node) => `${node.target.join(" ")} (${node.failureSummary})`),
    }));
  });
  const said = violations.map(({ id, help, places }) =>
    `${id}: ${help}, ${places.length} times, as in ${places.slice(0, PLACES_MAX).join("; ")}`);
  expect(said.length === 0, said.join(" || "));
}

/** What sticks out to the right. */
function wide(page) {
  return page.evaluate((max) => {
    const room = document.documentElement.clientWidth;
    return [...document.body.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > room + 0.5)
      .slice(0, max)
      .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`)
      .join(", ");
  }, PLACES_MAX);
}
