// The engine behind a message channel: worker.js connects it to the page, and
// internal/command/testdata/node.js to node. Messages in are {id, call, args} and
// {id, cancel: true}; messages out are {id, result}, {id, error} and, while a call
// runs, {id, progress}.
//
// A Go program that panics is gone. Then all calls end with an error, and the next
// call starts a new one.
"use strict";

function connect(instantiate, post) {
  const calls = new Map(); // the running ones: id → AbortController
  let engine = null; // a promise of the functions

  function start() {
    const go = new Go();
    let said = "";
    const decoder = new TextDecoder();
    globalThis.fs.writeSync = (fd, bytes) => {
      said = (said + decoder.decode(bytes, { stream: true })).slice(-4000);
      return bytes.length;
    };
    globalThis.sescheck = undefined;
    return instantiate(go.importObject).then((instance) => {
      go.run(instance).then(() => died(said), (error) => died(String(error)));
      if (!globalThis.sescheck) throw new Error("sescheck did not start: " + said);
      return globalThis.sescheck;
    });
  }

  function died(why) {
    engine = null;
    for (const id of calls.keys()) end(id, { error: "sescheck failed: " + why });
  }

  function end(id, message) {
    if (calls.delete(id)) post({ id, ...message });
  }

  return function receive(message) {
    const { id, call, args, cancel } = message;
    if (cancel) {
      calls.get(id)?.abort();
      return;
    }
    const abort = new AbortController();
    calls.set(id, abort);
    engine ??= start().catch((error) => {
      engine = null;
      throw error;
    });
    engine
      .then((functions) => {
        if (!Object.hasOwn(functions, call)) throw new Error("there is no " + call);
        const progress = (p) => calls.has(id) && post({ id, progress: p });
        return functions[call](args ?? {}, progress, abort.signal);
      })
      .then(
        (result) => end(id, { result }),
        (error) => end(id, { error: String(error?.message ?? error) }),
      );
  };
}

// compile takes the response with sescheck.wasm.zst. To unpack it at once takes half
// the time of unpacking it while it arrives.
async function compile(response) {
  return WebAssembly.compile(fzstd.decompress(new Uint8Array(await response.arrayBuffer())));
}

if (typeof module !== "undefined") module.exports = { compile, connect };
