// Small helpers for the page's own elements. All text goes in as text.

export const find = (root, selector) => root.querySelector(selector);
export const all = (root, selector) => [...root.querySelectorAll(selector)];
export const copyOf = (id) => document.getElementById(id).content.cloneNode(true);

// element makes an element with attributes and children, which are text or nodes.
export function element(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  e.append(...children);
  return e;
}

// wrong shows what is wrong with a field next to it, or that nothing is.
export function wrong(field, message = '') {
  const place = find(field.closest('.field'), '.wrong');
  place.textContent = message;
  if (message) field.setAttribute('aria-invalid', 'true');
  else field.removeAttribute('aria-invalid');
}

// save hands a text to the user as a file.
export function save(name, text) {
  const address = URL.createObjectURL(new Blob([text], {type: 'text/plain'}));
  element('a', {href: address, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// largest is the size of a file that is read, in bytes.
const largest = 64 << 20;

// read reads a file as text: UTF-8, or UTF-16 as PowerShell writes it.
export async function read(file) {
  if (file.size > largest) throw new Error(`${file.name} has more than ${largest >> 20} MiB`);
  let bytes;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new Error(`${file.name} cannot be read; is it a folder?`);
  }
  const mark = bytes[0] << 8 | bytes[1];
  const encoding = mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : 'utf-8';
  return {name: file.webkitRelativePath || file.name, text: new TextDecoder(encoding).decode(bytes)};
}

// take calls back with the files that are dropped on an element.
export function take(target, then) {
  const over = (on) => target.classList.toggle('over', on);
  target.addEventListener('dragover', (e) => {
    if (!e.dataTransfer.types.includes('Files')) return;
    e.preventDefault();
    over(true);
  });
  target.addEventListener('dragleave', () => over(false));
  target.addEventListener('drop', (e) => {
    over(false);
    if (!e.dataTransfer.files.length) return;
    e.preventDefault();
    then([...e.dataTransfer.files]);
  });
}

// Files is a place to drop files, with a list of those that it holds.
export class Files {
  list = [];

  constructor(place, changed = () => {}) {
    place.append(copyOf('t-drop'));
    this.changed = changed;
    this.shown = find(place, '.files');
    this.error = find(place, '.wrong');
    find(place, '.title').textContent = place.dataset.label;
    find(place, '.hint').textContent = place.dataset.hint;
    const input = find(place, 'input');
    input.setAttribute('aria-label', `Choose files: ${place.dataset.label}`);
    input.addEventListener('change', () => this.add([...input.files]).then(() => { input.value = ''; }));
    take(place, (files) => this.add(files));
  }

  async add(files) {
    const results = await Promise.allSettled(files.map(read));
    this.error.textContent = results.filter((r) => r.reason).map((r) => r.reason.message).join('; ');
    this.put(results.filter((r) => r.value).map((r) => r.value));
  }

  // put adds texts with names. Of two with one name, the later one is kept.
  put(texts) {
    const names = texts.map((t) => t.name);
    this.list = [...this.list.filter((t) => !names.includes(t.name)), ...texts];
    this.show();
  }

  show() {
    this.shown.replaceChildren(...this.list.map((text) => {
      const remove = element('button', {type: 'button', 'aria-label': `Remove ${text.name}`}, 'Remove');
      remove.addEventListener('click', () => {
        this.list = this.list.filter((t) => t !== text);
        this.show();
        find(this.shown.parentElement, 'input').focus();
      });
      return element('li', {}, element('code', {}, text.name), ' ', remove);
    }));
    this.changed();
  }
}
