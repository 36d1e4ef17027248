// The engine in a Web Worker, so that the page stays usable while it works.
"use strict";

importScripts("wasm_exec.js", "engine.js");

const compiled = fetch("sescheck.wasm").then((response) => {
  if (!response.ok) throw new Error("sescheck.wasm: HTTP status " + response.status);
  return WebAssembly.compileStreaming(response);
});
compiled.catch(() => {}); // the calls report it

const receive = connect(async (imports) => WebAssembly.instantiate(await compiled, imports), (message) => postMessage(message));
onmessage = (event) => receive(event.data);
