/* Ready answers, wherever one is shown: copying counts, sending leaves the page as it is. Without it, the form does. */
(() => {
  "use strict";
  const token = (section) => section.querySelector('input[name="csrf_token"]').value;

  function showCopyButtons() {
    document.querySelectorAll("button.copy-answer[hidden]").forEach((button) => {
      button.hidden = !navigator.clipboard;
    });
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button.copy-answer");
    if (!button) return;
    const section = button.closest("section");
    const said = section.querySelector(".copied");
    try {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    } catch {
      said.textContent = "La copie n’est pas permise ici : sélectionnez le texte.";
      return;
    }
    said.textContent = "Le texte est copié.";
    const form = new URLSearchParams({ csrf_token: token(section), appel: button.dataset.call });
    fetch(button.dataset.count, { method: "POST", body: form }).catch(() => {});
  });

  /* Sent beside a call: what is typed in the rest of the card stays. */
  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form.send-answer");
    if (!form) return;
    event.preventDefault();
    const section = form.closest("section");
    const button = form.querySelector("button[type=submit]");
    button.disabled = true;
    let text = "";
    const holder = document.createElement("div");
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.action, { method: "POST", body, headers: { "HX-Request": "true" } });
      if (answer.ok || answer.status === 400) text = await answer.text();
    } catch {
      /* the network is away: the words below say so */
    }
    holder.innerHTML = text;
    const next = holder.querySelector("section.answer");
    if (!next) {
      button.disabled = false;
      section.querySelector(".copied").textContent =
        "La réponse n’est pas partie : le réseau manque, ou votre session s’est fermée. Réessayez, ou copiez le texte.";
      return;
    }
    section.replaceWith(next);
    showCopyButtons();
    const told = next.querySelector('[aria-invalid="true"], .answer__gone, .fr-alert');
    if (told) {
      if (told.matches(".fr-alert")) told.tabIndex = -1;
      told.focus();
    }
  });

  document.addEventListener("DOMContentLoaded", showCopyButtons);
  document.addEventListener("htmx:afterSwap", showCopyButtons);
  new MutationObserver(showCopyButtons).observe(document.documentElement, { childList: true, subtree: true });
})();
