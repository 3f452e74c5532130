/* What open pages learn by themselves: how many lines wait, who calls; the list renews what changed, and nothing else. */
"use strict";

(() => {
  const EVERY = { list: 4000, elsewhere: 10000 };
  const byId = (id) => document.getElementById(id);
  const incoming = byId("appels-entrants");
  if (!incoming) return;
  const list = byId("a-faire-liste");
  const title = document.title.replace(/^\(\d+\) /, "");
  let seen = list ? list.dataset.digest : "";
  let count = null;
  let timer = 0;

  /* ---- what somebody is busy with stays as it is */
  const isOpen = (piece) =>
    piece.contains(document.activeElement) || piece.querySelector(".todo__done, details[open]") !== null;
  const isTyping = () => {
    const at = document.activeElement;
    return document.querySelector(".todo__done, .todo details[open]") !== null
      || (at !== null && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
  };

  /* ---- one piece after the other, never moving the one that has the focus; false when one had to wait */
  function renew(fresh) {
    let isWhole = true;
    const lines = byId("lignes");
    const wanted = [...fresh.querySelectorAll("#lignes > [data-key]")];
    const keys = new Set(wanted.map((piece) => piece.dataset.key));
    [...lines.children].filter((piece) => !keys.has(piece.dataset.key)).forEach((piece) => {
      if (!isOpen(piece)) return piece.remove();
      isWhole = false;
      sayGone(piece);
    });
    const here = new Map([...lines.children].map((piece) => [piece.dataset.key, piece]));
    let place = lines.firstElementChild;
    wanted.forEach((piece) => {
      let mine = here.get(piece.dataset.key);
      const isBusy = mine && isOpen(mine);
      if (mine && mine.dataset.version !== piece.dataset.version) {
        if (isBusy) isWhole = false;
        else {
          if (place === mine) place = piece;
          mine.replaceWith(piece);
          mine = piece;
          adopt(piece);
        }
      }
      if (!mine) {
        mine = piece;
        lines.insertBefore(piece, place);
        adopt(piece);
      } else if (mine === place) place = place.nextElementSibling;
      else if (!isBusy) lines.insertBefore(mine, place);
    });
    for (const name of ["head", "tail"]) {
      const old = list.querySelector(`:scope > [data-key="${name}"]`);
      const piece = fresh.querySelector(`[data-key="${name}"]`);
      if (old.dataset.version === piece.dataset.version) continue;
      if (isOpen(old)) isWhole = false;
      else old.replaceWith(piece);
    }
    return isWhole;
  }
  function adopt(piece) {
    if (window.htmx) window.htmx.process(piece);
  }
  function sayGone(piece) {
    if (piece.querySelector(".todo__gone")) return;
    const told = document.createElement("p");
    told.className = "todo__gone";
    told.setAttribute("role", "status");
    piece.querySelector(".line__what").append(told);
    told.textContent = "Cette ligne n’est plus à faire : quelqu’un vient de s’en occuper.";
  }

  /* ---- the count, in the menu, in the title, and said politely where the list is */
  function showCount(number) {
    const label = byId("a-faire-compte");
    if (label) label.textContent = number ? `(${number})` : "";
    document.title = (number ? `(${number}) ` : "") + title;
    if (list && count !== null && count !== number) {
      byId("a-faire-annonce").textContent = number === 0 ? "Plus rien à faire." : `${number} ${number === 1 ? "ligne" : "lignes"} à faire.`;
    }
    count = number;
  }

  /* ---- who calls */
  const hidden = () => new Set(JSON.parse(sessionStorage.getItem("appels-masques") || "[]"));
  function dress() {
    const away = hidden();
    incoming.querySelectorAll("[data-call]").forEach((one) => {
      if (away.has(one.dataset.call)) one.remove();
      else one.querySelector(".incoming__hide").hidden = false;
    });
  }
  function showIncoming(fresh) {
    if (incoming.contains(document.activeElement)) return false;
    if (incoming.innerHTML.trim() !== fresh.innerHTML.trim()) incoming.replaceChildren(...fresh.childNodes);
    dress();
    return true;
  }
  incoming.addEventListener("click", (event) => {
    const button = event.target.closest(".incoming__hide");
    if (!button) return;
    const one = button.closest("[data-call]");
    sessionStorage.setItem("appels-masques", JSON.stringify([...hidden(), one.dataset.call].slice(-50)));
    one.remove();
  });
  function openTaken(address) {
    if (!list || !address || isTyping() || sessionStorage.getItem("fiche-ouverte") === address) return;
    sessionStorage.setItem("fiche-ouverte", address);
    location.assign(address);
  }

  /* ---- asking; a session that has ended leads to signing in where nothing can be lost */
  async function ask() {
    const query = new URLSearchParams({ vu: seen });
    if (list) {
      query.set("liste", "1");
      query.set("page", list.dataset.page);
    }
    const answer = await fetch(`${incoming.dataset.news}?${query}`, { headers: { "HX-Request": "true" } });
    if (answer.status === 401) {
      clearInterval(timer);
      if (list && !isTyping()) location.assign(answer.headers.get("HX-Redirect"));
    }
    if (answer.status !== 200) return;
    const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = parsed.querySelector("[data-digest]");
    if (!fresh) return;
    const part = (name) => fresh.querySelector(`[data-part="${name}"]`);
    showCount(Number(fresh.dataset.count));
    const isShown = showIncoming(part("incoming"));
    const isRenewed = list ? renew(part("list")) : true;
    if (isShown && isRenewed) seen = fresh.dataset.digest;
    openTaken(fresh.dataset.taken);
  }
  let isAsking = false;  /* one question at a time: an older answer must not follow a newer one */
  async function tick() {
    if (document.hidden || isAsking) return;
    isAsking = true;
    try { await ask(); } catch { /* the network is away: the next time, perhaps */ }
    isAsking = false;
  }

  document.addEventListener("DOMContentLoaded", () => {
    dress();
    const label = byId("a-faire-compte");
    if (label) count = Number(label.textContent.replace(/\D/g, "")) || 0;
    timer = setInterval(tick, list ? EVERY.list : EVERY.elsewhere);
    if (!list) tick();
  });
  document.addEventListener("visibilitychange", tick);
  /* the line that one comes to has the focus, once the browser has gone to it */
  window.addEventListener("load", () => setTimeout(() => {
    const aimed = list && location.hash.startsWith("#ligne-") && byId(location.hash.slice(1));
    const button = aimed && aimed.querySelector(".line__do button, .line__do a");
    if (button && !document.querySelector("[autofocus]")) button.focus();
  }, 50));
})();
