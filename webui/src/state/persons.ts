// What is known of people beside their names. Who is on the screen is asked for, many at once; changes come by
// push. It knows no rooms and no elements.
import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { User, UserID, UsersPage } from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import type { PersonsView } from "./face.ts";
import type { Clock, Http } from "./parts.ts";

const gather = 80; // what appears on the screen within this time makes one question
const again = 5 * 60_000; // how old an answer may be where a change may have passed unheard

interface Known {
  readonly who: Signal<User | undefined>;
  at: number; // when it was asked for; 0: not yet, or in doubt
}

export class Persons implements PersonsView {
  private readonly all = new Map<UserID, Known>();
  private wanted = new Set<UserID>();
  private round = 0; // of sign-ins; answers for an earlier one are thrown away

  constructor(
    private readonly http: Pick<Http, "get">,
    private readonly clock: Clock,
  ) {}

  of(id: UserID): ReadonlySignal<User | undefined> {
    const known = this.known(id);
    // While the nodes do not hear each other, only those on the screen are told of. What is shown meanwhile stays.
    if (known.at === 0 || known.at < this.clock.now() - again) this.want(id, known);
    return known.who;
  }

  know(users: readonly User[]): void {
    const now = this.clock.now();
    batch(() => {
      for (const u of users) {
        const known = this.known(u.id);
        known.at = now;
        known.who.value = u;
      }
    });
  }

  // doubt: changes may have passed unheard, so what is old is asked for anew.
  doubt(): void {
    const old = this.clock.now() - again;
    for (const [id, known] of this.all) if (known.at > 0 && known.at < old) this.want(id, known);
  }

  reset(): void {
    this.round++;
    this.all.clear();
    this.wanted.clear();
  }

  private known(id: UserID): Known {
    let known = this.all.get(id);
    if (!known) {
      known = { who: signal(undefined), at: 0 };
      this.all.set(id, known);
    }
    return known;
  }

  private want(id: UserID, known: Known): void {
    known.at = this.clock.now();
    this.wanted.add(id);
    if (this.wanted.size === 1) this.clock.after(gather, () => void this.ask());
  }

  private async ask(): Promise<void> {
    const ids = [...this.wanted];
    const round = this.round;
    this.wanted = new Set();
    for (let i = 0; i < ids.length; i += limits.pageMax) {
      const some = ids.slice(i, i + limits.pageMax);
      const answer = await this.http.get<UsersPage>(`users?ids=${some.map(encodeURIComponent).join(",")}`);
      if (round !== this.round) return;
      if (answer.data) this.know(answer.data.users);
      else for (const id of some) this.known(id).at = 0;
    }
  }
}
