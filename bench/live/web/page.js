"use strict";

const $ = (selector, root = document) => root.querySelector(selector);
const number = (n) => n.toLocaleString("en");
const percent = (cpu) => (cpu < 9.95 ? cpu.toFixed(1) : String(Math.round(cpu)));
const clock = (instant) => new Date(instant).toTimeString().slice(0, 8);
const me = sessionStorage.me ??= Math.random().toString(36).slice(2); // what this page calls itself

// A length of time in milliseconds, as one says it.
function length(ms) {
  if (ms < 10) return `${Number(ms.toFixed(2))} ms`;
  if (ms < 1000) return `${ms.toFixed(0)} ms`;
  if (ms < 60_000) return `${Number((ms / 1000).toFixed(1))} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms / 1000) % 60)} s`;
}

// words says what is asked for.
function words({ do: what, delay_ms: delay = 0, count, lane }) {
  const name = lane && lanes[lane - 1].name;
  return {
    timeout: `${count > 1 ? `${number(count)} × ` : ""}setTimeout ${length(delay)}`,
    "stop-next": "Stop next",
    "stop-all": "Stop all",
    on: `${name} on`,
    off: `${name} off`,
  }[what];
}

// write changes a text only if it is another one. To write the same text would cost
// something, and a screen reader would read it again.
function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// list writes rows into a list, each of some texts. One that begins with "!" is an alarm.
function list(element, rows) {
  while (element.children.length > rows.length) element.lastChild.remove();
  for (const [i, row] of rows.entries()) {
    const item = element.children[i] ?? element.appendChild(document.createElement("li"));
    for (const [j, text] of row.entries()) {
      const part = item.children[j] ?? item.appendChild(document.createElement("span"));
      part.classList.toggle("alarm", text.startsWith("!"));
      write(part, text.replace(/^!/, ""));
    }
  }
}

// warn says what went wrong, until the next thing is done.
const warn = (text) => write($("#message"), text);

// ask has the server do something. It returns whether the server did.
async function ask(what) {
  warn("");
  try {
    const answer = await fetch("/do", { method: "POST", body: JSON.stringify({ ...what, page: me }) });
    const { error } = await answer.json();
    if (error) warn(`${error[0].toUpperCase()}${error.slice(1)}.`);
    return !error;
  } catch {
    warn("The server does not answer. Is it still running?");
    return false;
  }
}

// A Lane shows one loop. It shows what the server says.
class Lane {
  constructor(root) {
    this.root = root;
    this.n = Number(root.id.replace("lane", ""));
    this.name = $("h2", root).textContent;
    this.input = $(".guess input", root);
    this.switch = $(`#switch${this.n}`);
    this.news = { status: "off" };
    this.switch.onclick = () => ask({ do: this.news.status === "off" ? "on" : "off", lane: this.n });
  }

  get running() { return this.news.status === "on" || this.news.status === "starting"; }

  // tell takes what the server says of the lane.
  tell(news) {
    const { report } = news;
    if (report?.at !== this.news.report?.at) this.heard = Date.now();
    if (news.pid !== this.news.pid) this.guess = this.written = null;
    this.news = news;
    this.compare();
    this.show();
  }

  // state is the word of the lane.
  get state() {
    const { status, report } = this.news;
    if (status === "off") return "off";
    if (lost) return "unheard";
    if (status === "on") return Date.now() - this.heard > 3000 ? "silent" : report.state;
    return status;
  }

  show() {
    const { root, state } = this;
    const { report, pid, why, building, built, problem, code, lit, calls, history } = this.news;
    const gone = {
      starting: building ? "It is being built." : "It is being started.",
      ended: why,
      silent: `No word from process ${pid}: it is stopped, or gets no core to run on.`,
      unheard: "The server can’t be heard, so nothing is known of this loop.",
    }[state];
    const hides = prediction.hides && this.running;
    this.switch.setAttribute("aria-checked", String(state !== "off"));
    root.hidden = state === "off";
    root.dataset.state = state;
    $(".guess", root).hidden = !hides;
    write($(".gone", root), gone ?? "");
    $(".gone", root).hidden = hides || !gone;
    $(".figures", root).hidden = hides || Boolean(gone);
    $(".state", root).hidden = hides && !gone;
    for (const e of root.querySelectorAll(".pending, .ran")) e.hidden = Boolean(gone);
    write($(".word", root), { silent: "no word", unheard: "no word" }[state] ?? state);

    let source = built ? `${root.dataset.folder}, built ${built}` : root.dataset.folder;
    if (pid) source = `Process ${pid}: ${source}`;
    if (building) source += ". A new one is being built …";
    else if (problem) source += built ? ". What is saved now does not compile:" : " does not compile:";
    write($(".built", root), source);
    $(".built", root).classList.toggle("alarm", Boolean(problem));
    write($(".problem", root), problem ?? "");
    $(".problem", root).hidden = !problem;
    this.showCode(code ?? [], gone || hides ? [] : lit ?? []);
    if (gone || !report) return;

    // Figures that change more than once a second can't be read. A word that
    // changes brings its own.
    if (this.written !== state || report.at - this.writtenAt >= 950 || report.at < this.writtenAt) {
      this.written = state;
      this.writtenAt = report.at;
      write($(".cpu .value", root), percent(report.cpu));
      write($(".turns", root), `${number(report.turns)} ${report.turns === 1 ? "turn" : "turns"}/s`);
    }
    write($(".guessed", root), this.guess ? `You said ${this.guess.said} %, ${this.guess.cost === undefined ? "measuring …" : `it was ${percent(this.guess.cost)} %`}` : "");
    write($(".pending .count", root), number(report.pending));
    const first = report.timers.map(({ id, due_ms: due }) =>
      [`#${id}`, due > -250 ? `in ${(Math.max(due, 0) < 60_000 ? `${(Math.max(due, 0) / 1000).toFixed(1)} s` : length(due))}` : `!${length(-due)} overdue`]);
    const more = report.pending - first.length;
    list($(".pending ol", root), more > 0 ? [...first, [`and ${number(more)} more`]] : first);
    write($(".ran .count", root), number(report.ran));
    list($(".ran ol", root), (calls ?? []).map(({ id, delay_ms: delay, at, late_ms: late }) =>
      [clock(at), `#${id} setTimeout ${length(delay)}`, late < 0 ? `!${length(-late)} early` : `${length(late)} late`]));
    this.draw(history, report.at);
  }

  // showCode shows the lines of the source, and lights those at which the loop is.
  showCode(code, lit) {
    const element = $(".code", this.root);
    const text = code.join("\n");
    if (this.code !== text) {
      this.code = text;
      element.replaceChildren(...code.map((line) => Object.assign(document.createElement("span"), { textContent: line })));
    }
    for (const [i, span] of [...element.children].entries()) span.toggleAttribute("data-lit", lit.includes(i));
  }

  // draw draws the CPU of the minute before an instant.
  draw(history, instant) {
    let before = -Infinity;
    const line = history.filter(([at]) => instant - at <= 60_000).map(([at, cpu]) => {
      const step = at - before > 2000 ? "M" : "L"; // nothing ran, or it did not report
      before = at;
      return `${step}${(240 - (instant - at) / 250).toFixed(1)} ${(105 - Math.min(cpu, 209) / 2).toFixed(1)}`;
    });
    $(".line", this.root).setAttribute("d", line.join(""));
  }

  // compare waits, from Look on, until there is a figure to hold the guess
  // against: one of a whole second, while what was asked about is pending.
  compare() {
    const { guess: g, news: { report } } = this;
    if (!g || !report || g.cost !== undefined || report.at === g.at) return;
    g.at = report.at;
    g.since ??= report.at;
    const over = g.waits && report.ran > g.ran && report.pending <= g.pending;
    if (!g.waits || report.pending > g.pending) g.last = report.cpu;
    if (over || report.at - g.since >= 1750) g.cost = g.last ?? report.cpu;
  }
}

const lanes = [...document.querySelectorAll(".lane")].map((root) => new Lane(root));
const showAll = () => lanes.forEach((lane) => lane.show());

// Predict first: the figures, and all that gives them away, stay hidden until
// every lane that is on has a guess. A button pressed meanwhile only changes the
// question. Look does what was asked about. The next button pressed is a new
// question. A page that is loaded again goes on where it was.
const prediction = {
  asked: null, // what is asked about; null if nothing is to be predicted
  hides: false,

  toggle() {
    for (const lane of lanes) lane.guess = null;
    if (this.asked) return this.set(null, false);
    this.ask(JSON.parse($("#controls button").dataset.do));
  },

  ask(asked) {
    warn("");
    if (!this.hides) for (const lane of lanes) { lane.input.value = ""; lane.guess = null; }
    this.set(asked, true);
  },

  async look() {
    const open = lanes.filter((lane) => lane.running);
    if (!open.every(({ input }) => input.reportValidity())) return; // the browser says which needs a guess
    const guesses = open.map(({ input, news: { report } }) => ({
      said: input.valueAsNumber, waits: this.asked.do === "timeout", pending: report?.pending ?? 0, ran: report?.ran ?? 0, at: report?.at }));
    if (!await ask(this.asked)) return;
    for (const [i, lane] of open.entries()) lane.guess = guesses[i];
    this.set(this.asked, false);
  },

  set(asked, hides) {
    this.asked = asked;
    this.hides = hides;
    sessionStorage.prediction = JSON.stringify({ asked, hides });
    $("#predict").setAttribute("aria-pressed", String(Boolean(asked)));
    if (!hides && document.activeElement === $("#look")) $("#predict").focus();
    $("#look").hidden = !hides;
    for (const { root } of lanes) write($(".guess p", root), hides ? `${words(asked)}: what will it cost?` : "");
    showAll();
  },
};

// act is ask, unless it is to be predicted first.
const act = (what) => (prediction.asked ? prediction.ask(what) : ask(what));

for (const button of document.querySelectorAll("[data-do]")) button.onclick = () => act(JSON.parse(button.dataset.do));
$("#predict").onclick = () => prediction.toggle();
$("#look").onclick = () => prediction.look();
$("#controls").onsubmit = (e) => {
  e.preventDefault();
  act({ do: "timeout", delay_ms: $("#delay").valueAsNumber, count: Number(e.submitter.value) });
};

let heard = Date.now(); // when the server was last heard: it says everything four times a second
let lost = false;

const source = new EventSource("/events");
source.onmessage = ({ data }) => {
  const { lanes: news, done } = JSON.parse(data);
  heard = Date.now();
  if (lost) warn("");
  lost = false;
  for (const one of news) lanes[one.lane - 1].tell(one);
  const other = done?.findLast(({ request }) => request.page !== me);
  if (other) write($("#others"), `Another page, at ${clock(other.at)}: ${words(other.request)}.`);
  document.body.dataset.ready = "true";
};
source.onerror = lose; // it tries again

function lose() {
  if (lost) return;
  lost = true;
  warn("The server can’t be heard. This page goes on trying; is it still running?");
  showAll();
}

setInterval(() => { if (Date.now() - heard > 3000) lose(); }, 1000);
const before = JSON.parse(sessionStorage.prediction ?? "{}");
if (before.asked) prediction.set(before.asked, before.hides);
