// A runner as small as can be: every test runs, all failures are said, one line closes.

/** One test must end within this. */
const TEST_MS_MAX = 60_000;

const tally = { passed: 0, failed: 0 };

/** Runs a test at once and says how it went; the next ones run in any case. */
export async function test(name, body) {
  let timer;
  const late = new Promise((_, fail) => {
    const error = new Error(`not done after ${TEST_MS_MAX / 1_000} s`);
    timer = setTimeout(() => fail(error), TEST_MS_MAX);
  });
  try {
    const note = await Promise.race([body(), late]);
    tally.passed += 1;
    console.log(`ok ${name}${note ? ` (${note})` : ""}`);
  } catch (error) {
    tally.failed += 1;
    const why = String(error?.message ?? error).replace(/\s*\n\s*/g, " | ").slice(0, 2_000);
    console.log(`FAILED ${name}: ${why}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Says the closing line; the exit code is its second number. */
export function close() {
  console.log(`${tally.passed} passed, ${tally.failed} failed`);
  process.exitCode = tally.failed > 0 ? 1 : 0;
}

/** Fails with `why` unless `holds`. */
export function expect(holds, why) {
  if (!holds) throw new Error(why);
}

/** Fails unless both are the same. */
export function same(found, wanted, what) {
  const why = `${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`;
  expect(Object.is(found, wanted), why);
}
