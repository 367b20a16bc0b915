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

// warn shows what went wrong until the next thing is done; say tells those
// who can't see the page what the others see.
const warn = (text) => { $("#message").textContent = text; };
const say = (text) => { $("#said").textContent = text; };

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
    this.rows = new Map(); // of the timers shown one by one, by their number
    this.crowd = [];
    this.reset({ status: "off", pid: 0, why: "", history: [], calls: [], report: null });

    $(".switch", root).onclick = () => ask({ do: this.running ? "off" : "on", stage: this.stage });
    $(".again", root).onclick = async () => {
      if (root.dataset.state === "silent") await ask({ do: "off", stage: this.stage });
      await ask({ do: "on", stage: this.stage });
    };
    for (const button of root.querySelectorAll("[data-guess]")) {
      button.onclick = () => { this.input.value = button.dataset.guess; };
    }
  }

  get running() { return this.status === "on" || this.status === "starting"; }

  // reset shows all there is to know of the lane.
  reset(lane) {
    this.history = lane.history ?? [];
    this.ran = 0;
    this.report = null;
    $(".calls", this.root).replaceChildren();
    this.setStatus(lane);
    this.addCalls(lane.calls ?? [], 0);
    if (lane.report) this.setReport({ ...lane.report, calls: [], skipped: 0 });
    this.drawPlot();
  }

  setStatus({ status, pid, why }) {
    const { root } = this;
    this.status = status;
    this.pid = pid;
    this.heard = Date.now();
    if (status === "starting") $(".calls", root).replaceChildren();
    if (!this.running) {
      this.report = null;
      this.setTimers([], 0);
    }
    $(".process", root).textContent = this.running && pid ? `process ${pid}` : this.folder;
    $(".switch", root).setAttribute("aria-checked", String(this.running));
    if (status === "ended") {
      $(".why", root).textContent = `Its process has ended: ${why}. Its timers are gone with it.`;
      $(".again", root).textContent = "Start it again";
    } else if (status === "off") {
      $(".why", root).textContent = root.dataset.off;
      $(".again", root).textContent = "Start it";
    }
    if (!this.running || !this.report) this.setState(status);
    this.hide();
  }

  // hide hides the figures, or shows them, as the prediction wants it. Nobody
  // has to guess what a stage costs that is off.
  hide() {
    const hides = prediction.hides && this.running;
    $(".guess", this.root).hidden = !hides;
    $(".figures", this.root).hidden = hides;
  }

  // setState says in one word what the lane is at. The words are the page's
  // largest but for the figures, and the marks before them differ in shape:
  // nothing is said by colour alone.
  setState(state) {
    const words = { spins: "spins", asleep: "asleep", off: "off", starting: "starting", on: "starting", ended: "ended", silent: "no word" };
    const { root } = this;
    if (root.dataset.state === state) return;
    root.dataset.state = state;
    for (const word of root.querySelectorAll(".state .word")) word.textContent = words[state];
    $(".gone", root).hidden = !["off", "ended", "silent"].includes(state);
    if (state === "silent") {
      $(".why", root).textContent = `No word from process ${this.pid}: it is stopped, or gets no core to run on.`;
      $(".again", root).textContent = "End it and start again";
    }
    if (state === "off" || state === "ended" || state === "starting") this.clearFigures();
    if (!prediction.hides) say(`${this.name}: ${state === "ended" ? $(".why", root).textContent : words[state]}`);
  }

  clearFigures() {
    $(".cpu .value", this.root).textContent = "–";
    $(".turns .value", this.root).textContent = "–";
    $(".doing", this.root).textContent = "";
    this.written = 0;
  }

  setReport(report) {
    const { root } = this;
    const before = this.report;
    this.report = report;
    this.heard = Date.now();
    this.setState(report.spins ? "spins" : "asleep");
    // Text that changes more than once a second can't be read.
    const changed = !before || before.spins !== report.spins || before.pending !== report.pending;
    if (changed || report.at - this.written >= 950) {
      this.written = report.at;
      $(".cpu .value", root).textContent = percent(report.cpu);
      $(".turns .value", root).textContent = number(report.turns);
      $(".doing", root).textContent = report.doing;
    }
    this.setTimers(report.timers ?? [], report.pending);
    this.ran = report.ran;
    this.addCalls(report.calls ?? [], report.skipped);
    if (report.notice) warn(`Stage ${this.stage}: ${report.notice}.`);
  }

  addReport(report) {
    this.history.push([report.at, report.cpu]);
    if (this.history.length > 260) this.history.splice(0, 20);
    const before = this.written;
    this.setReport(report);
    if (!calm.matches || this.written !== before) this.drawPlot();
  }

  // checkSilence is called now and then: a process that is stopped can't say so.
  checkSilence() {
    if (this.running && Date.now() - this.heard > 5000) this.setState("silent");
  }

  drawPlot() {
    const now = this.history.at(-1)?.[0] ?? 0;
    const y = (cpu) => (100 - Math.min(cpu, 210) / 2.1).toFixed(1);
    let line = "", area = "", start = 0, last = -Infinity, end = 0;
    const close = () => { if (last > -Infinity) area += `L${end} 100L${start} 100Z`; };
    for (const [at, cpu] of this.history) {
      const age = now - at;
      if (age > 60_000) continue;
      const x = (240 - age / 250).toFixed(1);
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
  }

  setTimers(timers, pending) {
    const { root } = this;
    $(".pending .value", root).textContent = number(pending);
    $(".pending .none", root).hidden = pending > 0;
    const first = timers.slice(0, 4);
    const shown = new Set(first.map((t) => t.id));
    for (const [id, row] of this.rows) {
      if (shown.has(id)) continue;
      if (row.item.contains(document.activeElement)) $("#set").focus();
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
    this.crowd = timers.slice(4);
    $(".crowd", root).hidden = this.crowd.length === 0;
    $(".crowd p", root).textContent = `and ${number(pending - first.length)} more`;
    this.drawCrowd();
  }

  // tick is called while there is something to move.
  tick() {
    for (const row of this.rows.values()) row.tick();
    this.drawCrowd();
  }

  drawCrowd() {
    if (this.crowd.length === 0) return;
    const canvas = $("canvas", this.root);
    const scale = devicePixelRatio;
    const { clientWidth: width, clientHeight: height } = canvas;
    if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
    if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
    const pen = canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = getComputedStyle(canvas).color;
    const radius = 3.5, now = Date.now();
    for (const { id, set, due } of this.crowd) {
      const x = radius + progress(set, due, now) * (width - 2 * radius);
      const y = radius + scatter(id) * (height - 2 * radius);
      pen.beginPath();
      pen.arc(x, y, radius, 0, 2 * Math.PI);
      pen.fill();
    }
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

// scatter returns a number from 0 to 1 that looks like chance, the same for the
// same timer.
const scatter = (id) => Math.abs(Math.sin(id * 12.9898) * 43758.5453) % 1;

const progress = (set, due, now) => (due > set ? Math.min(1, Math.max(0, (now - set) / (due - set))) : 1);

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
    const now = Date.now();
    const at = (p) => `translateX(${(p - 1) * 100}%)`;
    this.motion?.cancel();
    this.motion = null;
    this.walk.style.transform = at(progress(this.start, this.due, now));
    if (!calm.matches && this.due > now) {
      this.motion = this.walk.animate([{ transform: at(progress(this.start, this.due, now)) }, { transform: at(1) }],
        { duration: this.due - now, fill: "forwards" });
    }
    this.tick();
  }

  tick() {
    const left = Math.max(0, this.due - Date.now()) / 1000;
    this.left.textContent = left < 60 ? `${left.toFixed(1)} s` : `${Math.floor(left / 60)} min ${Math.floor(left % 60)} s`;
    if (calm.matches) this.walk.style.transform = `translateX(${(progress(this.start, this.due, Date.now()) - 1) * 100}%)`;
  }
}

// Predict first: the figures, and the sentence that gives them away, stay
// hidden until every lane that is on has a guess. Whatever is done next is a
// new question.
const prediction = {
  on: false,
  hides: false,

  toggle() {
    this.on = !this.on;
    $("#predict").setAttribute("aria-pressed", String(this.on));
    this.ask();
    if (this.on) say("The figures are hidden. Guess in each lane, then press Look.");
  },

  // ask hides the figures, if the mode is on, and clears the guesses.
  ask() {
    this.hides = this.on;
    for (const lane of lanes) {
      lane.input.value = "";
      $(".guessed", lane.root).hidden = true;
    }
    this.show();
  },

  look() {
    warn("");
    const open = lanes.filter((lane) => lane.running);
    for (const { input, stage } of open) {
      const guess = input.valueAsNumber;
      if (!(guess >= 0 && guess <= highestGuess)) {
        warn(`Guess first: stage ${stage} needs a number from 0 to ${highestGuess}.`);
        input.focus();
        return;
      }
    }
    for (const { input, root } of open) {
      const guessed = $(".guessed", root);
      guessed.textContent = `you said ${input.valueAsNumber} %`;
      guessed.hidden = false;
    }
    this.hides = false;
    this.show();
    say(open.map(({ name, input, report }) => `${name}: you said ${input.value} percent, it is ${percent(report?.cpu ?? 0)}`).join(". "));
    $("#predict").focus();
  },

  show() {
    $("#look").hidden = !this.hides;
    for (const lane of lanes) lane.hide();
  },
};

const lanes = [...document.querySelectorAll(".lane")].map((root) => new Lane(root));

// hear takes what the server says.
let lost = false;
function hear({ event, data }) {
  if (event === "lost") {
    lost = true;
    warn("The server can’t be heard. This page goes on trying; is it still running?");
    return;
  }
  if (lost) {
    lost = false;
    warn("");
  }
  switch (event) {
    case "all":
      for (const lane of data) lanes[lane.stage - 1].reset(lane);
      document.body.dataset.ready = "true";
      break;
    case "status":
      lanes[data.stage - 1].setStatus(data);
      break;
    case "report":
      lanes[data.stage - 1].addReport(data);
      break;
  }
}

// act is ask for what changes the question.
function act(what) {
  if (!what.do.startsWith("stop")) prediction.ask();
  return ask(what);
}

for (const button of document.querySelectorAll("[data-do]")) {
  button.onclick = () => act(JSON.parse(button.dataset.do));
}
$("#predict").onclick = () => prediction.toggle();
$("#look").onclick = () => prediction.look();
$("#controls").onsubmit = (e) => {
  e.preventDefault();
  const delay = $("#delay").valueAsNumber;
  if (!(Number.isInteger(delay) && delay >= 0 && delay <= longestDelay)) {
    warn(`The delay must be a whole number of milliseconds from 0 to ${number(longestDelay)}.`);
    $("#delay").focus();
    return;
  }
  act({ do: "timeout", delay_ms: delay, count: Number(new FormData($("#controls")).get("count")) });
};

// What moves without news: the time that is left, and the crowd.
setInterval(() => {
  if (document.hidden) return;
  for (const lane of lanes) {
    if (!lost) lane.checkSilence();
    lane.tick();
  }
}, calm.matches ? 1000 : 100);

// One connection for all tabs, and none for a tab that nobody sees.
let watch, leave;
if ("SharedWorker" in window) {
  const { port } = new SharedWorker("feed.js");
  port.onmessage = ({ data }) => hear(data);
  watch = () => port.postMessage("watch");
  leave = () => port.postMessage("leave");
} else {
  const feed = new Feed(hear);
  watch = () => feed.open();
  leave = () => feed.close();
}
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return leave();
  for (const lane of lanes) lane.heard = Date.now();
  watch();
});
addEventListener("pagehide", () => leave());
addEventListener("pageshow", ({ persisted }) => { if (persisted) watch(); });
if (!document.hidden) watch();
