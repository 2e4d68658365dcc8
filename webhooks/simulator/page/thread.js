// The phone's screen: bubbles, ticks, dots and quick replies.

import { byId, dayOf, element, timeOf } from "./dom.js";

const ANSWER_WITHIN = 15000;
const MOST_OPTIONS = 14;
const EXTRAS = ["skip", "back", "why?", "help", "español", "STOP"];

const NEAR_THE_END = 80;

const shown = new Map();
let lastDay = "";
let askedAt = 0;
let atEnd = true;

/** Keep the last text in view while the phone changes its size, as long as it was in view. */
export function followTheEnd() {
  const thread = byId("thread");
  thread.addEventListener("scroll", () => {
    atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < NEAR_THE_END;
  });
  new ResizeObserver(() => scrollDown(atEnd)).observe(thread);
}

/** Forget the phone that was shown. */
export function clearThread() {
  shown.clear();
  lastDay = "";
  askedAt = 0;
  byId("bubbles").replaceChildren();
}

/** A text was just sent: an answer is expected. */
export function expectAnswer() {
  askedAt = performance.now();
}

/** Show what is new and what changed; scroll down only if the end was in view. */
export function showThread(state, language) {
  const before = shown.size;
  const wasAtEnd = atEnd;
  for (const message of state.messages) showMessage(message, language);
  byId("hello").hidden = state.messages.length > 0;
  byId("blocked").hidden = !state.blocked;
  const moved = showDots(state.busy && !state.blocked);
  if (shown.size > before || moved) scrollDown(wasAtEnd || before === 0 || state.messages.at(-1)?.from === "person");
}

/** Hide the dots when no answer came in time. Call it at every look. */
export function tireOfWaiting() {
  if (askedAt && performance.now() - askedAt > ANSWER_WITHIN) byId("dots").hidden = true;
}

function showDots(busy) {
  const dots = byId("dots");
  const waits = busy && askedAt > 0 && performance.now() - askedAt < ANSWER_WITHIN;
  const changed = dots.hidden === waits;
  dots.hidden = !waits;
  return changed && waits;
}

function scrollDown(wanted) {
  const thread = byId("thread");
  if (wanted) thread.scrollTop = thread.scrollHeight;
}

function showMessage(message, language) {
  const known = shown.get(message.id);
  if (known) {
    showMeta(known.meta, message);
    known.text.textContent = textOf(message);
    return;
  }
  showDay(message.at);
  const text = element("div", { className: "text", text: textOf(message) });
  if (message.from === "bot" && language) text.lang = language;
  const meta = element("div", { className: "meta" });
  const author = { person: "You", bot: "Bot", twilio: "Twilio" }[message.from];
  const spoken = element("span", { className: "hidden", text: `${author}: ` });
  byId("bubbles").append(element("li", { className: `bubble ${message.from}` }, spoken, text, meta));
  shown.set(message.id, { text, meta });
  showMeta(meta, message);
}

function showDay(at) {
  const day = dayOf(at);
  if (day !== lastDay) byId("bubbles").append(element("li", { className: "day", text: day }));
  lastDay = day;
}

function textOf(message) {
  const pictures = message.media ? `[${message.media} picture${message.media > 1 ? "s" : ""}]` : "";
  return [pictures, message.body || (message.media ? "" : "(removed)")].filter(Boolean).join("\n");
}

function showMeta(meta, message) {
  const [ticks, words, failed] = describe(message);
  meta.classList.toggle("failed", failed);
  const parts = [`${timeOf(message.at)} · `];
  if (ticks) parts.push(element("span", { className: "ticks", text: ticks, attributes: { "aria-hidden": "true" } }), " ");
  meta.replaceChildren(...parts, words);
}

/** Ticks, words, and whether it failed. */
function describe(message) {
  if (message.from === "twilio") return ["", "Twilio’s own reply", false];
  if (message.from === "person") return message.status === "sending" ? ["", "sending…", false] : ["✓✓", "received", false];
  const parts = message.segments > 1 ? ` · ${message.segments} parts` : "";
  if (message.status === "delivered") return ["✓✓", `delivered${parts}`, false];
  if (message.status === "sent") return ["✓", `sent${parts}`, false];
  const failed = message.status === "undelivered" || message.status === "failed";
  return ["", failed ? `${message.status} (${message.error_code})` : `${message.status}…`, failed];
}

/** Quick replies that fit what the bot said last. */
export function showSuggestions(state, send) {
  const found = suggestionsFor(state);
  const key = JSON.stringify(found);
  const bar = byId("suggestions");
  if (bar.dataset.key === key) return;
  bar.dataset.key = key;
  bar.replaceChildren(...found.map(({ label, body }) => {
    const button = element("button", { text: label, attributes: { type: "button", title: `Send “${body}”` } });
    button.addEventListener("click", () => send(body));
    return button;
  }));
  bar.scrollLeft = 0;
}

function suggestionsFor(state) {
  if (state.blocked) return same(["START", "HELP"]);
  const last = state.messages.findLast((message) => message.from === "bot");
  if (!last) return same(["hi", "hola", "HELP", "STOP"]);
  const options = optionsIn(last.body);
  return [...options, ...(options.length ? [] : same(yesOrNo(last.body))), ...same(EXTRAS)];
}

/** Numbered choices: a line each, or one after the other in a sentence. */
function optionsIn(body) {
  const lines = [...body.matchAll(/^\s*(\d{1,2})[).:]?\s+(.+)$/gm)];
  const found = lines.length ? lines : [...body.matchAll(/(?<=^|\s)(\d)[.)]\s+(.+?)(?=\s+\d[.)]\s|$)/gm)];
  return found.slice(0, MOST_OPTIONS).map(([, number, label]) => ({ label: `${number} · ${label.trim()}`, body: number }));
}

function yesOrNo(body) {
  if (/(?<!\p{L})(SÍ|SI)(?!\p{L})/u.test(body)) return ["sí", "no"];
  return /(?<!\p{L})(YES|NO)(?!\p{L})/u.test(body) ? ["yes", "no"] : [];
}

const same = (bodies) => bodies.map((body) => ({ label: body, body }));
