// The caller's telephone: it asks the simulated operator for what happens, and shows and sounds it.

import { Referents } from "./telephone_referents.js";
import { clearRow, showNumber, showRow } from "./telephone_row.js";
import { Sound } from "./telephone_sound.js";

const LISTENING = 350; // milliseconds between two questions to the operator
const AFTERWARDS = 12; // seconds during which the row may still change after the end of the call

const at = (id) => document.getElementById(id);
const base = document.querySelector(".tel").dataset.base;
const sound = new Sound();
const referents = new Referents(sound, (deed, asked) => act(deed, asked));
let call = null; // { id, seen, isOver, began, spoken }

async function ask(path, asked) {
  const options = asked
    ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(asked) }
    : {};
  const answer = await fetch(base + path, options);
  const told = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(told.error || "Le téléphone simulé ne répond pas.");
  return told;
}

function complain(sentence) {
  at("tel-error").textContent = sentence;
  at("tel-error").hidden = !sentence;
}

async function act(deed, asked = {}) {
  if (!call || call.isOver) return;
  try {
    await ask(`/calls/${call.id}/${deed}`, asked);
    complain("");
  } catch (error) {
    complain(error.message);
  }
}

// ---------------------------------------------------------------- the call

async function begin() {
  sound.wake();
  complain("");
  at("tel-call").disabled = true;
  try {
    const from = at("tel-hidden").checked ? "anonymous" : at("tel-from").value;
    const { call: id } = await ask("/calls", { from, moment: at("tel-moment").value });
    clear();
    call = { id, seen: 0, isOver: false, began: null };
    settle(true);
    state("Appel en cours…");
    at("tel-end").focus();
    listen(call);
    watchRow(call);
  } catch (error) {
    at("tel-call").disabled = false;
    complain(error.message);
  }
}

function clear() {
  at("tel-bubbles").replaceChildren();
  at("tel-typed").textContent = "";
  at("tel-time").textContent = "";
  referents.clear();
  clearRow();
}

function settle(isOn) {
  for (const id of ["tel-end", "tel-words", "tel-say-button"]) at(id).disabled = !isOn;
  for (const id of ["tel-call", "tel-from", "tel-hidden", "tel-moment"]) at(id).disabled = isOn;
  if (at("tel-hidden").checked) at("tel-from").disabled = true;
  document.querySelector(".tel-device").dataset.inCall = isOn;
}

async function listen(one) {
  while (!one.isOver) {
    try {
      const told = await ask(`/calls/${one.id}/happenings?after=${one.seen}`);
      one.seen += told.happenings.length;
      for (const happening of told.happenings) happens(happening);
      one.isOver = told.over && !told.happenings.length;
      complain("");
    } catch (error) {
      complain(error.message);
    }
    await new Promise((go) => setTimeout(go, LISTENING));
  }
  over();
}

function over() {
  sound.stop("ringback");
  settle(false);
  at("tel-call").focus();
}

// The time on the telephone's screen, while somebody is on the line.
setInterval(() => {
  if (!call?.began || call.isOver) return;
  const seconds = Math.floor((Date.now() - call.began) / 1000);
  at("tel-time").textContent = `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;
}, 500);

async function watchRow(one) {
  let left = AFTERWARDS;
  while (call === one && left > 0) {
    const told = await ask(`/row/${one.id}`).catch(() => ({ row: null }));
    if (call === one && told.row) showRow(told.row);
    if (one.isOver) left -= 1;
    await new Promise((go) => setTimeout(go, 1000));
  }
}

// ---------------------------------------------------------------- what happens

const CALLER = {
  answered: () => { call.began = Date.now(); },
  says: (one) => { bubble("line", one.text, { isSpoken: true }); sound.say(one.text); },
  plays: () => bubble("line", "Message enregistré par le SIAO.", { isSpoken: true }),
  quiet: (one) => { stopSpeaking(); if (!one.whole) sound.hush(); },
  waits: () => state("La ligne attend votre réponse"),
  words: (one) => bubble("mine", `« ${one.text} »`),
  key: (one) => { typed(one.key); sound.hush(); },
  dials: () => { note("Cela sonne chez les référents."); sound.ringback(); state("Sonnerie…"); },
  bridged: (one) => { sound.stop("ringback"); sound.hush(); note(`En communication avec ${one.name || `le ${showNumber(one.phone)}`}.`); state("En communication"); },
  talk_over: () => note("Le référent a raccroché."),
  ring_over: () => sound.stop("ringback"),
  beep: () => { sound.beep(); note("Bip."); },
  records: () => { state("Enregistrement du message…"); note("Dites votre message, puis tapez dièse."); },
  recorded: (one) => note(`Message de ${one.seconds} secondes.`),
  trouble: () => note("Le service n’a pas répondu comme attendu."),
  over: (one) => {
    sound.hush();
    sound.stop("ringback");
    note(one.by === "caller" ? "Vous avez raccroché." : "Fin de l’appel.");
    state("Appel terminé");
  },
};

function happens(one) {
  if (one.where !== "caller") referents.happens(one);
  else CALLER[one.kind]?.(one);
}

function state(sentence) {
  at("tel-state").textContent = sentence;
}

function add(item) {
  const list = at("tel-bubbles");
  list.append(item);
  list.scrollTop = list.scrollHeight;
}

function bubble(side, text, { isSpoken = false } = {}) {
  const item = document.createElement("p");
  item.className = `tel-bubble tel-bubble--${side}`;
  item.textContent = text;
  if (isSpoken) {
    stopSpeaking();
    item.classList.add("tel-bubble--speaking");
    state("La ligne parle");
  }
  add(item);
  return item;
}

function stopSpeaking() {
  document.querySelector(".tel-bubble--speaking")?.classList.remove("tel-bubble--speaking");
}

function note(text) {
  const item = document.createElement("p");
  item.className = "tel-note";
  item.textContent = text;
  add(item);
}

// Keys pressed in a row share one bubble.
function typed(key) {
  const last = at("tel-bubbles").lastElementChild;
  const shown = { "*": "✱" }[key] || key;
  if (last?.dataset.keys) {
    last.dataset.keys += shown;
    last.lastElementChild.textContent = last.dataset.keys;
  } else {
    const item = bubble("mine", "Touche ");
    item.dataset.keys = shown;
    item.append(Object.assign(document.createElement("kbd"), { textContent: shown }));
  }
  at("tel-typed").textContent = (at("tel-typed").textContent + shown).slice(-14);
}

// ---------------------------------------------------------------- hands

function press(key) {
  sound.wake();
  sound.key(key);
  const button = document.querySelector(`.tel-key[data-key="${CSS.escape(key)}"]`);
  button?.classList.add("tel-key--down");
  setTimeout(() => button?.classList.remove("tel-key--down"), 140);
  act("press", { keys: key });
}

at("tel-keys").addEventListener("click", (event) => {
  const key = event.target.closest("button")?.dataset.key;
  if (key) press(key);
});
at("tel-call").addEventListener("click", begin);
at("tel-end").addEventListener("click", () => act("hangup"));
at("tel-settings").addEventListener("submit", (event) => { event.preventDefault(); if (!at("tel-call").disabled) begin(); });
at("tel-hidden").addEventListener("change", () => { at("tel-from").disabled = at("tel-hidden").checked; });
at("tel-say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("tel-words").value.trim();
  if (text) act("say", { text });
  at("tel-words").value = "";
});
at("tel-sound").addEventListener("click", () => {
  sound.wake();
  sound.set(!sound.isOn);
  at("tel-sound").setAttribute("aria-pressed", String(sound.isOn));
  at("tel-sound-text").textContent = sound.isOn ? "Son activé" : "Son coupé";
});
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^[0-9*#]$/.test(event.key)) press(event.key);
});
