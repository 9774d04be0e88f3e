"use strict";
// The page of haishin-window. What it shows comes ready in the reader's words; here it is put in its place.

const T = JSON.parse(document.getElementById("words").textContent);
const COUNT_S = 30; // from the press to the restart: time to stop it
const PRESS_S = 60; // between two presses of the button

let state = JSON.parse(document.getElementById("state").textContent);
let waitUntil = 0; // when the button may be pressed again
let ready = null; // what the last download brought
let hops = [];
let ticking = 0, counting = 0; // timers

const $ = (id) => document.getElementById(id);

// An element with its attributes (a function is a listener, null is left out) and what is in it.
function make(name, attributes, ...children) {
	const element = document.createElement(name);
	for (const [key, value] of Object.entries(attributes || {})) {
		if (typeof value === "function") element.addEventListener(key, value);
		else if (value === true) element.setAttribute(key, "");
		else if (value !== false && value !== null) element.setAttribute(key, value);
	}
	element.append(...children.filter((child) => child !== null && child !== ""));
	return element;
}

const fill = (text, value) => text.replace(/%[ds]/, () => value);
const button = (text, click, more) => make("button", { type: "button", click, ...more }, text);

function say(text) {
	$("message").textContent = text;
	$("message").hidden = !text;
}

function sayError(error) {
	say([error.sentence, error.next, error.detail ? `(${T.support}: ${error.detail})` : ""].filter(Boolean).join(" "));
}

// ---- Asking ----

async function ask(path) {
	try {
		const answer = await fetch(path, { credentials: "same-origin" });
		return await answer.json();
	} catch {
		say(T.lost);
		return null;
	}
}

// Has something done. True where it was, or has begun.
async function deed(method, parameters) {
	say(state.asks_password ? T.password_asked : "");
	try {
		const answer = await fetch("api/do", {
			method: "POST",
			credentials: "same-origin",
			headers: { "Content-Type": "application/json" },
			body: JSON.stringify({ method, parameters: parameters || {} }),
		});
		const said = await answer.json();
		say("");
		if (said.ok) return true;
		if (said.seconds_left) waitFor(said.seconds_left);
		sayError(said);
	} catch {
		say(T.lost);
	}
	return false;
}

// ---- The top ----

const actions = {
	restart: () => restartButton(),
	download: () => button(T.download, () => showPart("download"), { class: "main" }),
	settings: () => button(T.settings, () => showPart("settings"), { class: "main" }),
	doctor: () => button(T.doctor, () => showPart("doctor"), { class: "main" }),
};

function detailed(text, detail) {
	return make("li", {}, text, detail ? make("small", {}, ` (${T.support}: ${detail})`) : null);
}

function drawTop() {
	$("top").className = state.verdict;
	$("word").textContent = state.word;
	$("sentence").textContent = state.sentence;
	$("next").textContent = `${T.next}: ${state.next}`;
	$("action").replaceChildren(...(actions[state.action] ? [actions[state.action]()] : []));
	$("problems").replaceChildren(...state.problems.map((problem) => detailed(problem.text, problem.detail)));
	$("facts").replaceChildren(...state.facts.map((fact) => make("li", {}, fact)));
	$("code").textContent = state.code;
	$("may-not").hidden = state.may_change || !state.answers;
	$("asks-password").hidden = !state.asks_password;
}

// ---- Restart ----

const restartButton = () => button(T.restart_now, countDown, { class: "main", disabled: !state.may_change });

function countDown() {
	let left = COUNT_S;
	const end = () => {
		clearInterval(counting);
		counting = 0;
		$("count").hidden = true;
	};
	const show = () => ($("count-text").textContent = fill(T.restarting_in, left));
	if (counting) return;
	$("count").hidden = false;
	$("count-stop").onclick = end;
	$("count-stop").focus();
	show();
	counting = setInterval(async () => {
		if (--left > 0) return show();
		end();
		if (await deed("Restart")) say(T.restart_begun);
	}, 1000);
}

// ---- Download ----

function waitFor(seconds) {
	waitUntil = Date.now() + seconds * 1000;
	if (!ticking) ticking = setInterval(drawDownload, 1000);
	drawDownload();
}

function drawDownload() {
	const left = Math.ceil((waitUntil - Date.now()) / 1000);
	const press = $("download-button");
	press.disabled = !state.may_change || left > 0;
	press.textContent = left > 0 ? fill(T.download_wait, left) : T.download;
	if (left > 0 || !ticking) return;
	clearInterval(ticking);
	ticking = 0;
}

function drawJob(job) {
	const shown = job && !job.hop && job.job !== "doctor";
	$("job").hidden = !shown;
	if (!shown) return;
	$("job-note").textContent = job.job === "night" || job.job === "button" ? T.download_going : job.word;
	$("job-text").textContent = job.text;
	$("job-amount").textContent = job.amount;
	if (job.share >= 0) $("job-bar").value = job.share;
	else $("job-bar").removeAttribute("value");
}

function drawReady() {
	if (!ready) return $("ready").replaceChildren();
	const parts = [make("p", {}, ready.text)];
	if (ready.restart) parts.push(restartButton(), " ", button(T.later, forgetReady));
	$("ready").replaceChildren(...parts);
}

function forgetReady() {
	ready = null;
	drawReady();
}

function takeResult(result) {
	drawJob(null);
	if (result.job !== "button" && result.job !== "night" && result.job !== "check") return;
	if (!result.ok) ready = { text: `${result.sentence} ${result.next}` };
	else if (result.staged > 0) ready = { text: T.download_ready, restart: true };
	else ready = { text: T.download_none };
	drawReady();
}

$("download-button").addEventListener("click", async () => {
	forgetReady();
	waitFor(PRESS_S); // nobody presses again while it is asked for
	const until = waitUntil;
	if (await deed("DownloadNow")) return say(T.download_begun);
	if (waitUntil !== until) return; // the agent has said how long
	waitUntil = 0;
	drawDownload();
});

// ---- Records ----

function drawPackages() {
	$("packages").replaceChildren(
		...state.packages.map((one) =>
			make(
				"tr",
				{},
				make("th", { scope: "row" }, one.title || one.name, make("br"), make("small", {}, one.name)),
				make("td", {}, one.next && one.next !== one.version ? `${one.version} → ${one.next}` : one.version),
				make("td", {}, one.newest),
				make("td", {}, one.state),
				make("td", {}, one.since),
			),
		),
	);
	const select = $("filter").elements.package;
	if (select.options.length === 1) select.append(...state.packages.map((one) => make("option", { value: one.name }, one.title || one.name)));
}

let newsShown = "";

// What the staged or current versions change: the first line of each, and all of it for who opens it. What is open stays open.
function drawNews() {
	const told = state.packages.filter((one) => one.notes);
	const key = JSON.stringify(told.map((one) => [one.name, one.notes_of, one.notes]));
	$("news").hidden = told.length === 0;
	if (key === newsShown) return;
	newsShown = key;
	$("notes").replaceChildren(
		...told.map((one) => {
			const text = make("p", { class: "notes" });
			const open = async (event) => {
				if (!event.target.open || text.textContent) return;
				const answer = await ask(`api/notes?${new URLSearchParams({ package: one.name, version: one.notes_of })}`);
				if (answer) text.textContent = answer.text ?? answer.sentence;
			};
			return make("details", { toggle: open }, make("summary", {}, make("b", {}, `${one.title || one.name} ${one.notes_of}`), ` ${one.notes}`), text);
		}),
	);
}

async function copy(value) {
	try {
		await navigator.clipboard.writeText(value);
	} catch {
		const field = make("textarea", { class: "copy" }, value);
		document.body.append(field);
		field.select();
		document.execCommand("copy");
		field.remove();
	}
	say(fill(T.copied, value));
}

function drawCompletion(report) {
	if (!report || report.ok === false) return $("completion").replaceChildren(make("p", {}, T.no_campaign));
	if (!report.complete)
		return $("completion").replaceChildren(
			make("p", {}, T.not_complete),
			make("ul", {}, ...report.missing.map((text) => make("li", {}, text))),
		);
	const rows = [
		[T.campaign, report.campaign],
		[T.completed, report.completed],
		[T.institution, report.institution],
		[T.telephone, report.telephone],
		[T.telephone_hyphens, report.telephone_hyphens],
	];
	$("completion").replaceChildren(
		make(
			"dl",
			{},
			...rows.flatMap(([name, value]) => [
				make("dt", {}, name),
				make("dd", {}, value || T.empty_value),
				make("dd", {}, value ? button(T.copy, () => copy(value), { "aria-label": `${T.copy}: ${name}` }) : ""),
			]),
		),
	);
}

function filterQuery() {
	const query = new URLSearchParams();
	for (const [name, value] of new FormData($("filter"))) if (value) query.set(name, value);
	return query.size ? `?${query}` : "";
}

async function loadHistory() {
	const query = filterQuery();
	$("csv").href = `api/history.csv${query}`;
	const answer = await ask(`api/history${query}`);
	if (!answer) return;
	if (answer.ok === false) return sayError(answer);
	$("rows-count").textContent = answer.rows.length ? fill(T.rows_shown, answer.rows.length) : T.no_rows;
	$("rows").replaceChildren(
		...answer.rows.map((row) =>
			make("tr", {}, ...["time", "operation", "package", "version", "outcome", "detail"].map((key) => make("td", {}, row[key]))),
		),
	);
}

$("filter").addEventListener("submit", (event) => {
	event.preventDefault();
	loadHistory();
});
$("print").addEventListener("click", () => window.print());

// ---- Settings ----

function drawPause() {
	const isOff = state.disabled !== null;
	$("pause-text").textContent = isOff ? state.disabled : T.enabled_now;
	$("pause-fields").hidden = isOff;
	$("pause-button").textContent = isOff ? T.enable : T.disable;
	for (const field of $("pause").elements) field.disabled = !state.may_change;
}

$("pause").addEventListener("submit", async (event) => {
	event.preventDefault();
	if (state.disabled !== null) return deed("Enable");
	const parameters = {};
	for (const [name, value] of new FormData($("pause"))) if (value) parameters[name] = value;
	await deed("Disable", parameters);
});

function drawHolds() {
	$("holds").replaceChildren(
		...state.packages.map((one) =>
			make(
				"li",
				{},
				button(one.held ? T.unhold : T.hold, () => deed(one.held ? "Unhold" : "Hold", { package: one.name }), {
					disabled: !state.may_change,
					"aria-label": `${one.held ? T.unhold : T.hold}: ${one.title || one.name}`,
				}),
				`${one.title || one.name} ${one.version}`,
			),
		),
	);
}

function drawSetting(setting) {
	const id = `setting-${setting.name}`;
	const may = setting.may_set && state.may_change;
	const input = make("input", { id, type: "text", name: "value", value: setting.value, "aria-describedby": `${id}-form`, readonly: !may });
	const save = async (value) => {
		if (!(await deed("SetSetting", value === null ? { name: setting.name } : { name: setting.name, value }))) return;
		input.defaultValue = input.value;
		say(fill(T.saved, setting.word));
	};
	return make(
		"form",
		{
			class: "setting",
			submit: (event) => {
				event.preventDefault();
				save(input.value);
			},
		},
		make("label", { for: id }, setting.word, make("small", { id: `${id}-form` }, setting.may_set ? setting.form : T.fixed)),
		make(
			"div",
			{},
			input,
			may ? make("button", { type: "submit", "aria-label": `${T.save}: ${setting.word}` }, T.save) : null,
			may && setting.by_staff ? button(T.reset, () => save(null), { "aria-label": `${T.reset}: ${setting.word}` }) : null,
		),
	);
}

// What somebody is typing is left alone, and the focus stays where it is.
async function loadSettings() {
	const answer = await ask("api/settings");
	const isTyping = [...$("values").querySelectorAll("input")].some((input) => input.value !== input.defaultValue);
	const focus = $("values").contains(document.activeElement) ? document.activeElement.id : "";
	if (!answer || answer.ok === false || isTyping) return;
	$("values").replaceChildren(...answer.settings.map(drawSetting));
	if (focus) $(focus)?.focus();
}

// ---- Doctor ----

function draw(name, attributes, ...children) {
	const element = document.createElementNS("http://www.w3.org/2000/svg", name);
	for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
	element.append(...children);
	return element;
}

const places = ["terminal", "lan", "proxy", "server"];
const marks = { ok: "✓", warning: "!", failed: "✕" };

// The worst that was found at each place, "" where nothing was looked at.
function outcomesOfPlaces() {
	const order = ["", "skipped", "ok", "warning", "failed"];
	return places.map((place) =>
		hops.filter((hop) => hop.place === place).reduce((worst, hop) => (order.indexOf(hop.outcome) > order.indexOf(worst) ? hop.outcome : worst), ""),
	);
}

function drawWay() {
	const outcomes = outcomesOfPlaces();
	const ends = outcomes.indexOf("failed");
	const svg = draw("svg", { viewBox: "0 0 720 130", role: "img" });
	places.forEach((place, i) => {
		const x = 10 + i * 190;
		if (i > 0) svg.append(draw("line", { class: ends >= 0 && i > ends ? "road cut" : "road", x1: x - 60, y1: 60, x2: x, y2: 60 }));
		svg.append(
			draw(
				"g",
				{ class: `place ${outcomes[i]}` },
				draw("rect", { x, y: 15, width: 130, height: 90, rx: 8 }),
				draw("text", { x: x + 65, y: 50 }, T[`place_${place}`]),
				draw("text", { x: x + 65, y: 85, class: "mark" }, marks[outcomes[i]] || ""),
			),
		);
	});
	const end = ends >= 0 ? `${T.way_ends} (${T[`place_${places[ends]}`]})` : outcomes.includes("ok") ? T.way_open : "";
	svg.setAttribute("aria-label", `${T.way}. ${end}`);
	$("way").replaceChildren(svg, make("p", {}, end));
}

function drawHop(hop) {
	return make(
		"li",
		{ class: hop.outcome },
		make("b", {}, hop.outcome_word),
		` ${hop.word} `,
		make("small", {}, hop.subject),
		hop.sentence ? make("div", {}, hop.sentence) : null,
		hop.detail ? make("small", {}, `(${T.support}: ${hop.detail})`) : null,
	);
}

function takeProgress(job) {
	if (!job.hop) return drawJob(job);
	hops.push(job.hop);
	$("hops").append(drawHop(job.hop));
	drawWay();
}

function takeFinding(found) {
	const press = $("doctor-button");
	press.disabled = false;
	press.textContent = T.doctor_start;
	$("code").textContent = found.code;
	$("finding").replaceChildren(
		make("p", {}, make("strong", {}, found.sentence)),
		make("p", {}, `${T.next}: ${found.next}`),
		make("p", {}, `${T.read_out}: `, make("span", { class: "code" }, found.code)),
	);
}

$("doctor-button").addEventListener("click", async () => {
	hops = [];
	$("hops").replaceChildren();
	$("finding").replaceChildren();
	drawWay();
	if (!(await deed("Doctor"))) return;
	if ($("finding").firstChild) return;
	$("doctor-button").disabled = true;
	$("doctor-button").textContent = T.doctor_going;
});

// ---- Parts ----

const parts = ["download", "records", "settings", "doctor"];

async function showPart(name, isFirst) {
	for (const part of parts) $(part).hidden = part !== name;
	for (const one of document.querySelectorAll("nav button")) {
		if (one.dataset.part === name) one.setAttribute("aria-current", "true");
		else one.removeAttribute("aria-current");
	}
	history.replaceState(null, "", `#${name}`);
	if (!isFirst) $(`${name}-head`).focus();
	if (name === "records") {
		loadHistory();
		drawCompletion(await ask("api/completion"));
	}
	if (name === "settings") loadSettings();
}

for (const one of document.querySelectorAll("nav button")) one.addEventListener("click", () => showPart(one.dataset.part));

function drawAll() {
	drawTop();
	drawDownload();
	drawJob(state.job);
	drawReady();
	drawPackages();
	drawNews();
	drawPause();
	drawHolds();
	$("doctor-button").disabled = !state.answers;
	if (!$("settings").hidden) loadSettings();
}

function listen() {
	const events = new EventSource("api/events");
	const take = (name, what) => events.addEventListener(name, (event) => what(JSON.parse(event.data)));
	take("state", (now) => {
		state = now;
		drawAll();
	});
	take("progress", takeProgress);
	take("result", takeResult);
	take("finding", takeFinding);
	events.onerror = () => {
		if (events.readyState === EventSource.CLOSED) say(T.lost);
	};
}

const outcomes = JSON.parse(document.getElementById("outcomes").textContent);
$("filter").elements.outcome.append(...outcomes.map((one) => make("option", { value: one.name }, one.word)));
drawWay();
drawAll();
showPart(parts.includes(location.hash.slice(1)) ? location.hash.slice(1) : "download", true);
listen();
