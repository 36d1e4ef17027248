// The engine of the page in node, as web/worker.js has it in a browser: calls are
// lines of JSON on stdin, and what comes back are lines on stdout. The arguments are
// the folder of the page, and the time in milliseconds that it is.
"use strict";

const { readFileSync } = require("node:fs");
const { createInterface } = require("node:readline");
const { resolve } = require("node:path");

const [folder, now] = process.argv.slice(2);
const at = (name) => resolve(folder, name);

// The clock of the engine stands, as that of the tests of the command line does.
globalThis.Date = class extends Date {
  constructor(...given) {
    super(...(given.length > 0 ? given : [Number(now)]));
  }
};

// Time passes slowly for it: no answer is late because the machine is busy.
const slower = 3;
const { performance, setTimeout } = globalThis;
const elapsed = performance.now.bind(performance);
performance.now = () => elapsed() / slower;
globalThis.setTimeout = (then, wait, ...given) => setTimeout(then, wait * slower, ...given);

require(at("wasm_exec.js"));
globalThis.fzstd = require(at("fzstd.js"));
const { compile, connect } = require(at("engine.js"));

const compiled = compile(new Response(readFileSync(at("sescheck.wasm.zst"))));
const receive = connect(async (imports) => WebAssembly.instantiate(await compiled, imports), (message) => {
  if (!message.progress) process.stdout.write(JSON.stringify(message) + "\n");
});
createInterface({ input: process.stdin })
  .on("line", (line) => receive(JSON.parse(line)))
  .on("close", () => process.exit());
