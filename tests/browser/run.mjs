// The site in a real browser: what people read, what they can send, and that nobody is shut out.

import { browser, start } from "./site.mjs";
import { close, test } from "./runner.mjs";
import * as barriers from "./barriers.mjs";
import * as claims from "./claims.mjs";
import * as push from "./push.mjs";
import * as reading from "./reading.mjs";
import * as reports from "./reports.mjs";
import * as weight from "./weight.mjs";

let site = null;
let chrome = null;
try {
  await test("the demo comes to the second surge of X", async () => {
    site = await start();
    return `${site.seconds.toFixed(1)} s`;
  });
  if (site) {
    await test("the browser starts", async () => {
      chrome = await browser();
      return chrome.version();
    });
  }
  if (chrome) {
    for (const suite of [reading, reports, claims, weight, barriers, push]) {
      await test(`${suite.NAME}: set-up`, () => suite.setUp(site.base));
      await suite.run(chrome, site.base);
    }
    await test("the server is still running at the end", async () => {
      if (site.ended()) throw new Error(site.ended());
    });
  }
} finally {
  await chrome?.close();
  site?.stop();
}
close();
