"use strict";
// Which slide shows is the fragment of the address, #5, so that it survives a
// reload; so does the length, #5,90.
(() => {
  const slides = [...document.querySelectorAll("section")];
  const byId = id => document.getElementById(id);
  const lengths = [...byId("length").options].map(option => option.value);
  let at = 0, length = "";

  // Of 90 minutes a section takes 8, or none: "Minutes: none of 45, 8 of 90".
  const minutesOf = slide => (slide.dataset.minutes.match(`(\\w+) of ${length}\\b`) || [])[1];
  const shown = slide => length === "" || minutesOf(slide) !== "none";
  // The next slide in that direction which this length has, or the one itself.
  const from = (i, step) => {
    for (let j = i + step; j >= 0 && j < slides.length; j += step) if (shown(slides[j])) return j;
    return i;
  };

  function show() {
    if (!shown(slides[at])) at = from(at, 1);
    if (!shown(slides[at])) at = from(at, -1);
    slides.forEach((slide, i) => {
      slide.classList.toggle("here", i === at);
      slide.classList.toggle("left-out", !shown(slide));
    });
    const here = slides[at], all = slides.filter(shown);
    byId("section").textContent = here.dataset.section;
    byId("minutes").textContent = length && minutesOf(here) ? minutesOf(here) + " minutes" : "";
    byId("number").textContent = `${all.indexOf(here) + 1} / ${all.length}`;
    byId("length").value = length;
    history.replaceState(null, "", "#" + (at + 1) + (length && "," + length));
    window.scrollTo(0, 0);
  }
  function go(i) { at = i; show(); }
  function choose(value) { length = value; show(); }

  function read() {
    const [number, of] = location.hash.slice(1).split(",");
    at = Math.min(Math.max((parseInt(number, 10) || 1) - 1, 0), slides.length - 1);
    length = lengths.includes(of) ? of : "";
    show();
  }

  const keys = {
    ArrowRight: () => go(from(at, 1)), ArrowDown: () => go(from(at, 1)), PageDown: () => go(from(at, 1)), " ": () => go(from(at, 1)),
    ArrowLeft: () => go(from(at, -1)), ArrowUp: () => go(from(at, -1)), PageUp: () => go(from(at, -1)),
    Home: () => go(0), End: () => go(slides.length - 1),
    f: () => document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen(),
  };
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("select, button") && (event.key === " " || event.key.startsWith("Arrow"))) return;
    if (event.target.matches("pre") && event.target.scrollWidth > event.target.clientWidth && /^Arrow(Left|Right)$/.test(event.key)) return;
    if (/^[0-9]$/.test(event.key) && event.key < lengths.length) return choose(lengths[event.key]);
    const act = keys[event.key] || keys[event.key.toLowerCase()];
    if (!act) return;
    event.preventDefault();
    act();
  });
  byId("previous").onclick = () => go(from(at, -1));
  byId("next").onclick = () => go(from(at, 1));
  byId("length").onchange = event => choose(event.target.value);

  let touched = null;
  document.addEventListener("touchstart", event => { touched = event.touches[0]; }, { passive: true });
  document.addEventListener("touchend", event => {
    if (!touched) return;
    const end = event.changedTouches[0], dx = end.clientX - touched.clientX, dy = end.clientY - touched.clientY;
    if (Math.abs(dx) > 50 && Math.abs(dx) > 2 * Math.abs(dy)) go(from(at, dx < 0 ? 1 : -1));
    touched = null;
  }, { passive: true });

  window.addEventListener("hashchange", read);
  document.documentElement.classList.add("deck");
  read();
})();
