// Two short tones for the till: a higher one for yes, a lower one for no. Silent until the page was touched once.
const PITCH = { yes: [880, 1175], no: [330, 247] };
const LENGTH = 0.09;
let audio = null;

export function tone(kind) {
  const pitches = PITCH[kind];
  const Audio = window.AudioContext;
  if (!pitches || !Audio || !navigator.userActivation?.hasBeenActive) return;
  audio ??= new Audio();
  pitches.forEach((pitch, i) => {
    const from = audio.currentTime + i * LENGTH;
    const wave = audio.createOscillator();
    const loud = audio.createGain();
    wave.frequency.value = pitch;
    loud.gain.setValueAtTime(0.08, from);
    loud.gain.exponentialRampToValueAtTime(0.001, from + LENGTH);
    wave.connect(loud).connect(audio.destination);
    wave.start(from);
    wave.stop(from + LENGTH);
  });
}
