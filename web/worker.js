// The engine in a Web Worker, so that the page stays usable while it works.
"use strict";

// Where the Content-Security-Policy is a header, it holds here too.
const policy = self.trustedTypes?.createPolicy("sescheck", { createScriptURL: (address) => address });
importScripts(...["wasm_exec.js", "fzstd.js", "engine.js"].map((name) => policy?.createScriptURL(name) ?? name));

const compiled = fetch("sescheck.wasm.zst").then((response) => {
  if (!response.ok) throw new Error("sescheck.wasm.zst: HTTP status " + response.status);
  return compile(response);
});
compiled.catch(() => {}); // the calls report it

const receive = connect(async (imports) => WebAssembly.instantiate(await compiled, imports), (message) => postMessage(message));
onmessage = (event) => receive(event.data);
