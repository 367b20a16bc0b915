// Node.js's event loop (libuv's, and Node's own lists of timers above it) at
// the work of the Go benchmarks. node - <work> <number>
'use strict';

const [work, number] = process.argv.slice(2);
const n = Number(number);
const now = () => Number(process.hrtime.bigint());        // ns
const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) * 1e3; };
const report = (value, unit) => console.log(value, unit);
const hour = 3_600_000;

// Any generator of random delays will do that is the same each time.
let seed = 1;
const random = () => { seed = (seed * 48271) % 2147483647; return seed / 2147483647; };

// rounds calls round(finished) again and again for 100 ms, once before that
// uncounted, and reports the cost of one of the ops in a round.
function rounds(ops, round) {
  let count = -1, wall, spent;
  const finished = () => {
    if (++count === 0) { wall = now(); spent = cpu(); }
    const elapsed = now() - wall;
    if (count > 0 && elapsed >= 100e6) {
      report(elapsed / (count * ops), 'ns/op');
      report((cpu() - spent) / (count * ops), 'cpu-ns/op');
      process.exit(0);
    }
    setImmediate(round, finished);
  };
  round(finished);
}

function lateness(late) {
  late.sort((a, b) => a - b);
  for (const p of [1, 5, 10, 25, 50, 75, 90, 95, 99]) {
    report(late[Math.floor((late.length - 1) * p / 100)] / 1e3, `late-p${String(p).padStart(2, '0')}-µs`);
  }
  report(late.at(-1) / 1e3, 'late-max-µs');
}

const works = {
  // CPU while n timers wait that are far from due.
  wait() {
    for (let i = 0; i < n; i++) setTimeout(() => {}, hour + random() * hour);
    setTimeout(() => {
      const wall = now(), spent = cpu();
      setTimeout(() => {
        report(100 * (cpu() - spent) / (now() - wall), '%cpu');
        process.exit(0);
      }, 300);
    }, 50);
  },
  // Set a timer and stop it, with n pending.
  setstop() {
    for (let i = 0; i < n; i++) setTimeout(() => {}, hour + random() * hour);
    rounds(10_000, (finished) => {
      for (let i = 0; i < 10_000; i++) clearTimeout(setTimeout(() => {}, hour + random() * hour));
      finished();
    });
  },
  // n timers with random delays over 10 ms, set to last callback.
  fire() {
    rounds(n, (finished) => {
      let left = n;
      const callback = () => { if (--left === 0) finished(); };
      for (let i = 0; i < n; i++) setTimeout(callback, random() * 10);
    });
  },
  // n functions to call as soon as possible.
  soon() {
    rounds(n, (finished) => {
      let left = n;
      const callback = () => { if (--left === 0) finished(); };
      for (let i = 0; i < n; i++) setImmediate(callback);
    });
  },
  // Timers one at a time, for n ms.
  quiet() {
    const late = [], end = now() + n * 1e6;
    const next = () => {
      const delay = 1 + late.length % 3, set = now();
      setTimeout(() => {
        late.push(now() - set - delay * 1e6);
        if (now() > end) lateness(late); else next();
      }, delay);
    };
    next();
  },
  // n timers that fall due at random over half a second.
  flow() {
    const late = [];
    for (let i = 0; i < n; i++) {
      const delay = 50 + random() * 500, set = now();
      setTimeout(() => {
        late.push(now() - set - delay * 1e6);
        if (late.length === n) lateness(late);
      }, delay);
    }
  },
};

if (!Object.hasOwn(works, work) || !(n >= 0)) {
  console.error(`usage: node - ${Object.keys(works).join('|')} number`);
  process.exit(2);
}
works[work]();
