// The page: chooses a phone, sends texts, and looks for news as long as it is in view.

import { listPhones, makePhone, readPhone, sendText } from "./calls.js";
import { setTime, startClock } from "./clock.js";
import { byId, element } from "./dom.js";
import { languageOf, showRecord } from "./record.js";
import { clearThread, expectAnswer, followTheEnd, showSuggestions, showThread, tireOfWaiting } from "./thread.js";

const LOOK_OFTEN = 350;
const LOOK_SELDOM = 1500;
const OFTEN_AFTER_SENDING = 12000;

let phoneId = null;
let tag = null;
let oftenUntil = 0;
let timer = 0;
let looking = false;

const trouble = (error) => {
  byId("trouble").hidden = !error;
  byId("trouble").textContent = error ? error.message : "";
};

function look(soon) {
  clearTimeout(timer);
  const wait = performance.now() < oftenUntil ? LOOK_OFTEN : LOOK_SELDOM;
  timer = setTimeout(refresh, soon ? 0 : wait);
}

async function refresh() {
  if (document.hidden || looking || !phoneId) return look(false);
  looking = true;
  const asked = phoneId;
  try {
    const state = await readPhone(asked, tag);
    if (state && asked === phoneId) show(state);
    tireOfWaiting();
    trouble(null);
  } catch (error) {
    trouble(error);
  }
  looking = false;
  look(asked !== phoneId);
}

function show(state) {
  tag = state.tag;
  if (!byId("clock").hidden) setTime(state.now);
  showThread(state, languageOf(state.record));
  showSuggestions(state, send);
  showRecord(state.record);
}

async function send(body) {
  if (!body.trim() || !phoneId) return;
  expectAnswer();
  oftenUntil = performance.now() + OFTEN_AFTER_SENDING;
  try {
    await sendText(phoneId, body);
  } catch (error) {
    trouble(error);
    throw error;
  }
  look(true);
}

function choose(id) {
  phoneId = id;
  tag = null;
  byId("chosen").value = id;
  history.replaceState(null, "", `#${id}`);
  clearThread();
  showSuggestions({ messages: [], blocked: false }, send);
  showRecord({ patients: [] });
  look(true);
}

function option(phone) {
  const number = phone.number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "($1) $2-$3");
  return element("option", { text: number, attributes: { value: phone.id } });
}

async function addPhone() {
  const phone = await makePhone();
  byId("chosen").append(option(phone));
  choose(phone.id);
  byId("typing").focus();
}

function fit() {
  const field = byId("typing");
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight + 2}px`;
}

async function submit(event) {
  event.preventDefault();
  const field = byId("typing");
  const body = field.value;
  field.value = "";
  fit();
  try {
    await send(body);
  } catch {
    field.value = body;
  }
}

function wire() {
  followTheEnd();
  byId("composer").addEventListener("submit", submit);
  byId("typing").addEventListener("input", fit);
  byId("typing").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  });
  byId("chosen").addEventListener("change", (event) => choose(event.target.value));
  byId("new-phone").addEventListener("click", () => addPhone().catch(trouble));
  document.addEventListener("visibilitychange", () => look(true));
  const views = [...document.querySelectorAll("[data-show]")];
  for (const button of views) {
    button.addEventListener("click", () => {
      document.body.dataset.view = button.dataset.show;
      for (const other of views) other.setAttribute("aria-pressed", String(other === button));
    });
  }
}

async function begin() {
  const { items, bot, programme, virtual_clock: hasClock } = await listPhones();
  byId("bot-name").textContent = programme;
  byId("bot-number").textContent = bot;
  byId("chosen").replaceChildren(...items.map(option));
  if (hasClock) await startClock(() => look(true), trouble);
  const wanted = location.hash.slice(1);
  const known = items.find((phone) => phone.id === wanted) ?? items.at(-1);
  if (known) choose(known.id);
  else await addPhone();
}

wire();
begin().catch(trouble);
