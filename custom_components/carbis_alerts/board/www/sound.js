// A chime, made here: nothing is fetched, and no speaker is needed.
const NOTES = [880, 1175];
const LENGTH = 0.35;
export class Sound {
  #audio = null;
  #changed;

  /** Call back when the browser keeps it silent, or does no more. */
  constructor(changed) { this.#changed = changed; }

  /** Whether the browser keeps silent until somebody touches the page. */
  get isKept() {
    this.#audio ??= Object.assign(new AudioContext(), { onstatechange: this.#changed });
    return this.#audio.state === "suspended";
  }

  wake = () => this.#audio?.resume();

  chime() {
    if (this.isKept) return;
    const start = this.#audio.currentTime;
    const tone = new OscillatorNode(this.#audio);
    const volume = new GainNode(this.#audio, { gain: 0.4 });
    NOTES.forEach((note, i) => tone.frequency.setValueAtTime(note, start + i * LENGTH));
    volume.gain.setTargetAtTime(0, start + LENGTH, LENGTH / 2);
    tone.connect(volume).connect(this.#audio.destination);
    tone.start(start);
    tone.stop(start + 4 * LENGTH);
  }

  end() {
    this.#audio?.close();
    this.#audio = null;
  }
}
