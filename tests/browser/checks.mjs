// The page of --format html in a real browser: what a person does with it, and what it must never do.
// Run by tests/browser.sh, which says where the command, the browser and its driver are.

import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

import { writeCases } from "./cases.mjs";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const out = join(root, "target/browser");
const { chromium } = createRequire(join(out, "package.json"))("playwright-core");

let passed = 0, failed = 0;
function check(what, holds, ...seen) {
  if (holds) passed++;
  else {
    failed++;
    console.log("FAILED: " + what, ...seen);
  }
}
const same = (what, found, wanted) => check(what, JSON.stringify(found) === JSON.stringify(wanted), "found", found, "wanted", wanted);

// The page of the command, which ends with 1 where a DaemonSet is rejected.
function makePage(name, cluster, ...manifests) {
  let html;
  const words = ["--explain", "--format", "html", "--nodes", cluster, ...manifests];
  try {
    html = execFileSync(process.env.DAEMONSET_LINT, words, { cwd: root, maxBuffer: 1 << 28 });
  } catch (error) {
    if (error.status !== 1) throw error;
    html = error.stdout;
  }
  const file = join(out, name + ".html");
  writeFileSync(file, html);
  return file;
}

mkdirSync(join(out, "cases"), { recursive: true });
const size = writeCases(join(out, "cases"));
writeFileSync(join(out, "cases/none.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: none }\n");
const pages = { none: makePage("none", "tests/tutorial/cluster.yaml", "target/browser/cases/none.yaml"), tutorial: makePage("tutorial", "tests/tutorial/cluster.yaml", "tests/tutorial/fluentd-logging.yaml", "tests/tutorial/nginx-node-affinity.yaml") };
for (const name of ["small", "large", "wide", "hostile"]) {
  pages[name] = makePage(name, join(out, "cases", name, "cluster.json"), join("target/browser/cases", name, "agents.json"));
}
// What the preview cannot be brought to say by a file is written into a page's data.
{
  const html = readFileSync(pages.small, "utf8");
  const changed = html.replace('["pending",[', '["unknown",[');
  check("a page with an unknown square", changed !== html);
  pages.unknown = join(out, "unknown.html");
  writeFileSync(pages.unknown, changed);
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox"] });
console.log("Chromium " + browser.version());

async function open(name, { width = 1280, height = 860, dark = false, touch = false } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? "dark" : "light", hasTouch: touch });
  const page = await context.newPage();
  const troubles = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && troubles.push(message.text()));
  page.on("pageerror", (error) => troubles.push(String(error)));
  page.on("dialog", (dialog) => { troubles.push("dialog " + dialog.message()); dialog.dismiss(); });
  page.on("request", (request) => request.url() !== pathToFileURL(pages[name]).href && !request.url().startsWith("data:") && troubles.push("asks for " + request.url()));
  const start = performance.now();
  await page.goto(pathToFileURL(pages[name]).href);
  await page.waitForFunction(() => performance.getEntriesByName("drawn").length > 0);
  page.openedIn = performance.now() - start;
  page.close_ = async () => {
    same(name + ": nothing to complain about", troubles, []);
    await context.close();
  };
  return page;
}

const shot = (page, name, options) => page.screenshot({ path: join(out, name + ".png"), ...options });
const cell = (page, row, column) => page.locator(`.rows .row[data-row="${row}"] [data-column="${column}"]`);
const detail = (page) => page.locator("#detail").innerText();
const focused = (page) => page.evaluate(() => {
  const at = document.activeElement;
  return [at.closest(".row")?.dataset.row ?? "head", at.dataset.column];
});

// The tutorial: three nodes, two DaemonSets.
{
  const page = await open("tutorial");
  same("a row for each node", await page.locator(".rows .row").count(), 3);
  same("rows and columns are told", await page.locator("#map").evaluate((map) => [map.getAttribute("aria-rowcount"), map.getAttribute("aria-colcount")]), ["4", "3"]);
  same("the square of worker-1", await cell(page, 1, 2).getAttribute("aria-label"), "default/nginx-node-affinity: not wanted");
  await cell(page, 1, 2).click();
  const text = await detail(page);
  for (const wanted of ["worker-1", "NodeAffinity", "label color is absent", "tests/tutorial/nginx-node-affinity.yaml:25", "kubectl label node worker-1 color=<value>"]) {
    check("a click shows the reasons", text.includes(wanted), wanted, text);
  }
  await cell(page, 0, 1).hover();
  check("what is pinned stays", (await detail(page)).includes("worker-1"));
  await page.keyboard.press("Escape");
  await cell(page, 2, 2).hover();
  await cell(page, 0, 1).hover();
  check("hovering shows another", (await detail(page)).includes("master"));
  await page.locator("#find").fill("color");
  same("a label key narrows", await page.locator(".rows .row").count(), 2);
  same("it is said", await page.locator("#found").innerText(), "2 of 3 nodes");
  await shot(page, "tutorial", { fullPage: true });
  await page.close_();
}

// By keyboard alone, on the small cluster.
{
  const page = await open("small");
  await page.locator("#grouped").uncheck();
  await page.locator("#find").focus();
  for (let i = 0; i < 7; i++) await page.keyboard.press("Tab");
  const start = await focused(page);
  same("Tab reaches one square", start[0] !== "head" && start[1] !== undefined, true);
  await page.keyboard.press("Control+Home");
  same("Control+Home", await focused(page), ["0", "0"]);
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowDown");
  same("arrows", await focused(page), ["1", "1"]);
  await page.keyboard.press("End");
  same("End", await focused(page), ["1", "6"]);
  await page.keyboard.press("Control+End");
  same("Control+End", await focused(page), ["23", "6"]);
  await page.keyboard.press("ArrowDown");
  same("there is nothing below", await focused(page), ["23", "6"]);
  await page.keyboard.press("PageUp");
  check("PageUp", Number((await focused(page))[0]) < 16, await focused(page));
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("ArrowUp");
  same("the header is reached", await focused(page), ["head", "0"]);
  await page.keyboard.press("ArrowRight");
  check("a header sums up", (await detail(page)).includes("runs on"), await detail(page));
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  same("Enter pins", await page.locator(".cell.pinned").count(), 1);
  await page.keyboard.press("Escape");
  same("Escape lets go", await page.locator(".cell.pinned").count(), 0);
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineWidth);
  same("the focus is seen", outline, "2px");
  same("one square takes Tab", await page.locator('#map [tabindex="0"]').count(), 1);
  await page.close_();
}

// Filters, toggles and joined nodes, on the small cluster.
{
  const page = await open("small");
  const shown = async (text) => {
    await page.locator("#find").fill(text);
    return (await page.locator("#found").innerText()).split(" ")[0];
  };
  await page.locator("#grouped").uncheck();
  for (const [text, wanted] of [
    ["", "24"], ["worker", "14"], ["gpu", "5"], ["gpu=a100", "3"], ["gpu==a100", "3"], ["gpu!=a100", "21"], ["!gpu", "19"], ["disk in (ssd, hdd)", "21"],
    ["disk notin (ssd)", "9"], ["disk=ssd,!gpu", "10"], ["disk=ssd, gpu=l4", "2"], ["WORKER-1", "6"], ["topology.kubernetes.io/zone=edge", "2"], ["nothing-like-this", "0"],
  ]) {
    same("filter " + text, await shown(text), wanted);
  }
  await shown("disk in (ssd");
  check("half a selector is said to be half", (await page.locator("#problem").innerText()).includes("disk in (ssd"));
  same("and hides nothing", (await page.locator("#found").innerText()), "24 nodes");
  await shown("");
  const toggle = (word) => page.locator(".toggle", { hasText: word });
  const count = () => page.locator(".rows .row").count();
  await toggle("pending").click();
  const pending = await count();
  check("a click on a verdict shows it alone", pending > 0 && pending < 24, pending);
  same("each has a pending square", await page.locator(".rows .row:not(:has(.v-pending))").count(), 0);
  same("it is told", await page.locator(".toggle[aria-pressed=true]").count(), 1);
  await toggle("not wanted").click({ modifiers: ["Control"] });
  check("Control adds a verdict", (await count()) > pending);
  await toggle("pending").click();
  same("a click without it leaves one", await count(), pending);
  await toggle("pending").click();
  same("a second click shows all", await count(), 24);
  // The overview, and the filter for problems.
  const overview = page.locator(".overview tbody tr:visible");
  same("the overview has each DaemonSet, the worst first", [await overview.count(), await overview.first().locator("th").innerText()], [6, "default/metrics-with-a-mistake"]);
  same("nothing that runs nowhere has the mark of what runs", await page.locator(".set.rejected .counts, .set.nowhere .counts .v-runs, .overview .nowhere .v-runs").count(), 0);
  await page.locator("#problems").check();
  check("only nodes with problems are left", (await count()) < 24 && (await count()) > 0, await count());
  check("and no DaemonSet that is fine", (await overview.count()) < 6 && (await page.locator(".overview tbody tr.fine:visible").count()) === 0);
  same("nor its column", await page.locator(".column:visible").count(), await overview.count());
  await page.locator("#find").focus();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Control+ArrowRight");
  check("the arrows skip hidden columns", await page.evaluate(() => document.activeElement.offsetWidth > 0), await focused(page));
  await shot(page, "problems", { fullPage: true });
  await page.locator("#problems").uncheck();
  same("all are back", [await count(), await page.locator(".column:visible").count()], [24, 6]);
  // The example of the filter finds something.
  const example = (await page.locator("#find").getAttribute("placeholder")).replace("for example ", "");
  const fitting = Number(await shown(example));
  check("the example finds some nodes, not all", fitting > 0 && fitting < 24, example, fitting);
  await shown("");
  await page.locator("#grouped").check();
  const joined = await page.locator(".rows .row").count();
  check("nodes alike are joined", joined < 24, joined);
  await page.locator(".name[aria-expanded]").first().click();
  check("and told apart again", (await page.locator(".rows .row").count()) > joined);
  await page.locator(".name[aria-expanded]").first().click();
  same("and joined again", await page.locator(".rows .row").count(), joined);
  check("the rejected one is shown as such", (await page.locator(".column", { hasText: "metrics-with-a-mistake" }).innerText()).includes("rejected"));
  await shot(page, "small", { fullPage: true });
  const square = page.locator(".rows .row:has(.v-pending) .cell:has(.v-pending)").first();
  await square.click();
  check("a pending square says what the scheduler says", /NodePorts|NodeResourcesFit/.test(await detail(page)), await detail(page));
  await shot(page, "small-pinned");
  await shot(page, "readme", { fullPage: true, clip: { x: 0, y: 0, width: 1280, height: 990 } });
  const chip = page.locator("#detail .chip", { hasText: "kubernetes.io/os=linux" });
  await chip.click();
  same("a label filters", await page.locator("#find").inputValue(), "kubernetes.io/os=linux");
  await page.close_();
}
{
  const light = await open("small"), dark = await open("small", { dark: true });
  const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  check("the dark scheme is another", (await ground(light)) !== (await ground(dark)));
  await dark.locator(".rows .row:has(.v-pending) .cell:has(.v-pending)").first().click();
  await shot(dark, "small-dark");
  await light.close_();
  await dark.close_();
}
{
  const page = await open("unknown");
  await page.locator("#grouped").uncheck();
  check("unknown squares have their mark", (await page.locator(".cell .v-unknown").first().innerText()) === "?");
  await page.close_();
}

// No DaemonSet: it is said.
{
  const page = await open("none");
  check("without a DaemonSet the page says so", (await page.locator("#nothing").innerText()).includes("no DaemonSet"));
  same("and has no empty grid", await page.locator("#map:visible, .overview:visible, #sections:visible").count(), 0);
  await page.close_();
}
// Joined nodes are named by what they share.
{
  const page = await open("large");
  const names = await page.locator(".rows .name[aria-expanded]").evaluateAll((names) => names.map((name) => name.querySelectorAll("code").length));
  check("joined rows are named by labels that they share", names.filter((labels) => labels > 0).length > names.length / 2, names);
  await page.close_();
}
// On paper: every row, every column, every colour.
for (const name of ["small", "large", "wide"]) {
  const page = await open(name);
  const rows = await page.locator("#map").getAttribute("aria-rowcount");
  const columns = await page.locator(".column").count();
  const file = join(out, name + ".pdf");
  await page.pdf({ path: file, format: "A4" });
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 703, height: 1030 });
  const paper = await page.evaluate(() => {
    const tables = [...document.querySelectorAll("#print-map table")];
    const mark = document.querySelector("#print-map tbody .v-runs");
    return {
      rows: tables.map((table) => table.tBodies[0].rows.length),
      columns: tables.reduce((sum, table) => sum + table.tHead.rows[0].cells.length - 1, 0),
      widest: Math.max(document.documentElement.scrollWidth, ...tables.map((table) => table.getBoundingClientRect().right)),
      exact: getComputedStyle(mark).printColorAdjust,
    };
  });
  same(name + ": paper has every row in each table", [...new Set(paper.rows)], [Number(rows) - 1]);
  same(name + ": and every DaemonSet", paper.columns, columns);
  check(name + ": within an A4 page", paper.widest <= 703, paper.widest);
  same(name + ": in its colours", paper.exact, "exact");
  const text = spawnSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8", maxBuffer: 1 << 26 });
  if (text.status === 0) {
    const titles = await page.locator(".overview tbody th").allInnerTexts();
    const plain = text.stdout.replace(/\s+/g, "");
    const lost = titles.filter((title) => !plain.includes(title.replace(/\s+/g, "")));
    same(name + ": the PDF names every DaemonSet", lost, []);
  } else console.log("skipped: pdftotext is not installed, so the text of the PDF is not read");
  await page.close_();
}

// A narrow window: nothing is wider than it, and the reasons come from below.
{
  const page = await open("small", { width: 390, height: 844, touch: true });
  same("the page is no wider than the window", await page.evaluate(() => document.documentElement.scrollWidth), 390);
  await shot(page, "narrow", { fullPage: true });
  await page.locator(".cell:has(.v-pending)").first().tap();
  const box = await page.locator("#panel").boundingBox();
  check("the reasons are in sight", box.y > 300 && box.y + box.height <= 844, box);
  await shot(page, "narrow-pinned");
  await page.locator(".close").tap();
  await page.close_();
}

// Names that try to be markup.
{
  const page = await open("hostile");
  await page.locator("#grouped").uncheck();
  const count = await page.locator(".rows .row").count();
  same("a row for each hostile node", count, 3);
  for (let row = 0; row < count; row++) {
    for (let column = 0; column <= 3; column++) await cell(page, row, column).click();
  }
  for (let column = 1; column <= 3; column++) await page.locator(`.head [data-column="${column}"]`).click();
  await page.locator("#find").fill("constructor=x");
  same("a label named constructor is a label", await page.locator("#found").innerText(), "1 of 3 nodes");
  same("nothing ran", await page.evaluate(() => window.harmed), undefined);
  same("nothing became markup", await page.evaluate(() => [document.querySelectorAll("img").length, document.scripts.length]), [0, 2]);
  await shot(page, "hostile", { fullPage: true });
  await page.close_();
}

// Thousands of nodes.
for (const name of ["large", "wide"]) {
  const page = await open(name, { width: 1440, height: 900 });
  const bytes = statSync(pages[name]).size;
  const timed = (text) => page.evaluate((text) => new Promise((done) => {
    const find = document.getElementById("find");
    const start = performance.now();
    find.value = text;
    find.dispatchEvent(new Event("input", { bubbles: true }));
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)));
  }), text);
  const joinedTime = Math.max(await timed("pool=pool-3"), await timed("!gpu,rack in (rack-1,rack-2)"), await timed(""));
  await shot(page, name);
  await page.locator(".rows .cell").nth(0).click();
  await shot(page, name + "-pinned");
  await page.keyboard.press("Escape");
  await page.locator("#grouped").uncheck();
  const apartTime = Math.max(await timed("pool=pool-3"), await timed("worker-12"), await timed(""));
  const alive = await page.locator(".rows .row").count();
  check("only rows in sight exist", alive < 80, alive);
  await cell(page, 0, 1).click();
  await page.keyboard.press("Control+End");
  same("the last row is reached", (await focused(page))[0], String(size - 1));
  check("and in sight", await page.evaluate(() => {
    const box = document.activeElement.getBoundingClientRect();
    return document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)?.closest(".row") === document.activeElement.closest(".row");
  }));
  await page.locator("#scroller").evaluate((scroller) => { scroller.scrollTop = 0; });
  await page.waitForTimeout(100);
  await page.keyboard.press("ArrowUp");
  same("the focus outlives scrolling", (await focused(page))[0], String(size - 2));
  await shot(page, name + "-apart");
  console.log(`${name}: ${size} nodes, ${(bytes / 1024).toFixed(0)} KiB, opened in ${page.openedIn.toFixed(0)} ms, filtered in ${joinedTime.toFixed(0)} ms joined and ${apartTime.toFixed(0)} ms apart`);
  if (name === "large") check("a page of 5,000 nodes is small", size > 5000 || bytes < 2 * 1024 * 1024, bytes);
  check("it opens soon", page.openedIn < 10_000, page.openedIn);
  check("it filters soon", Math.max(joinedTime, apartTime) < 2_000, joinedTime, apartTime);
  await page.close_();
}

await browser.close();
console.log(`browser: ${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
