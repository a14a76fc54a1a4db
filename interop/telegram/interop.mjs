// Runs widely used bot libraries against a running simulator.
// Usage: node interop.mjs http://127.0.0.1:PORT

import { grammy } from "./grammy.mjs";
import { telegraf } from "./telegraf.mjs";
import { World } from "./world.mjs";

const base = process.argv[2];
if (!base) {
  console.error("Usage: node interop.mjs <the simulator's base address>");
  process.exit(2);
}

const world = new World(base);
for (const [name, run] of [["grammY", grammy], ["telegraf", telegraf]]) {
  // What the checks themselves do not catch is a failure of the library as a whole.
  await run(world).catch((error) => world.check(name, () => { throw error; }));
}
console.log(`${world.passed} passed, ${world.failed} failed`);
process.exit(world.failed || !world.passed ? 1 : 0);
