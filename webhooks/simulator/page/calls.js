// The calls behind the page. Each throws an Error whose message a person can read.

async function call(method, path, body, headers = {}) {
  const options = { method, headers: { ...headers }, cache: "no-store" };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(`/simulator/${path}`, options);
  } catch {
    throw new Error("The bot’s web process does not answer. Is it running?");
  }
  if (answer.status === 304) return { answer, json: null };
  const json = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(json?.detail ?? `The simulator answered ${answer.status}.`);
  return { answer, json };
}

export const listPhones = async () => (await call("GET", "phones")).json;
export const makePhone = async () => (await call("POST", "phones", {})).json;
export const sendText = async (phoneId, body) => (await call("POST", "phone/send", { phone_id: phoneId, body })).json;
export const readClock = async () => (await call("GET", "clock")).json;
export const advanceClock = async (seconds) => (await call("POST", "clock", { advance_seconds: seconds })).json;

/** The phone's thread and record with its tag, or null when nothing changed since `tag`. */
export async function readPhone(phoneId, tag) {
  const { answer, json } = await call("GET", `phones/${phoneId}`, undefined, tag ? { "If-None-Match": tag } : {});
  return json && { ...json, tag: answer.headers.get("ETag") };
}
