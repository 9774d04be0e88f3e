"use strict";
/* Everything is on the page without this. What it adds: "/" leads to the search, printing is one button, and the night's view
 * keeps itself fresh while somebody looks at it. */

const EACH_MINUTE = 60000;

function isTyping(target) {
	return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName));
}

function onKey(event) {
	if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target))
		return;
	const search = document.getElementById("q");
	event.preventDefault();
	if (search)
		search.focus();
	else if (document.querySelector('header a[href="/terminals"]'))
		location.assign("/terminals#q");
}

function offerPrinting() {
	for (const button of document.querySelectorAll("button.print")) {
		button.hidden = false;
		button.addEventListener("click", () => window.print());
	}
}

/* Nothing is taken from under somebody's keyboard or reading: only while nothing in it has the focus or is opened. */
function isInUse(main) {
	return (document.activeElement !== main && main.contains(document.activeElement)) || main.querySelector("details[open]");
}

async function refresh() {
	const main = document.getElementById("main");
	if (document.hidden || isInUse(main))
		return;
	const answer = await fetch(location.pathname, { credentials: "same-origin" });
	if (!answer.ok)
		return;
	const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
	if (fresh && !isInUse(main) && fresh.innerHTML !== main.innerHTML)
		main.replaceChildren(...fresh.childNodes);
}

document.addEventListener("keydown", onKey);
offerPrinting();
if (location.hash === "#q" && document.getElementById("q"))
	document.getElementById("q").focus();
if (location.pathname === "/")
	setInterval(() => refresh().catch(() => {}), EACH_MINUTE);
