// A picture of every kind of page into shots/KIND-WIDTH-SCHEME.png.

import { mkdirSync } from "node:fs";
import { SCHEMES, WIDTHS, browser, kinds, start, visit } from "./site.mjs";

const folder = "shots";
mkdirSync(folder, { recursive: true });
const site = await start();
const chrome = await browser();
let missing = 0;
try {
  for (const kind of await kinds(site.base)) {
    for (const width of WIDTHS) {
      for (const colorScheme of SCHEMES) {
        const viewport = { width, height: width > 600 ? 900 : 844 };
        const context = await chrome.newContext({ viewport, colorScheme });
        const file = `${folder}/${kind.name}-${width}-${colorScheme}.png`;
        try {
          const page = await context.newPage();
          await visit(page, site.base, kind);
          await page.evaluate("document.fonts.ready.then(() => true)");
          await page.screenshot({ path: file, fullPage: true });
          console.log(file);
        } catch (error) {
          missing += 1;
          console.log(`MISSING ${file}: ${error.message}`);
        }
        await context.close();
      }
    }
  }
} finally {
  await chrome.close();
  site.stop();
}
process.exitCode = missing > 0 ? 1 : 0;
