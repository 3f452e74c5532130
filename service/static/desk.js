/* What script adds to pages that work without it: dependent lists, choosing in one click or by key, keeping what is
   typed while one looks elsewhere, copying, errors in sight. */
"use strict";

(() => {
  const byId = (id) => document.getElementById(id);

  /* The second list shows what the first allows, the third what the second allows. Returns how to choose. */
  function dependentLists(form) {
    const [theme, motif, sousMotif] = ["thematique", "motif", "sous_motif"].map((name) => form.elements[name]);
    const motifs = [...motif.querySelectorAll("option[data-thematique]")];
    const sousMotifs = [...sousMotif.querySelectorAll("option[data-thematique]")];

    function fill(list, options, chosen) {
      const first = list.options[0];
      list.replaceChildren(first, ...options);
      const wanted = options.find((option) => option.value === chosen) || (options.length === 1 ? options[0] : first);
      list.value = wanted.value;
      list.disabled = options.length === 0;
    }
    function showMotifs(chosen) {
      fill(motif, motifs.filter((option) => option.dataset.thematique === theme.value), chosen);
      showSousMotifs("");
    }
    function showSousMotifs(chosen) {
      const allowed = (option) => option.dataset.thematique === theme.value && option.dataset.motif === motif.value;
      fill(sousMotif, sousMotifs.filter(allowed), chosen);
      showChoice();
    }
    function showChoice() {
      const option = sousMotif.value ? sousMotif.selectedOptions[0] : null;
      const niveau = option && option.dataset.niveau;
      const note = niveau === "1/2" ? " (2 si l’appel est escaladé)" : "";
      byId("niveau").textContent = option
        ? `${option.dataset.thematique} › ${option.dataset.motif} › ${option.text} · niveau ${niveau}${note}` : "";
      form.dataset.step = option ? "statut" : "motif";
      document.querySelectorAll("button.choose").forEach((one) => {
        one.setAttribute("aria-pressed", String(Boolean(option) && one.value === option.dataset.key));
      });
      showAnswer(option && option.dataset.key, form.dataset.answers);
    }
    function choose(names) {
      theme.value = names[0];
      showMotifs(names[1]);
      motif.value = names[1];
      showSousMotifs(names[2]);
    }
    theme.addEventListener("change", () => showMotifs(""));
    motif.addEventListener("change", () => showSousMotifs(""));
    sousMotif.addEventListener("change", showChoice);

    /* A choice fills the three lists at once; what comes next is the statut. */
    document.addEventListener("click", (event) => {
      const button = event.target.closest("button.choose");
      if (!button) return;
      const option = sousMotifs.find((one) => one.dataset.key === button.value);
      if (!option) return;
      event.preventDefault();
      choose([option.dataset.thematique, option.dataset.motif, option.value]);
      form.elements.q.value = "";
      byId("trouves").replaceChildren();
      (form.querySelector("input[name=statut]:checked") || form.querySelector("input[name=statut]")).focus();
      form.dispatchEvent(new Event("change"));
    });

    searchField(form);
    choose([theme.value, motif.value, sousMotif.value]);
    return choose;
  }

  /* In the search field: Enter takes the first that was found, the arrow goes to it, Escape shuts the list. Enter waits
     for what was typed last; what is pressed meanwhile is already the statut. What comes too late is not shown. */
  function searchField(form) {
    const field = form.elements.q;
    const found = byId("trouves");
    const first = () => found.querySelector("button.choose");
    const isFresh = () => first() !== null && found.firstElementChild.dataset.typed === field.value;

    function wait() {
      found.replaceChildren();
      form.dataset.waits = "1";
      form.dataset.step = "statut";
      (form.querySelector("input[name=statut]:checked") || form.querySelector("input[name=statut]")).focus();
      window.htmx.trigger(field, "search");
    }
    function stopWaiting() {
      if (!form.dataset.waits) return;
      delete form.dataset.waits;
      if (first()) return first().click();
      form.dataset.step = "motif";
      field.focus();
    }
    field.addEventListener("keydown", (event) => {
      if (!["Enter", "ArrowDown", "Escape"].includes(event.key)) return;
      event.preventDefault();
      if (event.key === "Escape") {
        found.replaceChildren();
        field.value = "";
        field.blur();
      } else if (event.key === "ArrowDown") {
        if (first()) first().focus();
      } else if (isFresh()) {
        first().click();
      } else if (!window.htmx) {
        form.querySelector("button[value=chercher]").click();
      } else if (field.value.trim()) {
        wait();
      }
    });
    document.addEventListener("htmx:beforeSwap", (event) => {
      if (event.target === found && !field.value) event.detail.shouldSwap = false;
    });
    document.addEventListener("htmx:afterSwap", (event) => { if (event.target === found) stopWaiting(); });
    ["htmx:sendError", "htmx:responseError"].forEach((name) => field.addEventListener(name, stopWaiting));
  }

  /* What was chosen and typed is kept for this window until it is saved, so that the back button loses nothing. */
  function keptForm(form, choose) {
    const name = form.dataset.kept;
    const version = form.elements.version.value;
    const clear = () => { form.elements.q.value = ""; };

    function keep() {
      const { thematique, motif, sous_motif: sousMotif, statut, comment } = form.elements;
      const names = [thematique.value, motif.value, sousMotif.value];
      sessionStorage.setItem(name, JSON.stringify({ version, names, statut: statut.value, comment: comment.value }));
    }
    function restore() {
      const kept = JSON.parse(sessionStorage.getItem(name) || "null");
      if (kept && kept.version === version && !form.dataset.typed) {
        choose(kept.names);
        form.elements.comment.value = kept.comment;
        form.querySelectorAll("input[name=statut]").forEach((one) => { one.checked = one.value === kept.statut; });
      } else {
        sessionStorage.removeItem(name);
        /* A browser that gives fields back leaves the lists as they were cut: they are built again. */
        choose([form.elements.thematique.value, form.elements.motif.value, form.elements.sous_motif.value]);
      }
    }
    form.addEventListener("change", keep);
    form.addEventListener("input", (event) => { if (event.target !== form.elements.q) keep(); });
    window.addEventListener("pageshow", () => { restore(); clear(); });
  }

  /* Keys, where nobody is typing: they can be switched off (WCAG 2.1.4). The place of a digit counts, not its sign, so
     that a French keyboard needs no shift. */
  function keys(form) {
    const SWITCH = "raccourcis";
    const box = byId("raccourcis");
    const LETTERS = { r: 0, c: 1, e: 2 };
    const isOn = () => localStorage.getItem(SWITCH) !== "non";

    function show() {
      box.checked = isOn();
      document.documentElement.classList.toggle("keys", isOn());
    }
    byId("clavier").hidden = false;
    box.addEventListener("change", () => {
      localStorage.setItem(SWITCH, box.checked ? "oui" : "non");
      show();
    });
    show();

    const isTyping = (place) => place.isContentEditable || place.tagName === "TEXTAREA" || place.tagName === "SELECT"
      || (place.tagName === "INPUT" && place.type !== "radio" && place.type !== "checkbox");

    const found = () => byId("trouves").querySelectorAll("button.choose");
    function takeStatut(number) {
      const radio = form.querySelectorAll("input[name=statut]")[number];
      if (!radio) return;
      radio.checked = true;
      radio.focus();
      form.dispatchEvent(new Event("change"));
    }
    function takeMotif(number) {
      const shown = found().length ? found() : form.querySelectorAll(".chips button.choose");
      if (shown[number]) shown[number].click();
    }
    document.addEventListener("keydown", (event) => {
      if (!isOn() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
      const place = event.target instanceof Element ? event.target : document.body;
      if (isTyping(place) || place.closest("dialog")) return;
      const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code);
      const letter = event.key.toLowerCase();
      if (digit) {
        (form.dataset.step === "statut" && !found().length ? takeStatut : takeMotif)(Number(digit[1]) - 1);
      } else if (letter in LETTERS) {
        takeStatut(LETTERS[letter]);
      } else if (letter === "m") {
        form.elements.q.focus();
      } else if (event.key === "Escape") {
        form.dataset.step = "motif";
      } else if (event.key === "Enter" && (place === document.body || place.type === "radio")) {
        if (!form.dataset.waits) form.requestSubmit(form.querySelector(".save-row button"));
      } else {
        return;
      }
      event.preventDefault();
    });
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
      });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const form = byId("qualification");
    if (form) {
      document.documentElement.classList.add("scripted");
      keptForm(form, dependentLists(form));
      keys(form);
    }
    const leaving = document.querySelector("form[action='/deconnexion']");
    if (leaving) leaving.addEventListener("submit", () => sessionStorage.clear());
    const errors = byId("erreurs") || byId("conflit");
    if (errors) {
      errors.tabIndex = -1;
      errors.focus();
    }
  });
})();
