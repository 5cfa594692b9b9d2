// What a key press means. This is the one place that asks whether a key belongs to an input method; it knows no view.

export interface KeyLike {
  readonly key: string;
  readonly code: string;
  readonly keyCode: number;
  readonly isComposing: boolean;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
}

// composing reports whether an input method is at work with this key: then it is not ours.
export function composing(e: Pick<KeyLike, "isComposing" | "keyCode">): boolean {
  return e.isComposing || e.keyCode === 229;
}

const isEnter = (e: KeyLike) => e.key === "Enter" || e.code === "Enter" || e.code === "NumpadEnter";
const hangul = (s: string) => /^[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff\s]+$/.test(s);

// EnterKey turns Enter into exactly one send, on every engine, also in the middle of a syllable.
//
// While a Hangul syllable is being composed, Enter both ends it and means "send". Engines tell this in different orders:
//   Chromium on macOS   keydown 229 · compositionend · keydown 13 (the same press again)
//   Chromium on Windows keydown 229 · compositionend, sometimes with a line break after it
//   ibus and fcitx      keydown 229 · compositionend · keydown 13, or compositionend · keydown 13
//   Safari              compositionend · keydown 229 that is no longer composing
// A candidate window (Japanese, Chinese, Hanja) uses Enter to choose; then it must not send.
// The text is read after the composition ended, never at keydown, else the last syllable stays behind.
export class EnterKey {
  private open = false; // a composition is going on
  private text = ""; // what it holds, or held last
  private endedInPress = false; // a composition ended and no other key came since
  private wanted = false; // send as soon as the composition ends
  private held = false; // Enter is down and has been dealt with

  constructor(private readonly send: () => void) {}

  // keydown returns true when the browser must not act on the key itself.
  keydown(e: KeyLike): boolean {
    if (!isEnter(e)) {
      // The key of a running composition says nothing about Enter being down.
      this.held = false;
      this.wanted = false;
      this.endedInPress = false;
      return false;
    }
    if (e.shiftKey || e.ctrlKey || e.altKey || e.metaKey) return false;
    if (this.open || e.isComposing) {
      if (!this.held && hangul(this.text)) this.wanted = true;
      this.held = true;
      return false;
    }
    if (e.keyCode === 229) {
      const send = this.endedInPress && !this.held && hangul(this.text);
      this.held = true;
      this.endedInPress = false;
      if (send) this.send();
      return send;
    }
    const again = this.held || e.repeat;
    this.held = true;
    if (!again) this.send();
    return true;
  }

  keyup(e: KeyLike): void {
    if (isEnter(e)) {
      this.held = false;
      this.wanted = false;
    }
  }

  compositionstart(): void {
    this.open = true;
    this.text = "";
  }

  compositionupdate(data: string): void {
    this.text = data;
  }

  compositionend(data: string): void {
    this.open = false;
    if (data !== "") this.text = data;
    this.endedInPress = true;
    if (!this.wanted) return;
    this.wanted = false;
    // A Hanja or kanji that was chosen with this Enter is not sent by it.
    if (hangul(this.text)) queueMicrotask(this.send);
  }

  // beforeinput returns true for the line break of an Enter that has already been dealt with.
  beforeinput(inputType: string): boolean {
    return this.held && (inputType === "insertLineBreak" || inputType === "insertParagraph");
  }

  // listen hears what the input method says to this box and returns the way to stop.
  listen(box: HTMLElement): () => void {
    const ears: { readonly [name: string]: (e: never) => void } = {
      compositionstart: () => this.compositionstart(),
      compositionupdate: (e: CompositionEvent) => this.compositionupdate(e.data),
      compositionend: (e: CompositionEvent) => this.compositionend(e.data),
      beforeinput: (e: InputEvent) => {
        if (this.beforeinput(e.inputType)) e.preventDefault();
      },
    };
    for (const [name, ear] of Object.entries(ears)) box.addEventListener(name, ear as EventListener);
    return () => {
      for (const [name, ear] of Object.entries(ears)) box.removeEventListener(name, ear as EventListener);
    };
  }

  blur(): void {
    this.held = false;
    this.wanted = false;
    this.endedInPress = false;
  }
}

export type Shortcut =
  | "find"
  | "search"
  | "jump"
  | "previous"
  | "next"
  | "region"
  | "region-back"
  | "keys"
  | "new"
  | "settings"
  | "mute";

// shortcut names what a key press means anywhere in the program, or null. `typing` says that the keyboard is in a text box.
export function shortcut(e: KeyLike, typing: boolean): Shortcut | null {
  if (composing(e)) return null;
  const mod = e.ctrlKey || e.metaKey;
  if (e.key === "F6" && !mod && !e.altKey) return e.shiftKey ? "region-back" : "region";
  if (mod && !e.altKey && !e.shiftKey) {
    if (e.code === "KeyK") return "jump";
    if (e.code === "Comma") return "settings";
  }
  if (mod && !e.altKey && e.code === "KeyF") return e.shiftKey ? "search" : "find";
  if (mod && e.shiftKey && !e.altKey && e.code === "KeyM") return "mute";
  if (e.altKey && !mod && !e.shiftKey) {
    if (e.key === "ArrowUp") return "previous";
    if (e.key === "ArrowDown") return "next";
    if (e.code === "KeyN") return "new";
  }
  if (!typing && e.key === "?" && !mod && !e.altKey) return "keys";
  return null;
}

// typingIn reports whether keys pressed at this element write text.
export function typingIn(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.tagName === "TEXTAREA" ||
    (target instanceof HTMLInputElement && !/^(checkbox|radio|button|range)$/.test(target.type))
  );
}
