// The page: three rooms, each with an address of its own.
import {all, element, find, Files, save, wrong} from './dom.js';
import {call} from './calls.js';
import {Editor} from './editor.js';
import {zones} from './seen.js';
import {failed, lines, made, refused, Resolver, resolvers, show, Wait} from './run.js';

call('version').then(({version}) => {
  document.getElementById('version').textContent = version;
  document.documentElement.dataset.ready = Math.round(performance.now());
}, (error) => {
  document.getElementById('version').textContent = `could not load its engine: ${error.message}`;
});

const main = find(document, 'main');
const rooms = new Map(all(main, '[data-room]').map((room) => [room.dataset.room, room]));
const links = all(document, '.rooms a');

// enter shows one room. The others leave the document, so that the ids of their
// reports do not meet; they keep what was typed.
function enter(name) {
  const room = rooms.get(name);
  for (const [other, section] of rooms) {
    if (other !== name) section.remove();
  }
  room.hidden = false;
  if (!room.isConnected) main.append(room);
  for (const link of links) {
    if (link.hash === `#${name}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  document.title = `${find(room, 'h1').textContent}: sescheck`;
}

// route does what the address says.
function route({first}) {
  const words = new URLSearchParams(location.hash.slice(1));
  const name = [...words.keys()].find((key) => rooms.has(key)) ?? 'domain';
  enter(name);
  if (!first) find(rooms.get(name), 'h1').focus({preventScroll: true});
  if (!first) scrollTo(0, 0);
  if (name === 'domain' && words.get('domain') && location.hash !== domain.ran) fromAddress(words);
}

const words = (text) => text.split(/[\s,]+/).filter(Boolean);

// A domain.

const domain = (() => {
  const form = find(rooms.get('domain'), 'form');
  const field = (name) => form.elements[name];
  return {
    form, field,
    result: find(rooms.get('domain'), '.result'),
    resolver: new Resolver(find(form, '.resolver'), 'd'),
    wait: new Wait(find(rooms.get('domain'), '.wait')),
  };
})();
const optional = ['region', 'mail-from', 'token', 'selector'];

domain.form.addEventListener('submit', (e) => {
  e.preventDefault();
  inspect();
});

// fromAddress fills in the form from the address bar, and starts the run. It does
// not ask a server of somebody's choice before the visitor agrees.
function fromAddress(words) {
  domain.field('domain').value = words.get('domain');
  domain.resolver.name = words.get('resolver') || 'cloudflare';
  for (const name of optional) domain.field(name).value = words.getAll(name).join(' ');
  if (optional.some((name) => words.has(name))) find(domain.form, '.more').open = true;
  if (Object.hasOwn(resolvers, domain.resolver.name)) return inspect();
  domain.result.replaceChildren(element('p', {class: 'notice', role: 'status'},
    'This link names a resolver of its own: ', element('code', {}, domain.resolver.name),
    '. It would see the questions, and its answers decide the result. Press Inspect if you trust it, or choose another one.'));
  find(domain.form, '.primary').focus();
}

// address is the run as the address bar has it.
function address() {
  const of = new URLSearchParams({domain: domain.field('domain').value.trim(), resolver: domain.resolver.name});
  for (const name of optional) {
    const value = domain.field(name).value;
    for (const word of name === 'token' || name === 'selector' ? words(value) : [value.trim()]) if (word) of.append(name, word);
  }
  return `#${of}`;
}

function inspected() {
  return {
    domains: words(domain.field('domain').value),
    region: domain.field('region').value.trim(),
    mailFrom: domain.field('mail-from').value.trim(),
    tokens: words(domain.field('token').value),
    selectors: words(domain.field('selector').value),
  };
}

async function inspect() {
  const {form, field, resolver, result, wait} = domain;
  const asked = inspected();
  wrong(field('domain'), asked.domains.length ? '' : 'Type a domain, such as example.com.');
  for (const name of optional) wrong(field(name));
  if (!asked.domains.length) return field('domain').focus();
  const url = resolver.url();
  if (!url) return;
  if (location.hash !== address()) history.pushState(null, '', address());
  domain.ran = location.hash;
  result.replaceChildren();
  try {
    const run = await wait.during('inspect', {...asked, resolver: url});
    if (!run) return;
    if (run.exit === 2) return refuse(form, run.problems);
    show(result, run, {
      about: `asked of ${resolver.label}`,
      name: `sescheck-${asked.domains[0]}`,
      link: location.href,
      next: (section) => nextStep(section, run, asked),
    });
  } catch (error) {
    failed(result, error);
  }
}

// fields are the fields of the form by how the engine begins its words about them.
const fields = {region: 'region', 'MAIL FROM name': 'mail-from', 'DKIM token': 'token', '--dkim': 'token', selector: 'selector', resolver: 'address'};

// refuse says next to the fields what is wrong with them.
function refuse(form, problems) {
  const found = problems.map(({message}) => {
    const begins = Object.keys(fields).find((words) => message.startsWith(words));
    const field = form.elements[fields[begins] ?? 'domain'];
    wrong(field, message);
    if (optional.includes(field.name)) find(form, '.more').open = true;
    return field;
  });
  found[0]?.focus();
}

// nextStep offers the file of the inspected domains, from what the run saw.
function nextStep(section, run, {region, tokens}) {
  const place = find(section, '.made'), why = find(section, '.why');
  why.append('sescheck.yaml says what these records have to be. With it, sescheck fails a pull request or a nightly run when DNS differs. ');
  const report = JSON.parse(run.json);
  if (report.domains.some((d) => d.not_answered.length > 0)) return why.append('Some queries were not answered, so the file would lack something. Run it again first.');
  const button = element('button', {type: 'button', class: 'primary'}, 'Write the file');
  place.append(button);
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      const result = await call('import', {files: zones(report, tokens), region, all: true});
      if (!result.yaml) throw new Error(result.summary);
      await made(place, result, edit);
      find(section, 'h2').focus();
    } catch (error) {
      place.replaceChildren(element('p', {class: 'wrong', role: 'alert'}, `The file could not be written: ${error.message}`));
    }
  });
}

// A file.

const file = (() => {
  const room = rooms.get('file'), form = find(room, 'form');
  const files = Object.fromEntries(all(form, '.drop').map((place) => [place.dataset.kind, new Files(place)]));
  return {
    form, files,
    result: find(room, '.result'),
    editor: new Editor(form, 'sescheck.yaml'),
    resolver: new Resolver(find(form, '.resolver'), 'f'),
    wait: new Wait(find(room, '.wait')),
    wrong: find(form, '#f-error'),
  };
})();

const example = `version: 1
domains:
  example.com:
    region: eu-west-1
    dkim: [token1, token2, token3]     # the three Easy DKIM tokens
    mail_from: bounce                  # the MAIL FROM domain is bounce.example.com
    spf: [_spf.google.com]             # the includes in the domain's own SPF record
    dmarc: quarantine                  # at least this strict
`;

find(file.form, '.example').addEventListener('click', () => file.editor.set(example));
find(file.form, '.save').addEventListener('click', () => save('sescheck.yaml', file.editor.text.value));
find(file.form, '#f-open').addEventListener('change', ({target}) => {
  file.editor.open([...target.files]);
  target.value = '';
});
file.form.addEventListener('submit', (e) => {
  e.preventDefault();
  check();
});

// edit shows a text in the room of the file.
function edit(text) {
  file.editor.set(text);
  location.hash = '#file';
}

async function check() {
  const {form, files, resolver, result, wait, editor} = file;
  const text = editor.text.value;
  const offline = form.elements.offline.checked;
  file.wrong.textContent = !text.trim() ? 'There is no file to check: type, paste or drop one above.'
    : offline && !files.zones.list.length ? 'Without DNS there is nothing to compare with: add zone files.' : '';
  if (file.wrong.textContent) return;
  const url = offline ? '' : resolver.url();
  if (url === undefined) return;
  result.replaceChildren();
  try {
    const run = await wait.during('check', {
      files: [{name: 'sescheck.yaml', text}],
      zones: files.zones.list, plan: files.plan.list, ses: files.ses.list, resolver: url, offline,
    });
    if (!run) return;
    if (run.exit === 2) return refused(result, run.problems);
    show(result, run, {
      about: offline ? 'from files only' : `asked of ${resolver.label}`,
      name: 'sescheck',
      next: workflow,
    });
  } catch (error) {
    failed(result, error);
  }
}

function workflow(section) {
  find(section, '.why').append('With sescheck.yaml in the root of your repository, this workflow checks every pull request that changes it.');
  made(find(section, '.made'), {});
}

// Import.

const sources = (() => {
  const room = rooms.get('import'), form = find(room, 'form');
  return {form, field: (name) => form.elements[name], result: find(room, '.result'), state: find(form, '.state'), files: new Files(find(form, '.drop'), bring)};
})();

for (const name of ['name', 'region']) sources.field(name).addEventListener('change', bring);
sources.form.addEventListener('submit', (e) => {
  e.preventDefault();
  const text = sources.field('text').value;
  if (!text.trim()) return sources.field('text').focus();
  const name = sources.field('name').value.trim() || 'pasted';
  sources.files.put([{name: name + (/^\s*[[{]/.test(text) ? '.json' : '.zone'), text}]);
});

// bring writes the file of all that was dropped.
async function bring() {
  const {files: {list}, field, result, state} = sources;
  const turn = sources.turn = {};
  result.replaceChildren();
  state.textContent = list.length ? 'Reading…' : '';
  if (!list.length) return;
  try {
    const found = await call('import', {files: list, identity: field('name').value.trim(), region: field('region').value.trim()});
    const title = element('h2', {tabindex: '-1', id: 'i-title'}, found.yaml ? 'Your sescheck.yaml' : 'No file was written');
    const place = element('div');
    if (found.yaml) await made(place, found, edit);
    else place.append(...lines(found.summary).map((line) => element('p', {}, line)));
    if (turn !== sources.turn) return;
    result.append(element('section', {class: 'report', 'aria-labelledby': 'i-title'}, title, place));
    title.focus();
  } catch (error) {
    if (turn === sources.turn) failed(result, error);
  }
  if (turn === sources.turn) state.textContent = '';
}

addEventListener('hashchange', () => route({first: false}));
route({first: true});
