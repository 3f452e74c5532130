/* The public form on one page: every section shown, lists that depend on each other, proposals and answers as one goes.
   Without it the same form goes step by step. */
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const form = document.getElementById("demande");
  if (!form) return;
  const byId = (id) => document.getElementById(id);
  const [theme, motif, sousMotif, words] = ["thematique", "motif", "sous_motif", "mots"].map((name) => form.elements[name]);
  const subjects = [...byId("tous-les-sujets").content.querySelectorAll("option")];
  const found = byId("trouves");
  const help = byId("aide");
  const answer = help.closest("section");

  /* One page: what belongs to steps goes, what belongs to the whole comes. */
  const wasStep = form.elements.etape.value !== "";
  form.elements.etape.value = "";
  form.querySelectorAll(".only-steps").forEach((one) => { one.hidden = true; });
  form.querySelectorAll(".only-whole, .form-step").forEach((one) => { one.hidden = false; });
  answer.hidden = !help.querySelector(".form-answer");
  byId("par-defaut").value = "envoyer";
  byId("proposer").hidden = true;
  if (wasStep) {
    form.querySelectorAll(".form-buttons button[value=retour]").forEach((one) => one.remove());
    const send = form.querySelector(".form-buttons button");
    send.value = "envoyer";
    send.textContent = "Envoyer ma demande";
    document.title = document.title.replace(/[^:]*– (?=Écrire)/, (all) => (all.startsWith("Erreur") ? "Erreur : " : ""));
  }

  /* The second list shows what the first allows, the third what the second allows. */
  const unique = (names) => [...new Set(names)];
  function fill(list, options, chosen) {
    const first = list.options[0];
    list.replaceChildren(first, ...options);
    const wanted = options.find((one) => one.value === chosen) || (options.length === 1 ? options[0] : first);
    list.value = wanted.value;
    list.disabled = options.length === 0;
  }
  function show(chosenMotif, chosenSousMotif) {
    const ofTheme = subjects.filter((one) => one.dataset.thematique === theme.value);
    fill(motif, unique(ofTheme.map((one) => one.dataset.motif)).map((name) => new Option(name, name)), chosenMotif);
    const ofMotif = ofTheme.filter((one) => one.dataset.motif === motif.value).map((one) => one.cloneNode(true));
    fill(sousMotif, ofMotif, chosenSousMotif);
    showHelp();
  }
  theme.addEventListener("change", () => show("", ""));
  motif.addEventListener("change", () => show(motif.value, ""));
  sousMotif.addEventListener("change", showHelp);

  async function piece(asked) {
    const body = new FormData();
    ["csrf_token", "profil", "mots", "thematique", "motif", "sous_motif"].forEach((name) => {
      body.append(name, form.elements[name].value);
    });
    body.append("faire", asked);
    const got = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
    return got.ok ? got.text() : "";
  }

  /* What may answer the subject that is chosen. */
  let shown = help.querySelector(".form-answer") ? help.querySelector(".form-answer").dataset.seen : "";
  async function showHelp() {
    const chosen = sousMotif.value ? sousMotif.selectedOptions[0].dataset.key : "";
    if (chosen === shown) return;
    shown = chosen;
    form.elements.vu.value = "";
    const text = chosen ? await piece("aide").catch(() => "") : "";
    if (chosen !== shown) return;
    help.innerHTML = text;
    const seen = help.querySelector(".form-answer");
    answer.hidden = !seen;
    if (seen) form.elements.vu.value = seen.dataset.seen;
  }

  /* What a few words propose, while they are typed. */
  let asked = 0;
  let waits = 0;
  words.addEventListener("input", () => {
    clearTimeout(waits);
    waits = setTimeout(async () => {
      const mine = ++asked;
      const text = words.value.trim() ? await piece("chercher").catch(() => "") : "";
      if (mine === asked) found.innerHTML = text;
    }, 350);
  });
  words.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  found.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=choisir]");
    const subject = button && subjects.find((one) => one.dataset.key === button.value);
    if (!subject) return;
    event.preventDefault();
    theme.value = subject.dataset.thematique;
    show(subject.dataset.motif, subject.value);
    found.replaceChildren();
    const text = form.elements.description;
    if (!text.value.trim()) text.value = words.value;
    sousMotif.focus();
  });

  /* Files that are too large are told before they travel. */
  const files = byId("fichiers");
  const tooLarge = byId("fichiers-taille");
  function isTooLarge() {
    const size = [...files.files].reduce((sum, file) => sum + file.size, 0);
    tooLarge.hidden = size <= Number(form.dataset.largest);
    tooLarge.textContent = tooLarge.hidden ? "" : "Ces fichiers dépassent 20 Mo à eux tous : joignez-en moins, ou de plus petits.";
    return !tooLarge.hidden;
  }
  files.addEventListener("change", isTooLarge);

  /* Sent once, however often the button is pressed; a page given back by the browser can be sent again. */
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent || isTooLarge()) {
      event.preventDefault();
      if (!form.dataset.sent) files.focus();
      return;
    }
    [motif, sousMotif].forEach((list) => { list.disabled = false; });
    form.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    delete form.dataset.sent;
    show(motif.value, sousMotif.value);
  });
});
