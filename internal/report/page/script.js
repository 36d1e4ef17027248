'use strict';
(() => {
  // A page may show several reports one after the other: it calls this for each.
  const report = (root) => {
    const all = (selector) => [...root.querySelectorAll(selector)];
    const rows = all('.fleet tbody tr'), cards = all('.card[data-rows]'), states = all('.find [aria-pressed]');
    const tallies = all('.tallies li'), heads = all('.fleet thead th'), body = root.querySelector('.fleet tbody');
    const text = root.querySelector('#text'), shown = root.querySelector('#shown');
    const names = rows.map((row) => row.dataset.name);
    const places = (node) => node.dataset.rows.split(' ').filter(Boolean).map(Number);
    const touches = cards.map(places), counted = tallies.map(places);

    // only is the one domain to show, after a click on it.
    let only = '';
    const apply = () => {
      const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const wanted = states.filter((b) => b.getAttribute('aria-pressed') === 'true').map((b) => b.value);
      const seen = rows.map((row, i) =>
        (only ? names[i] === only : words.every((w) => names[i].includes(w))) &&
        (wanted.length === 0 || wanted.includes(row.dataset.state)));
      const all = seen.every(Boolean);
      rows.forEach((row, i) => { row.hidden = !seen[i]; });
      cards.forEach((card, i) => { card.hidden = !all && !touches[i].some((n) => seen[n]); });
      tallies.forEach((tally, i) => {
        const left = counted[i].filter((n) => seen[n]);
        tally.hidden = !all && left.length === 0;
        if (counted[i].length === 0) return;
        const numbers = tally.querySelectorAll('b');
        numbers[0].textContent = left.length;
        numbers[1].textContent = new Set(left).size;
      });
      shown.textContent = seen.filter(Boolean).length + ' of ' + rows.length;
    };
    const show = (name) => {
      only = name;
      text.value = name;
      apply();
    };

    if (text) {
      let later = 0;
      text.addEventListener('input', () => {
        only = '';
        clearTimeout(later);
        later = setTimeout(apply, 80);
      });
      states.forEach((b) => b.addEventListener('click', () => {
        b.setAttribute('aria-pressed', String(b.getAttribute('aria-pressed') !== 'true'));
        apply();
      }));
      document.addEventListener('keydown', (e) => {
        if (e.ctrlKey || e.metaKey || e.altKey || !text.isConnected) return;
        if (e.target !== text && e.target.closest('input, textarea, select')) return;
        if (e.key === 'Escape') {
          states.forEach((b) => b.setAttribute('aria-pressed', 'false'));
          show('');
          return;
        }
        if (e.target === text) {
          if (e.key === 'ArrowDown') step(1, e);
          return;
        }
        if (e.key === '/') { e.preventDefault(); text.focus(); text.select(); }
        if (e.key === 'ArrowDown' || e.key === 'j') step(1, e);
        if (e.key === 'ArrowUp' || e.key === 'k') step(-1, e);
      });
      apply();
    }
    // A tally leads to the first of its cards that is shown.
    tallies.forEach((tally) => tally.addEventListener('click', (e) => {
      const first = cards.find((card) => !card.hidden && card.dataset.kind === tally.dataset.kind);
      if (!first || !e.target.closest('a')) return;
      e.preventDefault();
      first.scrollIntoView();
      first.tabIndex = -1;
      first.focus();
    }));

    // A click on a head sorts the table by it; another turns it round.
    const value = (row, i) => {
      const cell = row.children[i];
      return i === 0 ? row.dataset.name : Number(cell.dataset.rank ?? cell.textContent);
    };
    if (rows.length > 1) heads.forEach((head, i) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      head.replaceChildren(button);
      head.addEventListener('click', () => {
        const numbers = head.classList.contains('n');
        const up = head.getAttribute('aria-sort') ? head.getAttribute('aria-sort') === 'descending' : !numbers;
        heads.forEach((h) => h.removeAttribute('aria-sort'));
        head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
        const sorted = rows.map((row) => [value(row, i), row]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * (up ? 1 : -1));
        body.append(...sorted.map(([, row]) => row));
      });
    });

    // step moves the focus to the next row that is shown.
    const step = (by, e) => {
      const visible = [...body.children].filter((row) => !row.hidden).map((row) => row.querySelector('a'));
      const at = visible.indexOf(document.activeElement);
      if (at < 0 && e.target !== text && !e.target.closest('.fleet')) return;
      const next = visible[at < 0 ? 0 : at + by];
      if (next) { e.preventDefault(); next.focus(); }
    };
    rows.forEach((row) => {
      const link = row.querySelector('a');
      link.addEventListener('click', (e) => {
        if (!text) return;
        e.preventDefault();
        show(only === row.dataset.name ? '' : row.dataset.name);
        link.focus();
      });
    });
  };

  const say = (button, word) => {
    document.getElementById('copied').textContent = word;
    button.textContent = word;
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  };
  const select = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };
  document.addEventListener('click', (e) => {
    const button = e.target.closest('.copy');
    if (!button) return;
    const node = document.getElementById(button.value);
    const selected = () => { select(node); say(button, document.execCommand('copy') ? 'Copied' : 'Selected'); };
    if (navigator.clipboard) navigator.clipboard.writeText(node.textContent).then(() => say(button, 'Copied'), selected);
    else selected();
  });
  addEventListener('beforeprint', () => document.querySelectorAll('details').forEach((d) => { d.open = true; }));
  document.documentElement.classList.add('scripted');
  globalThis.sescheckReport = report;
  report(document);
})();
