// The call's row as it is recorded, in French.

const OUTCOMES = {
  in_progress: "En cours", answered: "Répondu", message: "Message laissé", callback: "Rappel demandé",
  absence: "Message d’absence entendu", abandoned_ringing: "Abandon pendant la sonnerie",
  abandoned_menu: "Abandon dans le menu", missed: "Manqué",
};
const REASONS = {
  closed: "hors des horaires", holiday: "jour férié", away: "référent absent", no_answer: "sans réponse",
  busy: "occupé", refused: "décroché, non pris", failed: "numéro injoignable", no_referent: "aucun référent",
};
const RESULTS = {
  accepted: "A pris l’appel", no_answer: "Sans réponse", busy: "Occupé", refused: "Décroché, non pris",
  failed: "Injoignable", canceled: "Arrêté",
};
const WAYS = { keypad: "au clavier", speech: "à la voix", memory: "de mémoire" };
const DESKS = { local: "référent du département", national: "équipe nationale", overflow: "débordement" };

export function showNumber(number) {
  if (!number) return "masqué";
  const french = /^\+33(\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(number);
  return french ? `0${french[1]} ${french.slice(2).join(" ")}` : number;
}

export function showSeconds(seconds) {
  if (seconds === null || seconds === undefined) return null;
  const minutes = Math.floor(seconds / 60);
  return minutes ? `${minutes} min ${String(seconds % 60).padStart(2, "0")} s` : `${seconds} s`;
}

function showMoment(text) {
  if (!text) return null;
  const [, day, hour] = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)/.exec(text);
  const [year, month, date] = day.split("-");
  return `${date}/${month}/${year} à ${hour}`;
}

function told(row) {
  return [
    ["Issue", OUTCOMES[row.outcome] || row.outcome],
    ["Raison", REASONS[row.absence_reason]],
    ["Appelant", showNumber(row.caller)],
    ["Département", row.departement && `${row.departement === "*" ? "équipe nationale" : row.departement}${row.departement_given_by ? `, ${WAYS[row.departement_given_by]}` : ""}`],
    ["Référent", row.referent],
    ["Répondu par", DESKS[row.answered_by]],
    ["Début", showMoment(row.started_at)],
    ["Attente", showSeconds(row.wait_seconds)],
    ["Conversation", showSeconds(row.talk_seconds)],
    ["Durée totale", showSeconds(row.total_seconds)],
    ["Message", showSeconds(row.message_seconds)],
    ["À rappeler au", row.callback_number && showNumber(row.callback_number)],
  ].filter(([, text]) => text);
}

export function showRow(row) {
  document.getElementById("tel-record-empty").hidden = true;
  const list = document.getElementById("tel-row");
  list.hidden = false;
  list.dataset.outcome = row.outcome;
  list.replaceChildren(...told(row).map(([name, text]) => {
    const item = document.createElement("div");
    const [term, value] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = name;
    value.textContent = text;
    item.append(term, value);
    return item;
  }));
  showAttempts(row.attempts);
  const json = document.getElementById("tel-json");
  json.hidden = false;
  json.querySelector("pre").textContent = JSON.stringify(row, null, 2);
}

function showAttempts(attempts) {
  const table = document.getElementById("tel-attempts");
  table.hidden = !attempts.length;
  table.tBodies[0].replaceChildren(...attempts.map((attempt) => {
    const line = document.createElement("tr");
    for (const text of [attempt.referent || "—", showNumber(attempt.phone), RESULTS[attempt.result] || "Sonne…"]) {
      line.insertCell().textContent = text;
    }
    return line;
  }));
}

export function clearRow() {
  for (const name of ["tel-row", "tel-attempts", "tel-json"]) document.getElementById(name).hidden = true;
  document.getElementById("tel-record-empty").hidden = false;
}
