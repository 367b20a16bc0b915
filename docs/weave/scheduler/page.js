"use strict";
// The page knows nothing of loops and events: all positions, what leads from one to
// the other, and what is told of it come from the model.
(() => {
	const plays = JSON.parse(document.getElementById("plays").textContent);
	const $ = (selector) => document.querySelector(selector);
	const words = JSON.parse(document.getElementById("words").textContent);
	// say returns words in the language of the page, with the figures in the places of %s.
	const say = (text, ...figures) => figures.reduce((said, figure) => said.replace("%s", figure), words[text]);
	const whos = [["loop", say("The timer loop")], ["code", say("Your code")]];
	const lanes = [...document.querySelectorAll(".lane")].map((lane) => [...lane.querySelectorAll("li")]);

	let play;
	let path = []; // who makes each step, with those that were taken back
	let made = 0; // steps of it
	let timer = 0; // while it plays by itself

	const positions = (n) => {
		const all = [play.Positions[0]];
		for (const who of path.slice(0, n)) all.push(play.Positions[all.at(-1).to[who]]);
		return all;
	};

	const chips = (element, names) => {
		element.replaceChildren(...names.map((name) => {
			const chip = document.createElement("span");
			chip.className = "chip";
			chip.textContent = name;
			return chip;
		}));
		if (names.length === 0) element.textContent = say("empty");
	};

	const off = (button, is) => button.setAttribute("aria-disabled", String(is));

	const show = (speak = true) => {
		const all = positions(made);
		const now = all.at(-1);
		const dd = (name) => $(`.state .${name} dd`);
		const roomless = play.Name === "no-room";
		chips(dd("heap"), now.heap);
		dd("lock").textContent = say(now.locked ? "held by your code" : "free");
		dd("event").textContent = say(now.event ? (roomless ? "handed over" : "set") : roomless ? "no room" : "not set");
		$(".state .event").classList.toggle("full", now.event);
		$(".state .event").classList.toggle("roomless", roomless);
		$(".state .lock").classList.toggle("held", now.locked);
		dd("until").textContent = now.until;
		dd("alarm").textContent = now.alarm;
		const sleeps = now.sleeps && now.to[0] === 0;
		$(".state .who").classList.toggle("sleeps", sleeps);
		$(".state .who span").textContent = say(sleeps ? "asleep" : now.sleeps ? "woken" : "awake");

		whos.forEach(([name, title], who) => {
			const button = $("#step-" + name);
			const can = now.to[who] !== 0;
			off(button, !can);
			const next = lanes[who][now.at[who]];
			const code = next ? next.querySelector("pre").dataset.main : "";
			button.querySelector("span").textContent = can ? code : now.told[who];
			button.classList.toggle("waits", !can);
			lanes[who].forEach((li, i) => {
				if (i === now.at[who]) li.setAttribute("aria-current", "step");
				else li.removeAttribute("aria-current");
			});
		});
		off($("#back"), made === 0);
		off($("#forward"), made === path.length);
		off($("#play"), made === path.length);
		off($("#again"), made === 0);
		$("#play").textContent = say(timer ? "Pause" : "Play");

		const said = $("#said");
		said.className = now.over ? (now.lost ? "lost" : "kept") : "";
		if (speak) {
			const last = made === 0 ? say("Who goes first?") : `${made}. ${whos[path[made - 1]][1]} ${all.at(-2).told[path[made - 1]]}.`;
			const verdict = !now.over ? "" : now.lost
				? say("You did it: the wake-up is lost. The timer of 10 ms waits in the heap, and the loop sleeps for an hour.")
				: say("It is over, and nothing is lost: the loop sleeps for 10 ms.");
			said.textContent = last + " " + verdict;
		}
		$("#hint p").textContent = say("Ways on from here: %s. The wake-up is lost in %s of them.", now.orders, now.losing);
	};

	const pause = () => {
		clearInterval(timer);
		timer = 0;
	};

	const step = (who) => {
		pause();
		const now = positions(made).at(-1);
		if (now.to[who] === 0) {
			show(now.over); // then the verdict stays
			if (!now.over) $("#said").textContent = say("%s can’t make a step: it %s.", whos[who][1], now.told[who]);
			return;
		}
		if (path[made] !== who) path = [...path.slice(0, made), who];
		made++;
		show();
	};

	const go = (n) => {
		pause();
		if (n >= 0 && n <= path.length) made = n;
		show();
	};

	const begin = () => {
		pause();
		timer = setInterval(() => {
			if (made < path.length) made++;
			if (made === path.length) pause();
			show();
		}, 1200);
		show();
	};

	const choose = (i) => {
		pause();
		play = plays[i];
		path = [];
		made = 0;
		document.querySelectorAll("input[name=variant]")[i].checked = true;
		$("#toy").dataset.variant = play.Name;
		$("#found").textContent = "";
		$("#orders").replaceChildren();
		show();
	};

	// every calls f with each order that there is.
	const every = (f, at = 0, order = []) => {
		const now = play.Positions[at];
		if (now.over) f(order, now.lost);
		now.to.forEach((to, who) => {
			if (to !== 0) every(f, to, [...order, who]);
		});
	};

	const tryAll = () => {
		const found = [];
		every((order, lost) => found.push({ order, lost }));
		const losing = found.filter((f) => f.lost).length;
		$("#found").textContent = say("Orders: %s. The wake-up is lost in %s of them. Choose one to see it played: L is a step of the loop, C one of your code.", found.length, losing);
		found.sort((a, b) => b.lost - a.lost); // those first
		$("#orders").replaceChildren(...found.map(({ order, lost }) => {
			const li = document.createElement("li");
			const button = document.createElement("button");
			button.type = "button";
			const letters = document.createElement("span");
			letters.className = "letters";
			letters.setAttribute("aria-hidden", "true");
			letters.innerHTML = order.map((who) => who ? "<b>C</b>" : "<i>L</i>").join("");
			const verdict = document.createElement("span");
			verdict.textContent = say(lost ? "lost" : "not lost");
			const runs = order.join("").match(/0+|1+/g).map((run) => `${say(run[0] === "0" ? "loop" : "code")} ${run.length}`);
			button.append(letters, " ", verdict);
			button.setAttribute("aria-label", `${say("Play")}: ${runs.join(", ")}; ${verdict.textContent}`);
			button.className = lost ? "lost" : "";
			button.onclick = () => {
				path = order;
				made = 0;
				$(".board").scrollIntoView({ block: "start" });
				$("#play").focus({ preventScroll: true });
				if (matchMedia("(prefers-reduced-motion: reduce)").matches) go(0);
				else begin();
			};
			li.append(button);
			return li;
		}));
	};

	for (const lane of lanes) for (const li of lane) {
		const pre = li.querySelector("pre");
		const lines = pre.textContent.split("\n").map((l) => l.trim());
		pre.dataset.main = lines.find((l) => /until = l.pending|case <-l.wake|heap.Push/.test(l)) ?? lines.at(-1);
	}
	document.querySelectorAll("input[name=variant]").forEach((radio, i) => radio.addEventListener("change", () => choose(i)));
	const unless = (f) => (event) => event.currentTarget.getAttribute("aria-disabled") === "true" || f();
	$("#step-loop").onclick = () => step(0);
	$("#step-code").onclick = () => step(1);
	$("#back").onclick = unless(() => go(made - 1));
	$("#forward").onclick = unless(() => go(made + 1));
	$("#again").onclick = unless(() => go(0));
	$("#play").onclick = unless(() => timer ? go(made) : begin());
	$("#all").onclick = tryAll;
	$("#toy").addEventListener("keydown", (event) => {
		if (event.ctrlKey || event.altKey || event.metaKey || event.target.matches("input")) return;
		const act = { l: () => step(0), c: () => step(1), ArrowLeft: () => go(made - 1), ArrowRight: () => go(made + 1) }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
		if (!act) return;
		event.preventDefault();
		act();
	});

	const named = () => Math.max(0, plays.findIndex((p) => "#" + p.Name === location.hash));
	window.addEventListener("hashchange", () => choose(named()));
	document.body.classList.add("plays");
	choose(named());
	document.body.dataset.ready = "true";
})();
