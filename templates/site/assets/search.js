"use strict";
/* Searches all datasets in the browser. The files it reads, and what a term is: alerts/site/search/__init__.py. */

const PAIR = 2, RUN = 4;
const START = "\u0002", END = "\u0003";
const BITS = 1;
const ENOUGH = 64 * 1024;
/* Numbers read from files of common terms after which candidates are rather looked up in their blocks. */
const WAVE = 10;
/* Results of one step, and candidates that are looked up at once. */

const points = (text) => Array.from(text);

function folded(text) {
  return text.normalize("NFKC").toUpperCase().toLowerCase().replace(/["'`“”‘’「」『』《》〈〉«»\s]/gu, "").replace(/^[。.;；]+|[。.;；]+$/gu, "");
}

/* The terms that every title with this piece has. */
function termsOf(piece) {
  const characters = points(piece), terms = new Set();
  for (let at = 0; at + PAIR <= characters.length; at++) terms.add(characters.slice(at, at + PAIR).join(""));
  for (const run of piece.match(/[0-9a-z]{4,}/g) || []) {
    for (let at = 0; at + PAIR <= run.length; at++) terms.delete(run.slice(at, at + PAIR));
    for (let at = 0; at + RUN <= run.length; at++) terms.add(run.slice(at, at + RUN));
  }
  return [...terms];
}

function hashed(term) {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(term)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}

class Bytes {
  constructor(bytes) { this.bytes = bytes; this.at = 0; }
  get done() { return this.at >= this.bytes.length; }
  number() {
    let value = 0, shift = 0, byte;
    do { byte = this.bytes[this.at++]; value += (byte & 127) * 2 ** shift; shift += 7; } while (byte & 128);
    return value;
  }
  take(length) { return this.bytes.subarray(this.at, (this.at += length)); }
}

/* The numbers of a list, smallest first. */
function numbersOf(list) {
  const numbers = [];
  if (list[0] === BITS) {
    for (let at = 1; at < list.length; at++) {
      for (let bit = 0; bit < 8; bit++) if (list[at] >> bit & 1) numbers.push((at - 1) * 8 + bit);
    }
  } else {
    const bytes = new Bytes(list.subarray(1));
    for (let number = 0; !bytes.done;) numbers.push(number += bytes.number());
  }
  return numbers;
}

class Index {
  constructor(folder) { this.folder = folder; this.files = new Map(); }

  async open() {
    this.about = await (await this.file("index.json")).json();
    return this;
  }

  async file(name) {
    const answer = await fetch(this.folder + name);
    if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
    return answer;
  }

  /* What a file holds, asked for once in the life of the page. */
  kept(name, read) {
    if (!this.files.has(name)) {
      const asked = this.file(name).then(read);
      asked.catch(() => this.files.delete(name));
      this.files.set(name, asked);
    }
    return this.files.get(name);
  }

  bytes(name) {
    return this.kept(name, async (answer) => new Uint8Array(await answer.arrayBuffer()));
  }

  block(number) {
    return this.kept(`blocks/${number}.json`, (answer) => answer.json());
  }

  /* The count and the list of one term; null where no title has it. The list is null if it is in a file of its own. */
  async term(term) {
    const shard = (hashed(term) % this.about.shards).toString(16).padStart(3, "0");
    const bytes = new Bytes(await this.bytes(`terms/${shard}.bin`));
    const wanted = new TextEncoder().encode(term);
    while (!bytes.done) {
      const name = bytes.take(bytes.number()), count = bytes.number(), list = bytes.take(bytes.number());
      if (name.length === wanted.length && name.every((byte, at) => byte === wanted[at])) {
        return { term, count, list: list.length ? list : null };
      }
    }
    return null;
  }

  async numbers(found) {
    const own = points(found.term).map((one) => one.codePointAt(0).toString(16)).join("-");
    return numbersOf(found.list || await this.bytes(`lists/${own}.bin`));
  }

  async row(number) {
    return (await this.block(Math.floor(number / this.about.block)))[number % this.about.block];
  }
}

/* One search: its candidates, and which of them were looked up. */
class Search {
  constructor(index, query) {
    this.index = index;
    this.pieces = query.split(/\s+/u).map(folded).filter((piece) => points(piece).length >= PAIR);
    this.whole = folded(query);
    this.candidates = [];
    this.filters = [];
    this.read = 0;
  }

  get isShort() { return !this.pieces.length; }
  get more() { return this.candidates.length > 0; }

  async start() {
    const found = await Promise.all([...new Set(this.pieces.flatMap(termsOf))].map((term) => this.index.term(term)));
    if (found.includes(null) || !found.length) return this;
    this.filters = found.sort((a, b) => a.count - b.count);
    this.candidates = (await this.index.numbers(this.filters.shift())).reverse();
    while (this.filters.length && this.candidates.length > 2 * WAVE && (this.filters[0].list || this.read < ENOUGH)) {
      await this.narrow();
    }
    await this.exactFirst();
    return this;
  }

  /* Keep only the candidates that have one more of the terms. */
  async narrow() {
    const filter = this.filters.shift(), numbers = await this.index.numbers(filter);
    if (!filter.list) this.read += numbers.length;
    const having = new Set(numbers);
    this.candidates = this.candidates.filter((number) => having.has(number));
  }

  /* Of many candidates, those that begin and end as what was typed come first: the title may be just that. */
  async exactFirst() {
    if (this.candidates.length <= WAVE) return;
    const characters = points(this.whole);
    const ends = await Promise.all([this.index.term(START + characters[0]), this.index.term(characters.at(-1) + END)]);
    if (ends.includes(null)) return;
    let exact = this.candidates;
    for (const end of ends.sort((a, b) => a.count - b.count)) {
      if (exact.length <= WAVE) break;
      const having = new Set(await this.index.numbers(end));
      exact = exact.filter((number) => having.has(number));
    }
    const others = new Set(exact);
    this.candidates = [...exact, ...this.candidates.filter((number) => !others.has(number))];
  }

  /* The next results, WAVE if there are as many: exact titles, then the newest update first. */
  async next() {
    const results = [];
    while (this.candidates.length && results.length < WAVE) {
      const wanted = this.candidates.splice(0, WAVE - results.length);
      const rows = await Promise.all(wanted.map((number) => this.index.row(number)));
      const fitting = rows.filter((row) => row && this.fits(folded(row[0])));
      results.push(...fitting);
      if (2 * fitting.length < rows.length && this.filters.length) await this.narrow();
    }
    const exact = (row) => Number(folded(row[0]) === this.whole);
    return results.sort((a, b) => exact(b) - exact(a) || (a[3] < b[3] ? 1 : a[3] > b[3] ? -1 : 0));
  }

  fits(title) { return this.pieces.every((piece) => title.includes(piece)); }
}

/* --- the page: a form with the texts as data, a list and a line that is read out */

function element(name, text, values) {
  const made = Object.assign(document.createElement(name), values || {});
  made.textContent = text;
  return made;
}

class Page {
  constructor(form) {
    this.form = form;
    this.texts = form.dataset;
    this.field = form.querySelector("input");
    this.status = document.getElementById("search-status");
    this.list = document.getElementById("search-results");
    this.button = document.getElementById("search-more");
    this.language = document.documentElement.lang.startsWith("zh") ? 0 : 1;
    this.turn = 0;
    form.addEventListener("submit", (event) => { event.preventDefault(); this.typed(0); });
    this.field.addEventListener("input", () => this.typed(300));
    this.button.addEventListener("click", () => this.show(this.turn, true));
    addEventListener("hashchange", () => this.fromAddress());
    this.fromAddress();
  }

  fromAddress() {
    const query = new URLSearchParams(location.hash.slice(1)).get("q") || "";
    if (query === this.query) return;
    this.field.value = query;
    this.run(query);
  }

  typed(wait) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => {
      const query = this.field.value.trim();
      if (query === this.query) return;
      history.replaceState(null, "", query ? "#" + new URLSearchParams({ q: query }) : location.pathname);
      this.run(query);
    }, wait);
  }

  async run(query) {
    const turn = ++this.turn;
    this.query = query;
    this.list.replaceChildren();
    this.button.hidden = true;
    this.shown = 0;
    if (!query) { this.status.textContent = ""; return; }
    this.status.textContent = this.texts.searching;
    try {
      this.index = this.index || await new Index(this.texts.index).open();
      this.search = new Search(this.index, query);
      if (this.search.isShort) { this.status.textContent = this.texts.short; return; }
      await this.search.start();
      await this.show(turn, false);
    } catch (error) {
      if (turn === this.turn) this.status.textContent = this.texts.failed;
    }
  }

  async show(turn, asked) {
    const rows = await this.search.next();
    if (turn !== this.turn) return;
    const items = rows.map((row) => this.item(row));
    this.list.append(...items);
    this.shown += rows.length;
    this.button.hidden = !this.search.more;
    const said = this.search.more ? this.texts.first : this.texts.found;
    this.status.textContent = this.shown ? said.replace("{n}", this.shown) : this.texts.none;
    if (asked && items.length) items[0].querySelector("a").focus();
  }

  item([title, office, place, day, status, page]) {
    const item = document.createElement("li");
    item.append(element("a", title || this.texts.unnamed, { href: `city/${place}/${page}`, lang: "zh" }));
    if (status) item.append(" ", element("strong", this.texts["status" + status[0].toUpperCase() + status.slice(1)] || status, { className: `status ${status}` }));
    const names = this.index.about.places[place] || [place, place], facts = element("p", names[this.language]);
    if (office) facts.append(" · ", element("span", office, { lang: "zh" }));
    if (day) facts.append(` · ${this.texts.updated.replace("{day}", day)}`);
    item.append(facts);
    return item;
  }
}

if (document.getElementById("search")) new Page(document.getElementById("search"));
