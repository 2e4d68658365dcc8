// The simulated time: it flows, and three buttons let it pass faster.

import { advanceClock, readClock } from "./calls.js";
import { byId, dayAndTime } from "./dom.js";

let ahead = 0;

/** Take over the time that the app says it is. */
export function setTime(iso) {
  ahead = new Date(iso).getTime() - Date.now();
  showTime();
}

function showTime() {
  const now = new Date(Date.now() + ahead);
  byId("clock-time").textContent = dayAndTime(now);
  byId("clock-time").dateTime = now.toISOString();
}

/** Show the clock and make its buttons work. `moved` is called after each move, `failed` with an error. */
export async function startClock(moved, failed) {
  byId("clock").hidden = false;
  setTime((await readClock()).now);
  setInterval(showTime, 1000);
  const buttons = [...document.querySelectorAll("#clock [data-seconds]")];
  for (const button of buttons) {
    button.addEventListener("click", () => advance(buttons, Number(button.dataset.seconds)).then(moved, failed));
  }
}

async function advance(buttons, seconds) {
  const note = byId("clock-note");
  for (const button of buttons) button.disabled = true;
  note.textContent = "Time passes…";
  try {
    const { now, settled } = await advanceClock(seconds);
    setTime(now);
    note.textContent = settled ? "" : "Something that fell due is still under way.";
  } catch (error) {
    note.textContent = "";
    throw error;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}
