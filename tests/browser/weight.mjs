// What travels: bytes, validators, and what a page may do.

import { STORY, ask, decoded, kinds, pause } from "./site.mjs";
import { expect, same, test } from "./runner.mjs";

export const NAME = "weight";
/** A page of a service with all its styles and scripts, compressed with brotli, bytes. */
const PAGE_BYTES_MAX = 20_000;
/** A live page may be made anew between two requests; then it is asked again, this often. */
const TURNS_MAX = 5;
/** The better compression comes a moment after the page; it is asked for again, this often. */
const CODING_TURNS_MAX = 25;

let pages = [];

export async function setUp(base) {
  pages = await kinds(base);
}

export async function run(_chrome, base) {
  for (const kind of pages.filter((kind) => kind.name.includes("service") && !kind.prepare)) {
    const name = `${kind.name} weighs at most ${PAGE_BYTES_MAX} bytes`;
    await test(name, () => weighed(base, kind.path));
  }
  const kept = pages.filter((kind) => !kind.prepare && !["404", "search"].includes(kind.name));
  for (const kind of kept) {
    await test(`${kind.name} is not sent again to who has it`, () => validated(base, kind.path));
  }
  for (const kind of pages.filter((kind) => !kind.prepare)) {
    await test(`${kind.name} sets no cookie and has a policy`, async () => {
      const { headers } = await ask(base, kind.path);
      same(headers["set-cookie"], undefined, "set-cookie");
      const policy = headers["content-security-policy"] ?? "";
      expect(/default-src 'none'/.test(policy), `policy: ${policy}`);
      expect(!/unsafe/.test(policy), `policy: ${policy}`);
    });
  }
  await test("a report as JSON is taken", async () => {
    const body = JSON.stringify({
      service: "x", affected: "mobile_app", problem: "not_loading", comment: "from a test",
    });
    const headers = { "content-type": "application/json" };
    const answer = await ask(base, "/api/v1/reports", headers, "POST", body);
    same(answer.status, 202, "status");
    expect(JSON.parse(answer.body.toString("utf8")).id, "it has no id");
  });
  await test("a wrong report as JSON is refused with a reason", async () => {
    const headers = { "content-type": "application/json" };
    const answer = await ask(base, "/api/v1/reports", headers, "POST", '{"service":"no-such"}');
    expect(answer.status >= 400 && answer.status < 500, `status ${answer.status}`);
    expect(answer.body.length > 20, "no reason is given");
  });
  await test("a page that is not there is a 404", async () => {
    same((await ask(base, "/s/no-such-service")).status, 404, "status");
    same((await ask(base, STORY)).status, 200, "status");
  });
}

/** The page and all it pulls in but fonts and pictures. */
async function weighed(base, path) {
  const coding = { "accept-encoding": "br" };
  let page = await ask(base, path, coding);
  for (let turn = 0; turn < CODING_TURNS_MAX && !page.headers["content-encoding"]; turn += 1) {
    await pause(200);
    page = await ask(base, path, coding);
  }
  same(page.headers["content-encoding"], "br", "coding");
  const html = decoded(page).toString("utf8");
  const links = [...html.matchAll(/<(?:script|link)\b[^>]*>/g)].map(([tag]) => tag);
  const pulled = links.filter((tag) => /^<script/.test(tag) || /rel="?stylesheet/.test(tag))
    .map((tag) => tag.match(/(?:src|href)="([^"]+)"/)?.[1]).filter(Boolean);
  let sum = page.body.length;
  for (const address of pulled) {
    const answer = await ask(base, address.replaceAll("&amp;", "&"), coding);
    same(answer.status, 200, address);
    sum += answer.body.length;
  }
  const note = `${sum} bytes, ${page.body.length} of them HTML and styles`;
  expect(sum <= PAGE_BYTES_MAX, note);
  return note;
}

async function validated(base, path) {
  let status = 0;
  for (let turn = 0; turn < TURNS_MAX; turn += 1) {
    const first = await ask(base, path);
    expect(first.headers.etag, "there is no ETag");
    const second = await ask(base, path, { "if-none-match": first.headers.etag });
    status = second.status;
    if (status === 304) {
      same(second.body.length, 0, "bytes of a 304");
      same(second.headers.etag, first.headers.etag, "ETag of the 304");
      return;
    }
  }
  same(status, 304, "status");
}
