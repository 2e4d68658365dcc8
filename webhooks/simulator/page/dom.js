// Small ways to write elements and times.

export const byId = (id) => document.getElementById(id);

/** An element with class, text and children. Text is never read as HTML. */
export function element(tag, { className = "", text = null, attributes = {} } = {}, ...children) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== null) made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

export const pill = (text, kind = "") => element("span", { className: `pill ${kind}`, text });

/** "emergency_visits" as "emergency visits". */
export const words = (code) => String(code).replaceAll("_", " ");

const clockTime = new Intl.DateTimeFormat("en-US", { hour: "numeric", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-US", { weekday: "short", month: "long", day: "numeric" });
const both = new Intl.DateTimeFormat("en-US", {
  weekday: "short", month: "short", day: "numeric", year: "numeric", hour: "numeric", minute: "2-digit",
});
const thisYear = { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" };
const brief = new Intl.DateTimeFormat("en-US", thisYear);
const withYear = new Intl.DateTimeFormat("en-US", { ...thisYear, year: "numeric" });

export const timeOf = (iso) => clockTime.format(new Date(iso));
export const dayOf = (iso) => day.format(new Date(iso));
export const dayAndTime = (date) => both.format(date);

export function timeElement(iso) {
  const at = new Date(iso);
  const form = at.getFullYear() === new Date().getFullYear() ? brief : withYear;
  return element("time", { text: form.format(at), attributes: { datetime: iso } });
}
