// The ringtone is made here: two soft tones, no file to load.
let context = null;
let timer = 0;

function beep() {
  const gain = context.createGain();
  gain.gain.value = 0.08;
  gain.connect(context.destination);
  for (const [at, hertz] of [[0, 660], [0.25, 880]]) {
    const tone = context.createOscillator();
    tone.frequency.value = hertz;
    tone.connect(gain);
    tone.start(context.currentTime + at);
    tone.stop(context.currentTime + at + 0.2);
  }
}

export function ring() {
  silence();
  context = context || new AudioContext();
  beep();
  timer = setInterval(beep, 1500);
}

export function silence() {
  clearInterval(timer);
}
