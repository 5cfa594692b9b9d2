// The sounds of notifications that a browser makes by itself: two short tones each, no file.
const tones: Readonly<Record<string, readonly [number, number]>> = {
  soft: [523, 659],
  bright: [880, 1319],
  bell: [1047, 1047],
};

export function play(name: string): void {
  const notes = tones[name];
  if (!notes) return;
  const audio = new AudioContext();
  notes.forEach((frequency, i) => {
    const start = audio.currentTime + i * 0.13;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, start);
    volume.gain.exponentialRampToValueAtTime(0.2, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.3);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + 0.32);
    if (i === notes.length - 1) tone.onended = () => void audio.close();
  });
}
