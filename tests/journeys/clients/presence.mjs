// Runs the module of docs/howto/prove-presence.md with a camera that is a folder of pictures and a clock that jumps.
// Arguments: the module, the link, the step, the folder of one person's turned heads.
import { readFile } from "node:fs/promises";

const [module, link, stepId, folder] = process.argv.slice(2);
const { provePresence } = await import(module);
const yaws = { front: "+00", left: "+40", right: "-40" };
let move = "front";
let clock = 0;
const camera = {
  ask: (wanted) => { move = wanted; },
  now: () => clock,
  wait: async (pause) => { clock += pause; },
  take: () => readFile(`${folder}/soft-front_y${yaws[move]}_p+00.jpg`),
};
console.log(JSON.stringify(await provePresence(link, stepId, camera)));
