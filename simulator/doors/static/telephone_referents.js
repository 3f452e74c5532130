// The référents' telephones: each one that rings is a card, picked up, pressed and hung up by hand.

import { showNumber } from "./telephone_row.js";

const ENDS = {
  completed: "Communication terminée.", busy: "Occupé, ou appel refusé.", "no-answer": "N’a pas répondu.",
  failed: "Numéro injoignable.", canceled: "Ne sonne plus.",
};
const SHOWN = {
  ringing: ["answer", "refuse"], screened: ["press", "hangup"], talking: ["hangup"], over: [],
};

export class Referents {
  constructor(sound, act) {
    this.sound = sound;
    this.act = act;
    this.cards = new Map();
    this.list = document.getElementById("tel-phones");
    this.template = document.getElementById("tel-phone-template");
  }

  clear() {
    for (const name of this.cards.keys()) this.sound.stop(name);
    this.cards.clear();
    this.list.replaceChildren();
    document.getElementById("tel-quiet").hidden = false;
  }

  happens(one) {
    const react = {
      rings: () => this.rings(one),
      picked_up: () => this.show(one.where, "screened", "Décroché. Le référent entend :"),
      says: () => this.hears(one),
      bridged: () => this.show(one.where, "talking", "En communication avec l’appelant."),
      leg_over: () => this.isOver(one),
    }[one.kind];
    react?.();
  }

  rings(one) {
    document.getElementById("tel-quiet").hidden = true;
    const card = this.card(one);
    card.querySelector(".tel-phone__hears").hidden = true;
    this.sound.ring(one.where);
    this.show(one.where, "ringing", `Sonne… Affiche ${showNumber(one.caller_id)}.`);
    if (window.matchMedia("(max-width: 47.99rem)").matches) card.scrollIntoView({ block: "center" });
  }

  card(one) {
    const known = this.cards.get(one.where);
    if (known) return known;
    const card = this.template.content.firstElementChild.cloneNode(true);
    card.querySelector(".tel-phone__name").textContent = one.name || showNumber(one.where);
    card.querySelector(".tel-phone__number").textContent = showNumber(one.where);
    card.addEventListener("click", (event) => {
      const button = event.target.closest("button");
      if (button) this.act(button.dataset.deed, { phone: one.where, keys: button.dataset.keys });
    });
    this.cards.set(one.where, card);
    this.list.append(card);
    return card;
  }

  show(number, state, sentence) {
    const card = this.cards.get(number);
    if (!card) return;
    if (state !== "ringing") this.sound.stop(number);
    const hadFocus = card.contains(document.activeElement);
    card.dataset.state = state;
    card.querySelector(".tel-phone__state").textContent = sentence;
    for (const button of card.querySelectorAll("button")) button.hidden = !SHOWN[state].includes(button.dataset.deed);
    if (state === "talking") card.querySelector(".tel-phone__hears").hidden = true;
    if (hadFocus) card.querySelector("button:not([hidden])")?.focus();
  }

  hears(one) {
    const card = this.cards.get(one.where);
    if (!card) return;
    const words = card.querySelector(".tel-phone__hears");
    words.textContent = `« ${one.text} »`;
    words.hidden = false;
    this.sound.say(one.text, true);
  }

  isOver(one) {
    document.getElementById("tel-quiet").hidden = true;
    const card = this.card(one);
    const wasScreened = card.dataset.state === "screened";
    this.show(one.where, "over", wasScreened ? "Décroché, non pris." : ENDS[one.status] || one.status);
    card.querySelector(".tel-phone__hears").hidden = true;
  }
}
