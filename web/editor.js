// The text of a file, with the numbers of its lines, and its problems as one types.
import {element, find, read, take} from './dom.js';
import {call} from './calls.js';

const pause = 250; // milliseconds without a key before the file is read

export class Editor {
  constructor(form, name) {
    this.name = name;
    this.text = find(form, 'textarea');
    this.gutter = find(form, '.gutter');
    this.state = find(form, '.state');
    this.problems = find(form, '.problems');
    this.text.addEventListener('input', () => this.later());
    this.text.addEventListener('scroll', () => { this.gutter.scrollTop = this.text.scrollTop; });
    take(find(form, '.editor'), (files) => this.open(files));
    this.number([]);
  }

  async open([file]) {
    try {
      this.set((await read(file)).text);
    } catch (error) {
      this.state.textContent = error.message;
    }
  }

  set(text) {
    this.text.value = text;
    this.text.scrollTop = 0;
    this.lint();
  }

  later() {
    this.number([]);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.lint(), pause);
  }

  // lint lists the problems of the text as it is. Only the newest answer counts.
  async lint() {
    clearTimeout(this.timer);
    const text = this.text.value;
    this.number([]);
    if (!text.trim()) return this.show([], 'Type, paste or drop a file.');
    try {
      const {problems, warnings} = await call('lint', {files: [{name: this.name, text}]});
      if (text !== this.text.value) return;
      const list = [...problems.map((p) => ({...p, kind: 'error'})), ...warnings.map((p) => ({...p, kind: 'warning'}))];
      this.show(list, said(problems.length, warnings.length));
    } catch (error) {
      this.show([], `The engine failed: ${error.message}`);
    }
  }

  show(list, state) {
    this.state.textContent = state;
    this.number(list);
    this.problems.replaceChildren(...list.map((p) => {
      const jump = element('button', {type: 'button', class: 'jump'}, place(p));
      jump.addEventListener('click', () => this.go(p.line, p.column));
      return element('li', {}, element('b', {class: p.kind}, p.kind), ' ', p.line ? jump : '', ' ', p.message);
    }));
  }

  // number writes the numbers of the lines, with those marked that have problems.
  number(list) {
    const kinds = new Map(list.map((p) => [p.line, p.kind]).reverse());
    const lines = this.text.value.split('\n').length;
    this.gutter.replaceChildren(...Array.from({length: Math.min(lines, 20_000)}, (_, i) =>
      element('span', {class: kinds.get(i + 1) ?? ''}, String(i + 1))));
    this.gutter.scrollTop = this.text.scrollTop;
  }

  // go puts the cursor at a place of the text, and selects the rest of its line.
  go(line, column) {
    const lines = this.text.value.split('\n');
    const start = lines.slice(0, line - 1).reduce((n, l) => n + l.length + 1, 0);
    const end = start + (lines[line - 1]?.length ?? 0);
    this.text.focus();
    this.text.setSelectionRange(Math.min(start + Math.max(column - 1, 0), end), end);
    const height = this.text.scrollHeight / lines.length;
    this.text.scrollTop = (line - 1) * height - this.text.clientHeight / 3;
  }
}

export const place = (p) => p.column ? `line ${p.line}, column ${p.column}` : `line ${p.line}`;

const count = (n, word) => `${n} ${word}${n === 1 ? '' : 's'}`;

function said(problems, warnings) {
  if (problems + warnings === 0) return 'No mistakes.';
  return [problems && count(problems, 'mistake'), warnings && count(warnings, 'warning')].filter(Boolean).join(', ') + '.';
}
