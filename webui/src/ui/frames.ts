// Frames puts what others cause on the screen once per frame, however much of it comes: what a person does meanwhile is
// never behind it in a queue. It knows how Preact draws, not what is drawn.
import { options } from "preact";

const hiddenFor = 100; // a page that nobody sees has no frames

const waiting = new Set<() => void>();
let stop: (() => void) | null = null;

function next(draw: () => void): void {
  waiting.add(draw);
  if (stop) return;
  const go = (): void => {
    stop?.();
    stop = null;
    const all = [...waiting];
    waiting.clear();
    for (const one of all) one();
  };
  const seen = document.visibilityState === "visible";
  const frame = seen ? requestAnimationFrame(go) : 0;
  // A page may be hidden before its frame comes.
  const timer = setTimeout(go, hiddenFor);
  stop = () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

// inFrames runs what somebody else caused. What it changes is drawn in the next frame, or earlier, with what the person
// here does before.
export function inFrames(run: () => void): void {
  const before = options.debounceRendering;
  options.debounceRendering = next;
  try {
    run();
  } finally {
    if (before) options.debounceRendering = before;
    else delete options.debounceRendering;
  }
}
