// A part of a room's history away from its newest messages: the surroundings of something that was found.
// It grows at both ends as the reader moves, and asks anew when something in it changes.
import { signal } from "@preact/signals-core";
import type { ErrorCode, Message, MessagesPage, RoomID, Seq } from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import type { Http } from "./parts.ts";

const around = 50;

export class Past {
  readonly messages = signal<readonly Message[]>([]);
  readonly older = signal(false); // more above
  readonly newer = signal(true); // more below
  private going: Promise<ErrorCode | null> | null = null;

  constructor(
    private readonly http: Http,
    private readonly id: RoomID,
  ) {}

  // open reads what stands around seq.
  open(seq: Seq): Promise<ErrorCode | null> {
    return this.once(async () => {
      const [before, after] = await Promise.all([
        this.page(`before=${seq + 1}&limit=${around}`),
        this.page(`after=${seq}&limit=${around}`),
      ]);
      if (before.error) return before.error.code;
      if (after.error) return after.error.code;
      this.messages.value = [...before.data.messages, ...after.data.messages];
      this.older.value = before.data.more;
      this.newer.value = after.data.more;
      return null;
    });
  }

  loadOlder(): Promise<ErrorCode | null> {
    return this.once(async () => {
      const first = this.messages.peek()[0]?.seq;
      if (first === undefined || !this.older.peek()) return null;
      const page = await this.page(`before=${first}&limit=${limits.pageMax}`);
      if (page.error) return page.error.code;
      this.messages.value = [...page.data.messages, ...this.messages.peek()];
      this.older.value = page.data.more;
      return null;
    });
  }

  loadNewer(): Promise<ErrorCode | null> {
    return this.once(async () => {
      const last = this.messages.peek().at(-1)?.seq;
      if (last === undefined || !this.newer.peek()) return null;
      const page = await this.page(`after=${last}&limit=${limits.pageMax}`);
      if (page.error) return page.error.code;
      this.messages.value = [...this.messages.peek(), ...page.data.messages];
      this.newer.value = page.data.more;
      return null;
    });
  }

  // again reads everything here anew, because something in it has changed.
  again(): Promise<ErrorCode | null> {
    return this.once(async () => {
      const all = this.messages.peek();
      const first = all[0]?.seq;
      const last = all.at(-1)?.seq;
      if (first === undefined || last === undefined) return null;
      const fresh: Message[] = [];
      for (let at = first - 1; at < last; ) {
        const page = await this.page(`after=${at}&limit=${limits.pageMax}`);
        if (page.error) return page.error.code;
        fresh.push(...page.data.messages.filter((m) => m.seq <= last));
        const end = page.data.messages.at(-1)?.seq;
        if (!page.data.more || end === undefined) break;
        at = end;
      }
      this.messages.value = fresh;
      return null;
    });
  }

  private page(query: string) {
    return this.http.get<MessagesPage>(`rooms/${encodeURIComponent(this.id)}/messages?${query}`);
  }

  // once lets one request at a time run; whoever comes meanwhile comes after it.
  private once(run: () => Promise<ErrorCode | null>): Promise<ErrorCode | null> {
    const next = (this.going ?? Promise.resolve(null)).then(run);
    this.going = next;
    return next;
  }
}
