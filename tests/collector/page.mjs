// Every view of the collector's page in the real Chromium, over HTTPS with client certificates: no violation of axe-core's rules in
// both languages, on paper, and in dark; nothing wider than the window at 200 % of a small screen; all of it by keyboard alone; no
// word on the console, nothing refused by the policy, nothing from anywhere else.
//
//   page.mjs BASE FOLDER [PICTURES]    FOLDER holds the certificates
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";

const [base, folder, pictures] = process.argv.slice(2);
const require = createRequire(path.join(process.env.PAGE_MODULES, "x.js"));
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const wrong = [];
let looked = 0;

function check(isRight, what) {
	if (!isRight)
		wrong.push(what);
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--font-render-hinting=none"] });

async function visitor(role, options = {}) {
	const context = await browser.newContext({
		ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 }, bypassCSP: false, ...options,
		clientCertificates: [{ origin: base, certPath: `${folder}/${role}.pem`, keyPath: `${folder}/${role}.key` }],
	});
	const page = await context.newPage();
	page.setDefaultTimeout(60000);
	page.on("console", (message) => message.type() === "error" && wrong.push(`${page.url()}: ${message.text()}`));
	page.on("dialog", (dialog) => wrong.push(`${page.url()} opens a dialog: ${dialog.message()}`));
	page.on("pageerror", (error) => wrong.push(`${page.url()}: ${error.message}`));
	page.on("request", (request) => check(request.url().startsWith(base) || request.url().startsWith("data:"), `${page.url()} asks for ${request.url()}`));
	return page;
}

async function see(page, address) {
	const answer = await page.goto(base + address);
	check(answer.ok(), `${address}: ${answer.status()}`);
	looked++;
}

// axe-core runs beside the page's own scripts, which the policy alone would not let in.
async function judge(page, what) {
	const session = await page.context().newCDPSession(page);
	const run = `(async () => { ${axe}; const found = await axe.run(document, { resultTypes: ["violations"] });
		return JSON.stringify(found.violations.map((one) => one.id + ": " + one.help + " " + one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160) + " " + node.any.concat(node.all, node.none).map((reason) => reason.message).join("; ")).join(" | "))); })()`;
	const { frameTree } = await session.send("Page.getFrameTree");
	const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
	const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression: run, contextId: executionContextId, awaitPromise: true, returnByValue: true });
	check(!exceptionDetails, `${what}: axe-core did not run: ${exceptionDetails?.exception?.description}`);
	for (const violation of JSON.parse(result.value ?? "[]"))
		wrong.push(`${what}: ${violation}`);
	await session.detach();
}

// ---- Every view, as each role, in both languages ----

async function findTerminal(page) {
	await see(page, "/terminals?silent=yes&lang=en");
	return page.locator("tbody th a").first().getAttribute("href");
}

async function findNight(page) {
	await see(page, "/");
	return page.locator(".chart a").first().getAttribute("href");
}

async function lookEverywhere(terminal, night) {
	const release = "/release?package=face-library&version=5.1.0";
	const views = {
		operator: ["/", night, "/releases", release, `${release}&state=rolled-back`, "/rollouts", "/campaigns", "/campaigns/150", "/terminals",
			"/terminals?silent=yes&cause=off", "/terminals?q=nobody", terminal, "/ledger"],
		auditor: [terminal, "/rollouts"],
		vendor: ["/", "/releases", "/release?package=reader-app/acme&version=1.4.2"],
	};
	for (const role of Object.keys(views)) {
		const page = await visitor(role);
		for (const language of ["en", "ja"])
			for (const view of views[role]) {
				const address = view + (view.includes("?") ? "&" : "?") + `lang=${language}`;
				await see(page, address);
				check(await page.locator("html").getAttribute("lang") === language, `${address}: not in ${language}`);
				check(await page.locator("h1").count() === 1, `${address}: not one heading`);
				if (language === "ja")
					check(/[ぁ-んァ-ヶ一-龠]/.test(await page.locator("h1").innerText() + await page.title()), `${address}: no Japanese`);
				await judge(page, `${address}, ${role}`);
			}
		await page.context().close();
	}
}

async function lookOtherwise(terminal) {
	const views = ["/", "/release?package=face-library&version=5.1.0", "/rollouts", "/terminals?silent=yes", terminal];
	const dark = await visitor("operator", { colorScheme: "dark" });
	const contrast = await visitor("operator", { contrast: "more" });
	const small = await visitor("operator", { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 });
	for (const view of views) {
		await see(dark, view);
		await judge(dark, `${view}, dark`);
		await see(contrast, view);
		await judge(contrast, `${view}, with more contrast`);
		await see(small, view);
		await judge(small, `${view}, at 200 %`);
		const beyond = await small.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
		check(beyond <= 0, `${view}: ${beyond} pixels beyond the window at 200 %`);
		await see(dark, view);
		await dark.emulateMedia({ media: "print", colorScheme: "light" });
		check(!await dark.locator("header nav").isVisible(), `${view}: the navigation is printed`);
		check((await dark.pdf({ format: "A4" })).length > 1000, `${view}: nothing is printed`);
		await judge(dark, `${view}, on paper`);
		await dark.emulateMedia({ media: "screen", colorScheme: "dark" });
	}
	for (const page of [dark, contrast, small])
		await page.context().close();
}

// ---- By keyboard alone ----

async function press(page, ...keys) {
	for (const key of keys)
		await page.keyboard.press(key);
}

async function focusIsSeen(page, what) {
	const style = await page.evaluate(() => {
		const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
		return { name: document.activeElement.tagName, outlineStyle, width: parseFloat(outlineWidth) };
	});
	check(style.outlineStyle !== "none" && style.width >= 2, `${what}: the focus on ${style.name} is not seen`);
}

async function focusOn(page, name) {
	for (let i = 0; i < 80; i++) {
		await press(page, "Tab");
		if (await page.evaluate((wanted) => document.activeElement.innerText?.trim() === wanted, name))
			return focusIsSeen(page, name);
	}
	wrong.push(`by keyboard, '${name}' is not reached`);
}

async function useKeyboard() {
	const page = await visitor("operator");
	await see(page, "/?lang=en");
	await press(page, "Tab");
	check(await page.evaluate(() => document.activeElement.className) === "skip", "the first stop does not lead to the content");
	await press(page, "Enter");
	check(await page.evaluate(() => document.activeElement.id) === "main", "the content is not reached");
	await see(page, "/?lang=en");
	await focusOn(page, "Terminals");
	await Promise.all([page.waitForURL("**/terminals"), press(page, "Enter")]);
	await press(page, "/");
	check(await page.evaluate(() => document.activeElement.id) === "q", "'/' does not lead to the search");
	const name = await page.locator("tbody th a").first().innerText();
	await page.keyboard.type(name);
	await Promise.all([page.waitForURL("**/terminals?q=*"), press(page, "Enter")]);
	await focusOn(page, name);
	await Promise.all([page.waitForURL(/terminals\/[0-9a-f]{64}/), press(page, "Enter")]);
	await focusOn(page, "Every look is noted, this one too");
	await press(page, "Enter");
	check(await page.locator("details[open]").count() === 1, "a part does not open by keyboard");
	await press(page, "/");
	await page.waitForURL("**/terminals#q");
	check(await page.evaluate(() => document.activeElement.id) === "q", "'/' does not lead to the search from elsewhere");
	await see(page, "/releases");
	await focusOn(page, "日本語");
	await Promise.all([page.waitForURL("**/releases?lang=ja"), press(page, "Enter")]);
	await see(page, "/campaigns");
	check(await page.locator("html").getAttribute("lang") === "ja", "the language is not kept");
	await page.context().close();
}

// The last of all: it changes what is shown.
async function pressTheRedButton() {
	const page = await visitor("operator");
	await see(page, "/releases?lang=ja");
	await focusOn(page, "段階配信");
	await Promise.all([page.waitForURL("**/rollouts"), press(page, "Enter")]);
	check(await page.locator("button.stop").count() === 1, "what the brake has stopped, or what is over, has a button");
	await focusOn(page, "この段階配信を止める");
	await press(page, "Enter");
	check(page.url().endsWith("/rollouts"), "it is stopped without a reason");
	check(await page.evaluate(() => document.activeElement.name) === "why", "the field for the reason is not shown where it is missing");
	await page.keyboard.type("カメラが暗くなる、".repeat(40));
	await Promise.all([page.waitForURL("**/brake"), press(page, "Enter")]);
	check(await page.locator("html").getAttribute("lang") === "ja", "the answer to the button is not in Japanese");
	await judge(page, "the answer to the button");
	await focusOn(page, "段階配信");
	await Promise.all([page.waitForURL("**/rollouts"), press(page, "Enter")]);
	check(await page.locator("button.stop").count() === 0, "what was stopped can be stopped again");
	const said = await page.locator(".lead").first().innerText();
	check(said.includes("CN=Operator") && said.includes("カメラが暗くなる"), `who stopped it and why is not shown: ${said}`);
	await page.context().close();
}

// ---- What a list is for ----

async function walkTheList() {
	const page = await visitor("operator");
	const seen = new Set();
	await see(page, "/terminals?limit=500&lang=en");
	for (;;) {
		for (const address of await page.locator("tbody th a").evaluateAll((links) => links.map((link) => link.getAttribute("href"))))
			seen.add(address);
		const next = page.locator("a[rel=next]");
		if (await next.count() === 0)
			break;
		await next.click();
		await page.waitForLoadState();
	}
	await see(page, "/");
	const shown = await page.locator(".sum dd a").first().innerText();
	check(String(seen.size) === shown.replaceAll(",", ""), `the list has ${seen.size} terminals, the fleet ${shown}`);
	await see(page, "/campaigns/150?lang=en");
	const [download] = await Promise.all([page.waitForEvent("download"), page.getByText("As a spreadsheet (CSV)").click()]);
	const rows = fs.readFileSync(await download.path(), "utf8").split("\r\n");
	check(rows[0].startsWith("\ufeffinstitution,name,terminal,") && rows.length > 100, `the list to telephone from has ${rows.length} rows`);
	await page.context().close();
}

// What an operator wants at 8 in the morning: the sentence, the one thing to do, who was not reached and why, and what changed.
async function readTheMorning() {
	const page = await visitor("operator");
	const number = (text) => Number(text.replaceAll(",", ""));
	const rows = (title) => page.locator("section").filter({ has: page.getByRole("heading", { name: title }) }).locator("tbody tr");
	await see(page, "/?lang=en");
	check(await page.locator(".verdict h1").count() === 1 && await page.locator(".verdict .do").count() === 1, "the morning has no sentence, or not one thing to do");
	check(await page.locator("#curve svg.chart").count() === 1, "the contacts over the night are not drawn");
	const causes = await rows("Not reached, by cause").evaluateAll((found) => found.map((row) => row.cells[1].innerText));
	const silent = await page.locator(".sum dd a").nth(2).innerText();
	check(causes.length >= 5 && causes.reduce((sum, one) => sum + number(one), 0) === number(silent), `${silent} are silent, by cause ${causes}`);
	check(await rows("What changed since the night before").count() > 4, "what changed since the night before is not told");
	await page.context().close();
}

// What a view weighs, with all that it needs, for somebody who comes for the first time.
async function weigh() {
	const page = await visitor("operator");
	const bodies = [];
	page.on("response", (answer) => bodies.push(answer.body().catch(() => "")));
	await see(page, "/?lang=ja");
	await page.waitForLoadState("networkidle");
	const bytes = (await Promise.all(bodies)).reduce((sum, body) => sum + body.length, 0);
	check(bytes > 10000 && bytes < 150 * 1024, `the first view has ${bytes} bytes`);
	await page.context().close();
}

// ---- Pictures ----

async function takePictures(terminal) {
	const shots = { night: "/", release: "/release?package=face-library&version=5.1.0", campaign: "/campaigns/150", rollouts: "/rollouts",
		terminals: "/terminals?silent=yes&cause=off", terminal };
	const page = await visitor("operator", { viewport: { width: 1280, height: 860 } });
	for (const language of ["en", "ja"])
		for (const [name, view] of Object.entries(shots)) {
			await see(page, view + (view.includes("?") ? "&" : "?") + `lang=${language}`);
			await page.screenshot({ path: path.join(pictures, `${name}.${language}.png`) });
		}
}

const first = await visitor("operator");
const terminal = await findTerminal(first), night = await findNight(first);
if (pictures) {
	await takePictures(terminal);
} else {
	await lookEverywhere(terminal, night);
	await lookOtherwise(terminal);
	await useKeyboard();
	await readTheMorning();
	await walkTheList();
	await weigh();
	await pressTheRedButton();
}
await browser.close();
for (const one of wrong)
	console.log(one);
console.log(`${looked} looks, ${wrong.length} wrong`);
process.exit(wrong.length ? 1 : 0);
