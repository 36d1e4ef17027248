// Calls of the engine, which runs in a worker.

// policy is the only place where text becomes HTML or a script's address; the
// page's Content-Security-Policy allows no other.
const same = {createHTML: (text) => text, createScriptURL: (text) => text};
const policy = globalThis.trustedTypes ? trustedTypes.createPolicy('sescheck', same) : same;

const worker = new Worker(policy.createScriptURL('worker.js'));
const calls = new Map();
let last = 0;

worker.onmessage = ({data: {id, result, error, progress}}) => {
  const c = calls.get(id);
  if (!c) return;
  if (progress) return c.progress(progress);
  calls.delete(id);
  if (error === undefined) c.resolve(result);
  else c.reject(new Error(error));
};

// Without a worker nothing answers any call.
let broken;
worker.onerror = (event) => {
  event.preventDefault();
  broken = new Error(event.message || 'the worker could not be loaded');
  for (const c of calls.values()) c.reject(broken);
  calls.clear();
};

// call runs a function of the engine. The signal ends it early: it then resolves
// with what is known.
export function call(name, args, {progress = () => {}, signal} = {}) {
  if (broken) return Promise.reject(broken);
  const id = ++last;
  return new Promise((resolve, reject) => {
    calls.set(id, {resolve, reject, progress});
    signal?.addEventListener('abort', () => worker.postMessage({id, cancel: true}), {once: true});
    worker.postMessage({id, call: name, args});
  });
}

// fragment parses a part of a report, in which the engine escaped all foreign text.
export function fragment(html) {
  const template = document.createElement('template');
  template.innerHTML = policy.createHTML(html);
  return template.content;
}
