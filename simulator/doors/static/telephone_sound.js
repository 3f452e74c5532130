// The sounds of a telephone: its keys, ringing, the beep, and the voice. Nothing sounds before the first click.

const KEYS = {
  1: [697, 1209], 2: [697, 1336], 3: [697, 1477],
  4: [770, 1209], 5: [770, 1336], 6: [770, 1477],
  7: [852, 1209], 8: [852, 1336], 9: [852, 1477],
  "*": [941, 1209], 0: [941, 1336], "#": [941, 1477],
};

export class Sound {
  constructor() {
    this.isOn = true;
    this.context = null;
    this.rings = new Map();
    this.voice = null;
    if ("speechSynthesis" in window) {
      this.chooseVoice();
      window.speechSynthesis.addEventListener("voiceschanged", () => this.chooseVoice());
    }
  }

  chooseVoice() {
    const french = window.speechSynthesis.getVoices().filter((voice) => voice.lang.replace("_", "-").startsWith("fr"));
    this.voice = french.find((voice) => voice.lang.replace("_", "-") === "fr-FR") || french[0] || null;
  }

  wake() {
    this.context ??= "AudioContext" in window ? new AudioContext() : null;
    this.context?.resume();
  }

  set(isOn) {
    this.isOn = isOn;
    if (!isOn) {
      this.hush();
      for (const name of [...this.rings.keys()]) this.stop(name);
    }
  }

  tone(frequencies, seconds, loudness = 0.06) {
    if (!this.isOn || !this.context) return;
    const { context } = this;
    const gain = context.createGain();
    const end = context.currentTime + seconds;
    gain.gain.setValueAtTime(0, context.currentTime);
    gain.gain.linearRampToValueAtTime(loudness, context.currentTime + 0.01);
    gain.gain.setValueAtTime(loudness, end - 0.02);
    gain.gain.linearRampToValueAtTime(0, end);
    gain.connect(context.destination);
    for (const frequency of frequencies) {
      const oscillator = context.createOscillator();
      oscillator.frequency.value = frequency;
      oscillator.connect(gain);
      oscillator.start();
      oscillator.stop(end);
    }
  }

  key(key) {
    this.tone(KEYS[key] || [], 0.14);
  }

  beep() {
    this.tone([1000], 0.6);
  }

  // What the caller hears while it rings in France: 440 Hz, one second and a half out of five.
  ringback() {
    this.repeat("ringback", () => this.tone([440], 1.5, 0.04), 5000);
  }

  // The référent's own telephone.
  ring(name) {
    this.repeat(name, () => {
      for (const delay of [0, 180, 360]) setTimeout(() => this.rings.has(name) && this.tone([880, 1109], 0.12, 0.03), delay);
    }, 2500);
  }

  repeat(name, play, period) {
    this.stop(name);
    play();
    this.rings.set(name, setInterval(play, period));
  }

  stop(name) {
    clearInterval(this.rings.get(name));
    this.rings.delete(name);
  }

  say(text, isForReferent = false) {
    if (!this.isOn || !this.voice) return;
    const words = new SpeechSynthesisUtterance(text);
    words.lang = "fr-FR";
    words.voice = this.voice;
    words.rate = 1.1;
    words.pitch = isForReferent ? 0.8 : 1;
    window.speechSynthesis.speak(words);
  }

  hush() {
    if ("speechSynthesis" in window) window.speechSynthesis.cancel();
  }
}
