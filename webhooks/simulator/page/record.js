// The panel beside the phone: what the bot recorded about the person.

import { byId, element, pill, timeElement, words } from "./dom.js";

const LANGUAGES = { en: "English", es: "Spanish" };
const STATES = { completed: "good", in_progress: "", partial: "warn", declined: "warn", expired: "warn" };
const SENT = new Set(["delivered", "sent", "read", "handed_over"]);
const FAILED = new Set(["undelivered", "failed", "refused"]);

/** Show the record; null means that the database could not be read. */
export function showRecord(record) {
  const empty = !record || !record.patients.length;
  byId("record").hidden = empty;
  const note = byId("record-note");
  note.hidden = !empty;
  note.textContent = record ? "Nothing yet: the record begins with the first text." : "The record cannot be read at the moment.";
  if (empty) return;
  const all = (name) => record.patients.flatMap((patient) => patient[name]);
  byId("person").replaceChildren(...record.patients.map((patient) => person(patient, record.suppressed)));
  fill("screening", all("screenings").map(run));
  fill("referrals", all("referrals").map(referral));
  byId("referrals-card").hidden = !all("referrals").length;
  fill("escalations", all("escalations").map(escalation));
  fill("followups", all("followups").map(followup));
  byId("followups-card").hidden = !all("followups").length;
  fill("messages", record.messages.map(message));
  fill("events", record.events.map(event));
}

/** The language of the conversation, for whoever reads it aloud. */
export const languageOf = (record) => record?.patients[0]?.language ?? null;

function fill(id, items) {
  const list = element(id === "screening" ? "div" : "ul", { className: id === "screening" ? "" : "rows" }, ...items);
  const nothing = element("p", { className: "quiet", text: id === "screening" ? "Not begun." : "None." });
  byId(id).replaceChildren(items.length ? list : nothing);
}

function facts(...pairs) {
  const list = element("dl", { className: "facts" });
  for (const [name, value] of pairs) list.append(element("dt", { text: name }), element("dd", {}, value));
  return list;
}

function person(patient, suppressed) {
  return facts(
    ["Patient id", element("code", { text: patient.id })],
    ["Known from", patient.origin === "texter" ? "texting in" : "the clinic"],
    ["Language", LANGUAGES[patient.language] ?? patient.language ?? "not known"],
    ["Consent", consent(patient.consent)],
    ["May be texted", suppressed.length ? pill(suppressed.map(words).join(", "), "bad") : pill("yes", "good")],
  );
}

function consent(given) {
  if (!given) return pill("not asked or not answered");
  const cell = element("span", { className: "pills" }, pill(given.granted ? "granted" : "declined", given.granted ? "good" : "warn"));
  cell.append(timeElement(given.at));
  if (given.text_version) cell.append(element("span", { className: "code", text: given.text_version }));
  return cell;
}

function run(screening) {
  const head = element("div", { className: "run-head" },
    element("strong", { text: screening.title }),
    pill(words(screening.state), STATES[screening.state]),
    element("span", { className: "quiet", text: progressWords(screening) }));
  const box = element("div", { className: "run" }, head, bar(screening));
  if (screening.needs.length) box.append(element("h4", { text: "Needs" }), needs(screening));
  if (Object.keys(screening.scores).length) box.append(element("h4", { text: "Scores" }), scores(screening.scores));
  if (screening.answers.length) box.append(element("h4", { text: "Answers" }), element("ol", { className: "answers" }, ...screening.answers.map(answer)));
  return box;
}

const progressWords = ({ answered, questions }) => (questions ? `${answered} of ${questions} done` : `${answered} done`);

function bar({ answered, questions, title }) {
  const made = element("progress", { attributes: { "aria-label": `Progress of ${title}` } });
  made.max = questions || 1;
  made.value = Math.min(answered, made.max);
  return made;
}

function answer(given) {
  return element("li", {},
    element("span", { className: "question", text: given.question }),
    element("span", { className: "code", text: given.code ?? "" }),
    element("span", { className: `value ${given.absent ? "absent" : ""}`, text: given.value }),
    element("span", { className: "codes code" }, ...(given.value_code ?? "").split(", ").map((code) => element("span", { text: code }))));
}

function scores(all) {
  const shown = Object.entries(all).map(([name, { value, complete }]) =>
    pill(`${words(name)}: ${value ?? "unknown"}${complete ? "" : " (incomplete)"}`));
  return element("div", { className: "pills" }, ...shown);
}

function needs({ needs: all, navigation_eligible: navigation }) {
  const kinds = { true: ["bad", "need"], false: ["good", "no need"], null: ["", "not known"] };
  const shown = all.map(({ domain, positive }) => {
    const [kind, text] = kinds[String(positive)];
    return pill(`${words(domain)}: ${text}`, kind);
  });
  if (navigation !== null) shown.push(pill(navigation ? "eligible for navigation" : "not eligible for navigation"));
  return element("div", { className: "pills" }, ...shown);
}

/** A line of what it is and its pills; below it the time and more. */
function row(at, what, pills, more = "") {
  const under = element("span", { className: "under" }, timeElement(at), more ? ` · ${more}` : "");
  return element("li", {}, element("span", { className: "what", text: what }), ...pills, under);
}

const ENDS = { completed: "good", failed: "warn", rejected: "warn", declined: "warn", cancelled: "warn" };

/** A place, how it stands and whether it was told; below it who said what, and when. */
function referral(item) {
  const shared = pill(item.shared ? "the place is told" : "nothing is shared");
  const made = row(item.opened_at, item.place, [pill(words(item.state), ENDS[item.state]), shared], words(item.need));
  const said = item.events.map((event) => element("li", {},
    timeElement(event.at), ` · ${words(event.source)}: ${words(event.word)}${event.reason ? `, ${words(event.reason)}` : ""}`));
  made.append(element("ul", { className: "said" }, ...said));
  return made;
}

const escalation = (item) =>
  row(item.opened_at, words(item.kind), [pill(item.urgency, item.urgency === "now" ? "bad" : "warn"), pill(item.state)]);

const followup = (item) => row(item.due_at, words(item.kind), [pill(item.state)], item.reason ? words(item.reason) : "");

function message(item) {
  const kind = SENT.has(item.status) ? "good" : FAILED.has(item.status) ? "bad" : "";
  const status = item.error_code ? `${words(item.status)} ${item.error_code}` : words(item.status);
  const segments = `${item.segments} ${item.segments === 1 ? "segment" : "segments"}`;
  return row(item.at, words(item.purpose), [pill(status, kind)], segments);
}

const event = (item) => row(item.at, words(item.action), [], item.subject);
