"use strict";

const calm = matchMedia("(prefers-reduced-motion: reduce)");
const $ = (selector, root = document) => root.querySelector(selector);
const number = (n) => Math.round(n).toLocaleString("en");
const percent = (cpu) => (cpu < 9.95 ? cpu.toFixed(1) : String(Math.round(cpu)));
const longestDelay = Number(document.body.dataset.longestDelay);
const highestGuess = Number(document.body.dataset.highestGuess);

// A length of time in milliseconds, as one says it.
function length(ms) {
  if (ms < 10) return ms.toFixed(2) + " ms";
  if (ms < 1000) return ms.toFixed(0) + " ms";
  return (ms / 1000).toFixed(1) + " s";
}

// now is the time on the machine on which the loops run: instants come from
// there, and this browser's clock may be another.
let ahead = 0; // ms

let source = null; // the connection to the server
let heard = 0; // when something last came from it
let lost = false; // nothing has come for too long, and the page says so
const now = () => Date.now() + ahead;

// warn shows what went wrong until the next thing is done; say tells those
// who can't see the page what the others see. What is said within one moment is
// said one after another, so each is an element of its own.
const warn = (text) => { $("#message").textContent = text; };
function say(text) {
  const line = document.createElement("p");
  line.textContent = text;
  $("#said").append(line);
  while ($("#said").children.length > 12) $("#said").firstChild.remove();
}

// show shows an element or hides it. The focus can't stay in what is hidden, and
// would be lost: it goes to the heir.
function show(element, visible, heir) {
  const held = !visible && element.contains(document.activeElement);
  element.hidden = !visible;
  if (held) heir.focus();
}

// ask has the server do something. It returns whether the server did.
async function ask(what) {
  warn("");
  try {
    const answer = await fetch("/do", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(what),
    });
    if (answer.ok) return true;
    const { error } = await answer.json();
    warn(error[0].toUpperCase() + error.slice(1) + ".");
  } catch {
    warn("The server does not answer. Is it still running?");
  }
  return false;
}

// A Lane shows one stage.
class Lane {
  constructor(root) {
    this.root = root;
    this.stage = Number(root.dataset.stage);
    this.name = $("h2", root).textContent;
    this.folder = $(".process", root).textContent;
    this.input = $(".guess input", root);
    this.switch = $(".switch", root);
    this.guess = null; // what is compared, from Look on
    this.rows = new Map(); // of the timers shown one by one, by their number
    this.loops = new Drawing($(".loops svg", root), root.dataset.store);
    this.reset({ status: "off", pid: 0, why: "", ran: 0, history: [], late: [], calls: [], report: null, source: {} });

    this.switch.onclick = () => ask({ do: this.on ? "off" : "on", stage: this.stage });
    $(".again", root).onclick = async () => {
      if (this.on) await ask({ do: "off", stage: this.stage });
      await ask({ do: "on", stage: this.stage });
    };
    for (const button of root.querySelectorAll("[data-guess]")) {
      button.onclick = () => { this.input.value = button.dataset.guess; };
    }
  }

  get running() { return this.status === "on" || this.status === "starting"; }

  // on is whether the lane follows its source; it may have no process all the same.
  get on() { return this.status !== "off"; }

  // reset shows all there is to know of the lane.
  reset(lane) {
    this.history = lane.history ?? [];
    this.lateness = lane.late ?? [];
    this.ran = lane.ran;
    this.report = null;
    $(".calls", this.root).replaceChildren();
    this.setStatus(lane);
    this.setSource(lane.source);
    this.addCalls(lane.calls ?? [], 0);
    if (lane.report) this.setReport({ ...lane.report, calls: [], skipped: 0 });
    this.draw();
  }

  setStatus({ status, pid, why }) {
    const { root } = this;
    this.status = status;
    this.pid = pid;
    this.heard = Date.now();
    if (status === "starting") {
      $(".calls", root).replaceChildren();
      this.ran = 0;
      this.addCalls([], 0);
    }
    if (!this.running) {
      this.report = null;
      this.setTimers([], 0);
      this.loops.draw(null);
      this.forgetGuess();
    }
    $(".process", root).textContent = this.running && pid ? `process ${pid}` : this.folder;
    this.switch.setAttribute("aria-checked", String(this.on));
    if (status === "ended") {
      $(".why", root).textContent = why;
      $(".again", root).textContent = "Start it again";
    } else if (status === "off") {
      $(".why", root).textContent = root.dataset.off;
      $(".again", root).textContent = "Start it";
    }
    if (!this.running || !this.report) this.setState(status);
    this.hide();
  }

  // setSource says how the lane's source and what runs stand to each other.
  setSource({ building, problem, at, code, verdict, killed }) {
    const { root } = this;
    if (code) $(".code code", root).innerHTML = code; // made by the server, of the source
    const since = at ? new Date(at).toTimeString().slice(0, 8) : "";
    let text = this.folder;
    if (building) text += ": building …";
    else if (problem) text += at ? ` does not compile. The loop of ${since} goes on.` : " does not compile.";
    else if (since) text += `, built ${since}`;
    $(".built p", root).textContent = killed && !building && !problem ? `${text}. ${killed}` : text;
    $(".problem", root).textContent = problem ?? "";
    $(".problem", root).hidden = !problem;
    root.toggleAttribute("data-problem", Boolean(problem || killed));
    $(".verdict", root).textContent = verdict ?? "";
    if (problem && problem !== this.problem) say(`${this.name} does not compile: ${problem}`);
    this.problem = problem;
    this.light(this.gone ? [] : this.report?.stands ?? []);
  }

  // hide hides the figures, or shows them, as the prediction wants it. Nobody
  // has to guess what a stage costs that is off.
  hide() {
    const hides = (prediction.hides || path.hides) && this.running;
    show($(".guess", this.root), hides && prediction.hides, this.switch);
    $(".figures", this.root).hidden = hides;
    $(".state", this.root).hidden = hides && !this.gone;
    this.loops.hide(hides);
    this.light(this.gone ? [] : this.report?.stands ?? []);
  }

  forgetGuess() {
    this.guess = null;
    $(".guessed", this.root).hidden = true;
  }

  // lose has the lane say that nothing is known of it: the server can't be heard.
  lose() {
    if (!this.running) return;
    this.setState("lost");
    this.setTimers([], 0);
    this.loops.draw(null);
    $(".pending .value", this.root).textContent = "–";
    $(".pending .none", this.root).hidden = true;
  }

  get gone() { return ["off", "ended", "silent", "lost"].includes(this.root.dataset.state); }

  // setState says in one word what the lane is at. The words are the page's
  // largest but for the figures, and the marks before them differ in shape:
  // nothing is said by colour alone.
  setState(state) {
    const words = { spins: "spins", naps: "naps", asleep: "asleep", off: "off", starting: "starting", on: "starting", ended: "ended", silent: "no word", lost: "no word" };
    const { root } = this;
    if (root.dataset.state === state) return;
    root.dataset.state = state;
    layOut();
    $(".state .word", root).textContent = words[state];
    show($(".gone", root), this.gone, this.switch);
    $(".again", root).hidden = state === "lost";
    if (state === "lost") {
      $(".why", root).textContent = "The server can’t be heard, so nothing is known of this loop.";
    } else if (state === "silent") {
      $(".why", root).textContent = `No word from process ${this.pid}: it is stopped, or gets no core to run on.`;
      $(".again", root).textContent = "End it and start again";
    }
    if (state === "off" || state === "ended" || state === "starting") this.clearFigures();
    this.hide();
    if (heard > 0 && !prediction.hides && !path.hides && state !== "on" && state !== "starting") say(`${this.name}: ${state === "ended" ? $(".why", root).textContent : words[state]}`);
  }

  clearFigures() {
    $(".cpu .value", this.root).textContent = "–";
    $(".turns .value", this.root).textContent = "–";
    $(".late .value", this.root).textContent = "";
    $(".doing", this.root).textContent = "";
    this.written = 0;
  }

  setReport(report) {
    const { root } = this;
    const before = this.report;
    this.report = report;
    this.heard = Date.now();
    this.setState(report.state);
    // Text that changes more than once a second can't be read.
    const changed = !before || before.state !== report.state || before.pending !== report.pending;
    if (changed || report.at - this.written >= 950) {
      this.written = report.at;
      $(".cpu .value", root).textContent = percent(report.cpu);
      $(".turns .value", root).textContent = number(report.turns);
      $(".doing", root).textContent = report.doing;
    }
    this.setTimers(report.timers ?? [], report.pending);
    this.loops.draw(report);
    this.ran = report.ran;
    this.addCalls(report.calls ?? [], report.skipped);
    if (report.fired > 0) $(".late .value", root).textContent = `Lateness ${length(report.late_ms)}.`;
    this.light(report.stands ?? []);
    if (report.notice) warn(`${this.name}: ${report.notice}.`);
  }

  // light lights the cases in which the loop stands.
  light(stands) {
    for (const line of this.root.querySelectorAll("[data-case]")) {
      const lit = !prediction.hides && !path.hides && stands.includes(line.dataset.case);
      if (lit) line.setAttribute("aria-current", "true");
      else line.removeAttribute("aria-current");
    }
  }

  addReport(report) {
    this.history.push([report.at, report.cpu]);
    if (this.history.length > 260) this.history.splice(0, 20);
    if (report.fired > 0) this.lateness.push([report.at, report.late_ms]);
    if (this.lateness.length > 260) this.lateness.splice(0, 20);
    const before = this.written;
    this.setReport(report);
    this.compare(report);
    if (!calm.matches || this.written !== before) this.draw();
  }

  // compare waits, from Look on, until there is a figure to hold the guess
  // against. A figure is that of a whole second, and it counts once that second
  // began after the order, while what was asked about is still pending.
  compare(report) {
    const g = this.guess;
    if (!g || g.cost !== undefined) return;
    if (report.notice) return this.forgetGuess(); // it was not done
    const { asked, before } = g;
    const waits = asked.do === "timeout" || asked.do === "script";
    if (g.since === undefined) {
      const seen = asked.do === "stop-all" ? report.pending === 0
        : report.pending > before.pending || report.ran > before.ran;
      if (!seen) return;
      g.since = report.at;
    }
    if (!waits || report.pending > 0) g.last = report.cpu;
    const over = waits && report.pending === 0; // sooner than after a second
    if (!over && report.at - g.since < 1000) return;
    g.cost = g.last ?? report.cpu;
    $(".guessed", this.root).textContent = `you said ${g.said} %, it was ${percent(g.cost)} %`;
    say(`${this.name}: you said ${g.said} percent, it was ${percent(g.cost)}`);
  }

  // checkSilence is called now and then: a process that is stopped can't say so.
  checkSilence() {
    if (this.running && Date.now() - this.heard > 5000) this.setState("silent");
  }

  // draw draws the last minute. It ends now, whenever the last report was.
  draw() {
    this.drawn = Date.now();
    const instant = now();
    const y = (cpu) => (100 - Math.min(cpu, 210) / 2.1).toFixed(1);
    let line = "", area = "", start = 0, last = -Infinity, end = 0;
    const close = () => { if (last > -Infinity) area += `L${end} 100L${start} 100Z`; };
    for (const [at, cpu] of this.history) {
      const age = instant - at;
      if (age > 60_000) continue;
      const x = across(age);
      if (at - last > 2000) { // switched off, or asleep lid and all
        close();
        line += `M${x} ${y(cpu)}`;
        area += `M${x} ${y(cpu)}`;
        start = x;
      } else {
        line += `L${x} ${y(cpu)}`;
        area += `L${x} ${y(cpu)}`;
      }
      last = at;
      end = x;
    }
    close();
    $(".line", this.root).setAttribute("d", line);
    $(".area", this.root).setAttribute("d", area);

    // The strip of lateness: 1 µs is at the bottom, 1 s at the top.
    const height = (ms) => (100 - 100 * Math.min(Math.max((Math.log10(ms) + 3) / 6, 0), 1)).toFixed(1);
    $(".dots", this.root).setAttribute("d", this.lateness.filter(([at]) => instant - at <= 60_000)
      .map(([at, ms]) => `M${across(instant - at)} ${height(ms)}h0`).join(""));
  }

  setTimers(timers, pending) {
    const { root } = this;
    $(".pending .value", root).textContent = number(pending);
    $(".pending .none", root).hidden = pending > 0;
    const first = timers.slice(0, 4);
    const shown = new Set(first.map((t) => t.id));
    for (const [id, row] of this.rows) {
      if (shown.has(id)) continue;
      if (row.item.contains(document.activeElement)) this.switch.focus();
      row.item.remove();
      this.rows.delete(id);
    }
    for (const timer of first) {
      let row = this.rows.get(timer.id);
      if (!row) this.rows.set(timer.id, row = new TimerRow(timer.id));
      row.set(timer);
      if ($(".timers", root).children[first.indexOf(timer)] !== row.item) {
        $(".timers", root).insertBefore(row.item, $(".timers", root).children[first.indexOf(timer)] ?? null);
        row.place();
      }
    }
    $(".more", root).hidden = pending === first.length;
    $(".more", root).textContent = `and ${number(pending - first.length)} more`;
  }

  // tick is called while there is something to move.
  tick() {
    for (const row of this.rows.values()) row.tick();
    if (Date.now() - this.drawn >= 1000) this.draw();
  }

  addCalls(calls, skipped) {
    const { root } = this;
    const list = $(".calls", root);
    const item = (text, late, at) => {
      const li = document.createElement("li");
      for (const [name, content] of [["at", at], ["what", text], ["late", late]]) {
        const span = document.createElement("span");
        span.className = name;
        span.textContent = content;
        li.append(span);
      }
      list.append(li);
    };
    if (skipped > 0) item(`${number(skipped)} others`, "", "");
    for (const call of calls.slice(-6)) {
      const waited = call.what === "CallSoon" ? `after ${length(call.late_ms)}` : `${length(call.late_ms)} late`;
      item(`#${call.id} ${call.what}`, waited, new Date(call.at).toTimeString().slice(0, 8));
    }
    while (list.children.length > 6) list.firstChild.remove();
    $(".ran .none", root).hidden = list.children.length > 0;
    $(".ran .value", root).textContent = number(this.ran);
  }
}

// A Drawing shows the loop's two loops, each at what its goroutine was seen to do, and
// the map, queue or heap with the timers that are in it now.
class Drawing {
  constructor(svg, store) {
    this.svg = svg;
    this.store = store;
    this.round = 0; // how often it was drawn, so that a queue can be seen to go round
    this.draw(null);
  }

  hide(hides) {
    this.hidden = hides;
    this.draw(this.report);
  }

  draw(report) {
    this.report = report;
    if (this.hidden) report = null;
    const timers = report?.timers ?? [], pending = report?.pending ?? 0;
    const main = report?.loops?.find((g) => g.run), other = report?.loops?.find((g) => !g.run);
    const two = this.store !== "loop" || Boolean(other);
    this.round++;
    let picture = `<rect class="store" x="2" y="6" width="116" height="66" rx="8"/>` + this.fill(timers, other?.does === "runs");
    const name = { map: "a map, swept", queue: "a queue", heap: "a heap", loop: "pending" }[this.store];
    picture += `<text x="60" y="88" text-anchor="middle">${name}${pending > timers.length ? ` <tspan class="count">+ ${number(pending - timers.length)}</tspan>` : ""}</text>`;
    const arrow = (x1, x2, y) => `<path class="arrow" d="M${x1} ${y}H${x2}m${x2 > x1 ? -6 : 6} -4l${x2 > x1 ? 6 : -6} 4l${x2 > x1 ? -6 : 6} 4"/>`;
    if (this.store === "queue") picture += arrow(120, 144, 30) + arrow(144, 120, 48);
    else picture += arrow(120, 144, 39);
    if (two) picture += this.ring(176, "timer loop", other) + arrow(208, 242, 39) + this.ring(276, "callback loop", main);
    else picture += this.ring(226, "one loop", main);
    this.svg.innerHTML = picture;
    const words = (what, g) => (g ? `${what} ${g.does}${g.at ? ` at ${g.at}` : ""}` : `${what}: not seen`);
    this.svg.setAttribute("aria-label", !report ? "The loops, of which nothing is seen now"
      : `${two ? `${words("The timer loop", other)}. ` : ""}${words("The callback loop", main)}. Pending, in ${name}: ${number(pending)}.`);
  }

  ring(x, name, g) {
    const does = g?.does ?? "unseen";
    const word = { runs: "spins", naps: "naps", waits: "asleep", unseen: "" }[does === "runs" && this.report.state === "asleep" ? "unseen" : does];
    const at = does === "waits" || does === "naps" ? g.at : "";
    return `<circle class="ring ${does}" cx="${x}" cy="39" r="30" pathLength="12"/>`
      + `<text class="word" x="${x}" y="${at ? 38 : 43}" text-anchor="middle">${word}</text>`
      + `<text class="at" x="${x}" y="50" text-anchor="middle">${at.replace(/^.*\.go/, "line ").replace(":", "")}</text>`
      + `<text x="${x}" y="88" text-anchor="middle">${name}</text>`;
  }

  // fill draws the timers in their store. They come with the first due first.
  fill(timers, turns) {
    const dot = (x, y, first) => `<circle class="${first ? "first" : "timer"}" cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="${first ? 5 : 3}"/>`;
    if (this.store === "heap") {
      const shown = timers.slice(0, 15);
      const place = (i) => {
        const level = Math.floor(Math.log2(i + 1));
        return [60 + ((i + 1 - 2 ** level + .5) / 2 ** level - .5) * 104, 16 + 14.5 * level];
      };
      const edges = shown.slice(1).map((_, i) => `M${place(i + 1)}L${place(Math.floor(i / 2))}`).join("");
      return `<path class="edge" d="${edges}"/>` + shown.map((_, i) => dot(...place(i), i === 0)).join("");
    }
    if (this.store === "queue") { // in the order of setting; what goes round is put back at the end
      const line = timers.toSorted((a, b) => a.id - b.id);
      const shift = turns && line.length > 1 ? this.round % line.length : 0;
      return line.map((_, i) => dot(112 - 7.4 * (i % 15), 15 + 8 * Math.floor(i / 15), i === shift)).join("");
    }
    return timers.map(({ id }) => dot(8 + 104 * scatter(id), 12 + 54 * scatter(id + .5), false)).join("");
  }
}

// scatter returns a number from 0 to 1 that looks like chance, the same for the
// same timer.
const scatter = (id) => Math.abs(Math.sin(id * 12.9898) * 43758.5453) % 1;

const progress = (set, due, instant) => (due > set ? Math.min(1, Math.max(0, (instant - set) / (due - set))) : 1);

// across returns where in a plot something is of that age, in ms.
const across = (age) => (240 - age / 250).toFixed(1);

// A TimerRow shows one timer on its way to its deadline, the right end.
class TimerRow {
  constructor(id) {
    this.item = document.createElement("li");
    this.item.innerHTML = '<span class="id"></span><span class="way"><span class="walk"><span class="dot"></span></span></span><span class="left"></span><button type="button"></button>';
    $(".id", this.item).textContent = `#${id}`;
    this.left = $(".left", this.item);
    this.walk = $(".walk", this.item);
    const stop = $("button", this.item);
    stop.textContent = "×";
    stop.setAttribute("aria-label", `Stop timer ${id}`);
    stop.title = "Stop this timer in all stages";
    stop.onclick = () => ask({ do: "stop", id });
  }

  set({ set, due }) {
    // A millisecond more or less is rounding; a clock that was set, or a
    // laptop that slept, is more.
    if (this.due !== undefined && Math.abs(due - this.due) < 100) return;
    this.start = set;
    this.due = due;
    this.place();
  }

  // place has the dot walk from where it must be now. The browser moves it
  // without us, which costs next to nothing.
  place() {
    const instant = now();
    const at = (p) => `translateX(${(p - 1) * 100}%)`;
    this.motion?.cancel();
    this.motion = null;
    this.walk.style.transform = at(progress(this.start, this.due, instant));
    if (!calm.matches && this.due > instant) {
      this.motion = this.walk.animate([{ transform: at(progress(this.start, this.due, instant)) }, { transform: at(1) }],
        { duration: this.due - instant, fill: "forwards" });
    }
    this.tick();
  }

  tick() {
    const left = (this.due - now()) / 1000;
    if (left < -.25) this.left.textContent = `${length(-1000 * left)} overdue`;
    else this.left.textContent = left < 60 ? `${Math.max(0, left).toFixed(1)} s` : `${Math.floor(left / 60)} min ${Math.floor(left % 60)} s`;
    if (calm.matches) this.walk.style.transform = `translateX(${(progress(this.start, this.due, now()) - 1) * 100}%)`;
  }
}

// Predict first: the figures, and all that gives them away, stay hidden until
// every lane that is on has a guess. What is pressed meanwhile is not done, but
// asked about; Look does it. Whatever is pressed after that is a new question.
const prediction = {
  on: false,
  hides: false,
  asked: null, // what Look has the server do
  button: null, // of that

  toggle() {
    this.on = !this.on;
    $("#predict").setAttribute("aria-pressed", String(this.on));
    if (!this.on) return this.set(false);
    const script = $("#controls .first");
    this.ask(JSON.parse(script.dataset.do), script);
    say("The figures are hidden. Choose what is to be done, guess in each lane, then press Look.");
  },

  // ask makes it the question what something will cost. Guesses that nothing has
  // been held against yet stay.
  ask(asked, button) {
    warn("");
    if (!this.hides) {
      for (const lane of lanes) {
        lane.input.value = "";
        lane.forgetGuess();
      }
    }
    this.asked = asked;
    this.button?.removeAttribute("aria-pressed");
    this.button = button;
    button.setAttribute("aria-pressed", "true");
    let what = button.textContent;
    if (button.id === "set") what = `${number(asked.count)} × setTimeout ${length(asked.delay_ms)}`;
    for (const lane of lanes) $(".guess p", lane.root).textContent = `${what}: what will it cost?`;
    this.set(true);
  },

  async look() {
    const open = lanes.filter((lane) => lane.running);
    for (const { input, name } of open) {
      const guess = input.valueAsNumber;
      if (!(guess >= 0 && guess <= highestGuess)) {
        warn(`Guess first: ${name} needs a number from 0 to ${highestGuess}.`);
        input.focus();
        return;
      }
    }
    const before = open.map(({ report }) => ({ pending: report?.pending ?? 0, ran: report?.ran ?? 0 }));
    if (!await ask(this.asked)) return;
    for (const [i, lane] of open.entries()) {
      lane.guess = { asked: this.asked, said: lane.input.valueAsNumber, before: before[i] };
      const guessed = $(".guessed", lane.root);
      guessed.textContent = `you said ${lane.guess.said} %; measuring`;
      guessed.hidden = false;
    }
    this.set(false);
  },

  set(hides) {
    this.hides = hides;
    if (!hides) this.button?.removeAttribute("aria-pressed");
    for (const lane of lanes) lane.hide();
    show($("#look"), hides, $("#predict"));
  },
};

// The guided path: five scenes, each a question, one control and one sentence. The
// figures stay hidden until something has been guessed and the control pressed.
const path = {
  on: false,
  hides: false,
  scenes: [...document.querySelectorAll(".scene")],
  steps: [...document.querySelectorAll(".steps button")],

  toggle(on) {
    this.on = on;
    $("#guide").setAttribute("aria-pressed", String(on));
    if (on && prediction.on) prediction.toggle();
    $("#predict").hidden = on;
    $("#path").hidden = !on;
    $("#controls").hidden = on;
    if (on) return this.enter(0);
    this.hide(false);
  },

  async enter(n) {
    for (const [i, scene] of this.scenes.entries()) {
      scene.hidden = i !== n;
      this.steps[i].removeAttribute("aria-current");
    }
    this.steps[n].setAttribute("aria-current", "step");
    this.scene = this.scenes[n];
    for (const answer of this.scene.querySelectorAll("input")) answer.checked = false;
    this.tell("", false);
    this.hide(true);
    await this.perform(this.scene.dataset.enter);
  },

  // act does what the scene is about. With nothing guessed it asks for a guess.
  async act() {
    const { scene } = this;
    const answer = $("input:checked", scene);
    if (!answer) {
      warn("Guess first: there is nothing to lose.");
      $("input", scene).focus();
      return;
    }
    const waited = lanes.find((lane) => lane.status === "starting");
    if (waited) return warn(`${waited.name} is being built: a moment.`);
    if (!await this.perform(scene.dataset.act)) return;
    if (scene !== this.scene) return;
    const right = answer.value === scene.dataset.right;
    this.tell(`You said “${answer.nextSibling.textContent}”${right ? ", and so it is." : "; see for yourself."}`, true);
    this.hide(false);
  },

  async perform(steps) {
    const { scene } = this;
    for (const step of JSON.parse(steps)) {
      if (step.do === "wait") await new Promise((go) => setTimeout(go, 1000));
      else if (!(step.do === "stop-all" && !lanes.some((lane) => lane.running)) && !await ask(step)) return false;
      if (scene !== this.scene) return false;
    }
    return true;
  },

  tell(said, told) {
    $(".told b", this.scene).textContent = said;
    $(".told span", this.scene).hidden = !told;
  },

  hide(hides) {
    this.hides = hides;
    for (const lane of lanes) lane.hide();
  },
};

let lanes = [];
lanes = [...document.querySelectorAll(".lane")].map((root) => new Lane(root));
const byStage = (stage) => lanes.find((lane) => lane.stage === stage);

// layOut gives a lane that is off a column no wider than it needs.
function layOut() {
  const columns = lanes.map((lane) => (lane.root.dataset.state === "off" ? "9.5rem" : "minmax(0, 1fr)")).join(" ");
  $("main").style.setProperty("--columns", columns);
}
layOut();

// hear takes what the server says.
function hear(event, data) {
  if (lost) {
    lost = false;
    warn("");
  }
  switch (event) {
    case "beat":
      ahead = data - Date.now();
      break;
    case "all":
      for (const lane of data) byStage(lane.stage)?.reset(lane);
      document.body.dataset.ready = "true";
      break;
    case "status":
      byStage(data.stage)?.setStatus(data);
      break;
    case "source":
      byStage(data.stage)?.setSource(data);
      break;
    case "report":
      byStage(data.stage)?.addReport(data);
      break;
  }
}

// A page that is seen watches: it has a connection on which the server says
// everything, and then whatever changes. A page that nobody sees has none. (A
// browser opens no more than six to a server like ours.)
const patience = 10_000; // ms without a word (there is a beat every 2 s) after which to connect anew

function watch() {
  leave();
  source = new EventSource("/events");
  heard = Date.now();
  for (const event of ["beat", "all", "status", "source", "report"]) {
    source.addEventListener(event, ({ data }) => {
      heard = Date.now();
      hear(event, JSON.parse(data));
    });
  }
  source.onerror = lose; // it tries again by itself, but for a refusal
}

function leave() {
  source?.close();
  source = null;
}

function lose() {
  if (lost) return;
  lost = true;
  for (const lane of lanes) lane.lose();
  warn("The server can’t be heard. This page goes on trying; is it still running?");
}

// act is ask for what there can be a question about.
function act(what, button) {
  if (prediction.on && what.do !== "stop-next") return prediction.ask(what, button);
  return ask(what);
}
for (const button of document.querySelectorAll("[data-do]")) {
  button.onclick = () => act(JSON.parse(button.dataset.do), button);
}
$("#predict").onclick = () => prediction.toggle();
$("#look").onclick = () => prediction.look();
$("#guide").onclick = () => path.toggle(!path.on);
for (const [i, step] of path.steps.entries()) step.onclick = () => path.enter(i);
for (const scene of path.scenes) $(".act", scene).onclick = () => path.act();
$("#present").onclick = () => {
  const on = document.body.classList.toggle("present");
  $("#present").setAttribute("aria-pressed", String(on));
};
$("#controls").onsubmit = (e) => {
  e.preventDefault();
  const delay = $("#delay").valueAsNumber;
  if (!(Number.isInteger(delay) && delay >= 0 && delay <= longestDelay)) {
    warn(`The delay must be a whole number of milliseconds from 0 to ${number(longestDelay)}.`);
    $("#delay").focus();
    return;
  }
  act({ do: "timeout", delay_ms: delay, count: Number(new FormData($("#controls")).get("count")) }, $("#set"));
};

// What moves without news: the time that is left, the crowd, and the plots.
setInterval(() => {
  if (document.hidden) return;
  if (Date.now() - heard > patience) {
    lose();
    watch();
  }
  for (const lane of lanes) {
    if (!lost) lane.checkSilence();
    lane.tick();
  }
}, calm.matches ? 1000 : 100);

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return leave();
  for (const lane of lanes) lane.heard = Date.now();
  watch();
});
if (!document.hidden) watch();
