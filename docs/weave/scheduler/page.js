"use strict";
// The page knows nothing of loops and events: all positions, what leads from one to
// the other, and what is told of it come from the model.
(() => {
	const plays = JSON.parse(document.getElementById("plays").textContent);
	const $ = (selector) => document.querySelector(selector);
	const whos = [["loop", "The timer loop"], ["code", "Your code"]];
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
		if (names.length === 0) element.textContent = "empty";
	};

	const off = (button, is) => button.setAttribute("aria-disabled", String(is));

	const show = (say = true) => {
		const all = positions(made);
		const now = all.at(-1);
		const dd = (name) => $(`.state .${name} dd`);
		chips(dd("arrivals"), now.arrivals);
		chips(dd("taken"), now.taken);
		chips(dd("heap"), now.heap);
		dd("lock").textContent = now.locked ? "held by your code" : "free";
		const value = play.Name === "no-room" && now.event ? "handed over" : "set";
		dd("event").textContent = now.event ? value : play.Name === "no-room" ? "no room" : "not set";
		$(".state .event").classList.toggle("full", now.event);
		$(".state .event").classList.toggle("roomless", play.Name === "no-room");
		$(".state .lock").classList.toggle("held", now.locked);
		dd("until").textContent = now.until;
		dd("alarm").textContent = now.alarm === "never" ? "not set" : now.alarm;
		dd("says").textContent = now.says ? "asleep" : "awake";
		const sleeps = now.sleeps && now.to[0] === 0;
		$(".state .who").classList.toggle("sleeps", sleeps);
		$(".state .who span").textContent = sleeps ? "asleep" : now.sleeps ? "woken" : "awake";

		whos.forEach(([name, title], who) => {
			const button = $("#step-" + name);
			const can = now.to[who] !== 0;
			off(button, !can);
			const next = lanes[who][now.at[who]];
			const code = !next ? "" : next.dataset.only ? "event.clear()" : next.querySelector("pre").dataset.main;
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
		$("#play").textContent = timer ? "Pause" : "Play";

		const said = $("#said");
		said.className = now.over ? (now.lost ? "lost" : "kept") : "";
		if (say) {
			const last = made === 0 ? "Who goes first?" : `${made}. ${whos[path[made - 1]][1]} ${all.at(-2).told[path[made - 1]]}.`;
			said.textContent = last + (!now.over ? "" : now.lost
				? " You win: the wake-up is lost. The timer of 10 ms waits in arrivals, and the loop sleeps for an hour."
				: " It is over, and nothing is lost: the loop sleeps for 10 ms.");
		}
		const left = now.losing === 0 ? "none of them loses" : now.losing === 1 ? "1 of them loses" : `${now.losing} of them lose`;
		$("#hint p").textContent = now.orders === 1
			? `From here there is only one way on. It ${now.losing ? "loses" : "does not lose"} the wake-up.`
			: `From here there are ${now.orders} ways on; ${left} the wake-up.`;
	};

	const pause = () => {
		clearInterval(timer);
		timer = 0;
	};

	const step = (who) => {
		pause();
		const now = positions(made).at(-1);
		if (now.to[who] === 0) {
			show(false);
			$("#said").textContent = `${whos[who][1]} can’t make a step: it ${now.told[who]}.`;
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
		$("#found").textContent = `${found.length} orders. ${losing === 0 ? "None of them loses" : losing === 1 ? "1 of them loses" : `${losing} of them lose`} the wake-up.`
			+ " Choose one to see it played: L is a step of the loop, C one of your code.";
		found.sort((a, b) => b.lost - a.lost); // those first
		$("#orders").replaceChildren(...found.map(({ order, lost }) => {
			const li = document.createElement("li");
			const button = document.createElement("button");
			button.type = "button";
			const letters = document.createElement("span");
			letters.className = "letters";
			letters.setAttribute("aria-hidden", "true");
			letters.innerHTML = order.map((who) => who ? "<b>C</b>" : "<i>L</i>").join("");
			const words = document.createElement("span");
			words.textContent = lost ? "lost" : "good";
			const runs = order.join("").match(/0+|1+/g).map((run) => `${run[0] === "0" ? "loop" : "code"} ${run.length}`);
			button.append(letters, " ", words);
			button.setAttribute("aria-label", `Play: ${runs.join(", ")}; ${lost ? "lost" : "good"}`);
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
		const lines = pre.textContent.split("\n");
		pre.dataset.main = lines.map((l) => l.trim()).find((l) => /arrivals := |asleep = true|case <-l.wake|append\(/.test(l)) ?? lines[0].trim();
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
	$("#toy").hidden = false;
	choose(named());
	document.body.dataset.ready = "true";
})();
