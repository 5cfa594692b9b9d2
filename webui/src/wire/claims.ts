// Who of the tabs holds the socket, and which tabs are still there. Web Locks know it for certain,
// also after a crash. A page without TLS has none; there the tabs ask each other.

export interface Claims {
  live(id: string): void; // this tab is there
  lead(granted: () => void): void; // once the one before is gone
  onGone(id: string, run: () => void): void;
  alone<T>(name: string, run: () => Promise<T>): Promise<T>;
}

// lockClaims holds the claims of one group of windows; own tells the groups apart.
export function lockClaims(locks: LockManager, own = ""): Claims {
  const forever = new Promise<never>(() => {});
  return {
    live(id) {
      void locks.request(`sendjay-tab-${id}`, () => forever);
    },
    lead(granted) {
      void locks.request(`sendjay-leader${own}`, () => {
        granted();
        return forever;
      });
    },
    onGone(id, run) {
      void locks.request(`sendjay-tab-${id}`, () => run());
    },
    alone: (name, run) => locks.request(name, run) as ReturnType<typeof run>,
  };
}

type Cry =
  | { readonly t: "who"; readonly from: string }
  | { readonly t: "me"; readonly from: string } // I lead
  | { readonly t: "bye"; readonly from: string };

const settle = 250; // ms for the leader to answer
const pulse = 2000;

export interface AskingParts {
  readonly id: string;
  readonly post: (cry: Cry) => void;
  readonly listen: (ear: (cry: Cry) => void) => void;
  readonly onLeave: (run: () => void) => void;
  readonly after: (ms: number, run: () => void) => () => void;
}

// askingClaims does without locks: a tab that nobody answers leads; of two that think so the smaller
// id stays. A leader that crashed is noticed by its missing pulse.
export function askingClaims({ id, post, listen, onLeave, after }: AskingParts): Claims {
  let leads = false;
  let granted: (() => void) | null = null;
  let stop: () => void = () => {};
  const gone = new Map<string, (() => void)[]>();
  const lone = new Map<string, Promise<unknown>>();

  const ask = (): void => {
    if (leads || !granted) return;
    post({ t: "who", from: id });
    stop();
    stop = after(settle, take);
  };
  const take = (): void => {
    leads = true;
    beat();
    const run = granted;
    granted = null;
    run?.();
  };
  const beat = (): void => {
    post({ t: "me", from: id });
    after(pulse, beat);
  };
  listen((cry) => {
    if (cry.t === "bye") {
      for (const run of gone.get(cry.from) ?? []) run();
      gone.delete(cry.from);
      ask();
    } else if (cry.t === "me") {
      stop();
      if (!leads) stop = after(pulse * 2 + settle, ask);
    } else if (leads) post({ t: "me", from: id });
    // Two ask at once: the smaller id goes first.
    else if (granted && cry.from < id) {
      stop();
      stop = after(settle * 2, ask);
    }
  });
  onLeave(() => post({ t: "bye", from: id }));

  return {
    live() {},
    lead(run) {
      granted = run;
      ask();
    },
    onGone(other, run) {
      gone.set(other, [...(gone.get(other) ?? []), run]);
    },
    // Within this tab only: the name of the attempt keeps two tabs from harming each other.
    async alone<T>(name: string, run: () => Promise<T>): Promise<T> {
      const before = lone.get(name);
      const now = (async () => {
        await before?.catch(() => {});
        return run();
      })();
      lone.set(name, now);
      return now;
    },
  };
}
