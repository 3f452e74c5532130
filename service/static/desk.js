/* What script adds to pages that work without it: dependent lists, choosing in one click, copying, errors in sight. */
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);

  /* The second list shows what the first allows, the third what the second allows. */
  function dependentLists(form) {
    const [theme, motif, sousMotif] = ["thematique", "motif", "sous_motif"].map((name) => form.elements[name]);
    const motifs = [...motif.querySelectorAll("option[data-thematique]")];
    const sousMotifs = [...sousMotif.querySelectorAll("option[data-thematique]")];

    function fill(list, options, chosen) {
      const first = list.options[0];
      list.replaceChildren(first, ...options);
      const wanted = options.find((option) => option.value === chosen) || (options.length === 1 ? options[0] : first);
      list.value = wanted.value;
      list.disabled = false;
    }
    function showMotifs(chosen) {
      fill(motif, motifs.filter((option) => option.dataset.thematique === theme.value), chosen);
      showSousMotifs(sousMotif.value);
    }
    function showSousMotifs(chosen) {
      const allowed = (option) => option.dataset.thematique === theme.value && option.dataset.motif === motif.value;
      fill(sousMotif, sousMotifs.filter(allowed), chosen);
      showChoice();
    }
    function showChoice() {
      const option = sousMotif.selectedOptions[0];
      const niveau = option && option.dataset.niveau;
      const note = niveau === "1/2" ? " (2 si l’appel est escaladé)" : "";
      byId("niveau").textContent = niveau ? `Niveau ${niveau}${note}` : "";
      showAnswer(option && option.dataset.key, form.dataset.answers);
    }
    const start = { theme: theme.value, motif: motif.value, sousMotif: sousMotif.value };
    theme.addEventListener("change", () => showMotifs(""));
    motif.addEventListener("change", () => showSousMotifs(""));
    sousMotif.addEventListener("change", showChoice);

    /* A choice fills the three lists at once. */
    form.ownerDocument.addEventListener("click", (event) => {
      const button = event.target.closest("button.choose");
      if (!button) return;
      const option = sousMotifs.find((one) => one.dataset.key === button.value);
      if (!option) return;
      event.preventDefault();
      theme.value = option.dataset.thematique;
      showMotifs(option.dataset.motif);
      motif.value = option.dataset.motif;
      showSousMotifs(option.value);
      document.querySelectorAll("button.choose").forEach((one) => {
        one.setAttribute("aria-pressed", String(one.value === button.value));
      });
      byId("trouves").replaceChildren();
      form.elements.q.value = "";
      form.elements.statut.focus();
    });

    /* Enter in the search field takes the first that was found. */
    form.elements.q.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      const first = byId("trouves").querySelector("button.choose");
      if (first) first.click();
    });

    if (start.theme) {
      showMotifs(start.motif);
      motif.value = start.motif;
      showSousMotifs(start.sousMotif);
    } else {
      motif.disabled = true;
      sousMotif.disabled = true;
    }
  }

  /* The ready answer of the chosen sous-motif, at once. */
  let shownAnswer = "";
  function showAnswer(key, address) {
    const place = byId("reponse");
    if (!place || key === shownAnswer) return;
    shownAnswer = key;
    if (!key) {
      place.replaceChildren();
      return;
    }
    fetch(address + key, { headers: { "HX-Request": "true" } })
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((text) => {
        if (key !== shownAnswer) return;
        place.innerHTML = text;
        showCopyButtons();
      });
  }

  function showCopyButtons() {
    document.querySelectorAll("button.copy[hidden]").forEach((button) => { button.hidden = !navigator.clipboard; });
  }
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy");
    if (!button) return;
    const said = button.closest("section").querySelector(".copied");
    try {
      await navigator.clipboard.writeText(byId(button.dataset.copy).textContent);
      said.textContent = "Le texte est copié.";
    } catch {
      said.textContent = "La copie n’est pas permise ici : sélectionnez le texte.";
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    const form = byId("qualification");
    if (form) dependentLists(form);
    showCopyButtons();
    const errors = byId("erreurs") || byId("conflit");
    if (errors) {
      errors.tabIndex = -1;
      errors.focus();
    }
  });
  document.addEventListener("htmx:afterSwap", showCopyButtons);
})();
