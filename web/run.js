// A run of the engine: who answers, how far it is, its report, and what to do next.
import {all, copyOf, element, find, save, wrong} from './dom.js';
import {call, fragment} from './calls.js';
import {place} from './editor.js';

export const resolvers = {
  cloudflare: 'https://cloudflare-dns.com/dns-query',
  google: 'https://dns.google/dns-query',
};

// Resolver is the choice of who answers.
export class Resolver {
  constructor(place, prefix) {
    place.append(copyOf('t-resolver'));
    this.radios = all(place, 'input[type=radio]');
    this.own = find(place, '.own');
    this.address = find(this.own, 'input');
    this.radios.forEach((radio, i) => {
      radio.name = `${prefix}-resolver`;
      radio.id = `${prefix}-resolver-${i}`;
      radio.nextElementSibling.htmlFor = radio.id;
      radio.addEventListener('change', () => this.change());
    });
    this.address.id = `${prefix}-address`;
    find(this.own, 'label').htmlFor = this.address.id;
    const described = [['.hint', 'hint'], ['.wrong', 'error']].map(([selector, word]) => {
      const id = `${prefix}-address-${word}`;
      find(this.own, selector).id = id;
      return id;
    });
    this.address.setAttribute('aria-describedby', described.join(' '));
  }

  change() {
    this.own.hidden = this.chosen !== 'own';
    wrong(this.address);
  }

  get chosen() { return this.radios.find((r) => r.checked).value; }

  // label is the resolver in a sentence.
  get label() { return this.chosen === 'own' ? this.address.value.trim() : this.radios.find((r) => r.checked).nextElementSibling.textContent; }

  // name is the resolver as the address bar has it.
  get name() { return this.chosen === 'own' ? this.address.value.trim() : this.chosen; }

  set name(name) {
    const known = Object.hasOwn(resolvers, name);
    this.radios.find((r) => r.value === (known ? name : 'own')).checked = true;
    if (!known) this.address.value = name;
    this.change();
  }

  // url is the address to ask, or nothing after saying what is wrong with it.
  url() {
    if (this.chosen !== 'own') return resolvers[this.chosen];
    const message = wrongAddress(this.address.value.trim());
    wrong(this.address, message);
    if (!message) return this.address.value.trim();
    this.address.focus();
  }
}

const loopback = ['localhost', '127.0.0.1', '[::1]'];

function wrongAddress(address) {
  if (!address) return 'Type the address of a resolver, such as https://dns.example/dns-query.';
  let url;
  try {
    url = new URL(address);
  } catch {
    return 'This is not an address. Write it with https://, such as https://dns.example/dns-query.';
  }
  if (url.username || url.password) return 'Write the address without a user name or password.';
  if (url.protocol === 'https:' || url.protocol === 'http:' && loopback.includes(url.hostname)) return '';
  return 'Only https is allowed: others on the network could read and change the answers. (http works on localhost.)';
}

// Wait shows how far a run is, and can end it.
export class Wait {
  constructor(place) {
    place.append(copyOf('t-wait'));
    this.place = place;
    this.bar = find(place, 'progress');
    this.said = find(place, '.said');
    find(place, '.cancel').addEventListener('click', () => {
      this.end?.abort();
      this.said.textContent = 'Ending. What is known so far is shown.';
    });
  }

  // during runs a function of the engine, and returns its answer. A run before it
  // is ended and forgotten: it then returns nothing.
  async during(name, args) {
    this.end?.abort();
    const end = this.end = new AbortController();
    this.place.classList.add('on');
    this.bar.removeAttribute('value');
    this.said.textContent = 'Asking DNS…';
    let spoken = performance.now();
    const progress = ({done, of, queries}) => {
      if (this.end !== end || end.signal.aborted) return;
      if (of > 1) {
        this.bar.max = of;
        this.bar.value = done;
      }
      if (performance.now() - spoken < 2000) return;
      spoken = performance.now();
      this.said.textContent = (of > 1 ? `${done} of ${of} domains, ` : '') + `${queries} answers`;
    };
    try {
      const result = await call(name, args, {progress, signal: end.signal});
      return this.end === end ? result : undefined;
    } catch (error) {
      if (this.end === end) throw error;
    } finally {
      if (this.end === end) {
        this.place.classList.remove('on');
        this.said.textContent = '';
      }
    }
  }
}

// failed shows that the engine itself failed.
export function failed(place, error) {
  const title = element('h2', {tabindex: '-1', class: 'error'}, 'sescheck itself failed');
  place.replaceChildren(element('section', {class: 'report'}, title,
    element('p', {}, error.message),
    element('p', {}, 'Nothing is known about the records. Reload the page and try again; if it fails again, ',
      element('a', {href: 'https://github.com/sescheck/sescheck/issues', rel: 'noreferrer'}, 'report it'), '.')));
  focus(title);
}

// show shows the report of a run, and moves the focus to its verdict. next fills in
// the next step.
export function show(result, run, {about, name, link, next}) {
  result.replaceChildren(copyOf('t-result'));
  heading(result, run, about);
  if (JSON.parse(run.json).counts.inconclusive > 0) unanswered(find(result, '.notice'));
  find(result, '.told').replaceChildren(...lines(run.stderr).map((line) => element('li', {}, line)));
  const report = find(result, '.fragment');
  report.append(fragment(run.html));
  report.classList.toggle('short', all(report, '.card').length < 200);
  within(report);
  globalThis.sescheckReport?.(report);
  buttons(result, run, {name, link, next});
  focus(find(result, '#r-title'));
}

function focus(title) {
  title.focus({preventScroll: true});
  title.scrollIntoView();
}

// heading puts the header of the report into that of the result.
function heading(result, run, about) {
  const header = fragment(run.header);
  const [verdict, ...more] = all(header, 'h1, p');
  const title = find(result, '#r-title');
  title.textContent = verdict.textContent.replace(/^sescheck: /, '');
  title.className = verdict.className;
  more.find((p) => p.className === 'faint')?.append(`, ${about}`);
  title.after(...more);
}

// refused says that files or arguments are wrong, so that nothing was checked.
export function refused(result, problems) {
  const title = element('h2', {tabindex: '-1', class: 'error'}, 'Nothing was checked');
  result.replaceChildren(element('section', {class: 'report'}, title, listed(problems)));
  focus(title);
}

// listed is a list of problems.
const listed = (problems) => element('ul', {class: 'problems'}, ...problems.map((p) =>
  element('li', {}, element('b', {class: 'error'}, 'error'), ' ', [p.file, p.line ? place(p) : ''].filter(Boolean).join(', '), ' ', p.message)));

// unanswered says what a browser does not: it hides why a request failed.
function unanswered(notice) {
  notice.hidden = false;
  notice.textContent = navigator.onLine === false
    ? 'This browser has no network, so no query was answered. This does not mean that a record is missing.'
    : 'Some queries were not answered. This does not mean that a record is missing. If no query was answered, the resolver may be out of reach, or it may not let web pages read its answers (CORS). A browser does not say which. Try again, or choose another resolver.';
}

// within keeps links of a report in the report: the address bar is not for them.
function within(report) {
  report.addEventListener('click', (e) => {
    const link = e.target.closest('a[href^="#"]');
    if (!link || e.defaultPrevented) return;
    e.preventDefault();
    const target = document.getElementById(decodeURIComponent(link.getAttribute('href').slice(1)));
    if (!target || !report.contains(target)) return;
    target.tabIndex = -1;
    target.focus();
    target.scrollIntoView();
  });
}

function buttons(result, run, {name, link, next}) {
  const on = (selector, act) => {
    const button = find(result, selector);
    if (act) button.addEventListener('click', act);
    else button.remove();
  };
  on('.link', link && navigator.clipboard && (async ({target}) => {
    await navigator.clipboard.writeText(link);
    target.textContent = 'Copied';
    document.getElementById('copied').textContent = 'Copied';
    setTimeout(() => { target.textContent = 'Copy link'; }, 1500);
  }));
  on('.as-text', () => save(`${name}.txt`, run.text));
  on('.as-json', () => save(`${name}.json`, run.json));
  const section = find(result, '.next');
  on('.to-next', () => {
    section.scrollIntoView();
    find(section, 'h2').focus({preventScroll: true});
  });
  next(section);
}

// made shows a file and the workflow that checks it, with what import said. Without
// a file it shows the workflow only.
export async function made(place, {yaml, summary}, edit) {
  const {path, text} = await call('workflow', {file: 'sescheck.yaml'});
  place.replaceChildren(copyOf('t-made'));
  const on = (selector, act) => find(place, selector).addEventListener('click', act);
  find(place, '.path').textContent = path;
  find(place, '#m-workflow').textContent = text;
  on('.save-workflow', () => save(path.split('/').at(-1), text));
  if (!yaml) return find(place, '.file').remove();
  find(place, '#m-file').textContent = yaml;
  find(place, '.said').replaceChildren(...lines(summary).map((line) => element('li', {}, line)));
  on('.edit', () => edit(yaml));
  on('.save-file', () => save('sescheck.yaml', yaml));
}

export const lines = (text) => text.split('\n').filter(Boolean);
