// The organisation as rows of a tree: what is open, what has been fetched, what stands where. It knows no elements.
import { computed, signal } from "@preact/signals-core";
import type { Circle, ErrorCode, OrgPage, OrgUnit, User, UserID, UsersPage } from "../gen/protocol.ts";
import { limits } from "../gen/protocol.ts";
import type { Http } from "./parts.ts";

interface At {
  readonly key: string;
  readonly level: number; // from 1, as a screen reader counts
  readonly place: number; // among those beside it, from 1
  readonly of: number;
  readonly under: string | null; // the key of the row above it in the tree
}
export type OrgRow =
  | (At & {
      readonly kind: "circle";
      readonly which: "favourites" | "recent";
      readonly open: boolean;
      readonly count: number;
    })
  | (At & { readonly kind: "unit"; readonly unit: OrgUnit; readonly open: boolean; readonly mine: boolean })
  | (At & { readonly kind: "person"; readonly user: User })
  | (At & { readonly kind: "wait" })
  | (At & { readonly kind: "failed"; readonly unit: string });

interface Inside {
  readonly units: readonly string[];
  readonly people: readonly User[];
}

export class Org {
  readonly error = signal<ErrorCode | null>(null);
  readonly loading = signal(true);
  private readonly units = signal<ReadonlyMap<string, OrgUnit>>(new Map());
  private readonly top = signal<readonly string[]>([]);
  private readonly mine = signal<ReadonlySet<string>>(new Set());
  private readonly inside = signal<ReadonlyMap<string, Inside | "failed">>(new Map());
  private readonly opened = signal<ReadonlySet<string>>(new Set());
  private readonly circle = signal<Circle>({ favourites: [], recent: [] });

  constructor(private readonly http: Http) {}

  // none: the company has no units, so that a list serves better than a tree.
  readonly none = computed(() => !this.loading.value && this.top.value.length === 0);

  async start(): Promise<void> {
    const [page, circle] = await Promise.all([this.http.get<OrgPage>("org"), this.http.get<Circle>("me/people")]);
    this.loading.value = false;
    this.error.value = page.error?.code ?? null;
    if (page.error) return;
    const mine = page.data.mine ?? [];
    this.learn([...page.data.units, ...mine]);
    this.top.value = page.data.units.map((u) => u.code);
    this.mine.value = new Set(mine.map((u) => u.code));
    if (circle.data) this.circle.value = circle.data;
    this.opened.value = new Set(["favourites"]);
    for (const u of mine.length ? mine : page.data.units.slice(0, 1)) void this.open(u.code);
  }

  async again(): Promise<void> {
    const circle = await this.http.get<Circle>("me/people");
    if (circle.data) this.circle.value = circle.data;
  }

  toggle(key: string): void {
    const open = new Set(this.opened.peek());
    if (!open.delete(key)) {
      if (this.units.peek().has(key)) return void this.open(key);
      open.add(key);
    }
    this.opened.value = open;
  }

  // openAll opens everything that is known, and fetches what is not, level by level, up to a bound.
  async openAll(): Promise<void> {
    const page = await this.http.get<OrgPage>("org?all=1");
    if (page.error) return;
    this.learn(page.data.units);
    const below = new Map<string, string[]>();
    for (const u of page.data.units) below.set(u.under ?? "", [...(below.get(u.under ?? "") ?? []), u.code]);
    const inside = new Map(this.inside.peek());
    for (const u of page.data.units) {
      const known = inside.get(u.code);
      if (known && known !== "failed") continue;
      if (u.here === 0) inside.set(u.code, { units: below.get(u.code) ?? [], people: [] });
    }
    this.inside.value = inside;
    this.opened.value = new Set([
      ...this.opened.peek(),
      ...page.data.units.filter((u) => u.units > 0).map((u) => u.code),
    ]);
    for (const u of page.data.units) if (u.units > 0 && !inside.has(u.code)) void this.fetch(u.code);
  }

  closeAll(): void {
    this.opened.value = new Set();
  }

  // everybody of a unit and below it.
  async everybody(code: string): Promise<readonly User[]> {
    const out: User[] = [];
    let cursor = "";
    do {
      const page = await this.http.get<UsersPage>(
        `org/${encodeURIComponent(code)}/users?deep=1&limit=${limits.peoplePage}${cursor && `&cursor=${cursor}`}`,
      );
      if (page.error) break;
      out.push(...page.data.users);
      cursor = page.data.next ?? "";
    } while (cursor && out.length < limits.roomMembers);
    return out;
  }

  async mark(user: UserID, on: boolean): Promise<ErrorCode | null> {
    const path = `me/people/${encodeURIComponent(user)}`;
    const answer = on ? await this.http.put(path, {}) : await this.http.drop(path);
    if (!answer.error) await this.again();
    return answer.error?.code ?? null;
  }

  readonly rows = computed<readonly OrgRow[]>(() => {
    const out: OrgRow[] = [];
    const { favourites, recent } = this.circle.value;
    const groups = [["favourites", favourites] as const, ["recent", recent] as const].filter(([, all]) => all.length);
    const of = groups.length + this.top.value.length;
    let place = 0;
    for (const [which, all] of groups) {
      const open = this.opened.value.has(which);
      place++;
      out.push({ kind: "circle", which, open, count: all.length, key: which, level: 1, place, of, under: null });
      if (open) out.push(...people(all, which, 2, 0, all.length));
    }
    for (const code of this.top.value) this.add(out, code, 1, ++place, of, null);
    return out;
  });

  private add(out: OrgRow[], code: string, level: number, place: number, of: number, under: string | null): void {
    const unit = this.units.value.get(code);
    if (!unit) return;
    const open = this.opened.value.has(code);
    out.push({ kind: "unit", unit, open, mine: this.mine.value.has(code), key: code, level, place, of, under });
    if (!open) return;
    const inside = this.inside.value.get(code);
    const one = { level: level + 1, place: 1, of: 1, under: code };
    if (inside === undefined) out.push({ kind: "wait", key: `${code} wait`, ...one });
    else if (inside === "failed") out.push({ kind: "failed", key: `${code} failed`, unit: code, ...one });
    else {
      const n = inside.people.length + inside.units.length;
      out.push(...people(inside.people, code, level + 1, 0, n));
      inside.units.forEach((c, i) => {
        this.add(out, c, level + 1, inside.people.length + i + 1, n, code);
      });
    }
  }

  private async open(code: string): Promise<void> {
    this.opened.value = new Set([...this.opened.peek(), code]);
    const known = this.inside.peek().get(code);
    if (known === undefined || known === "failed") await this.fetch(code);
  }

  private async fetch(code: string): Promise<void> {
    const unit = this.units.peek().get(code);
    if (!unit) return;
    const at = encodeURIComponent(code);
    const [units, folk] = await Promise.all([
      unit.units ? this.http.get<OrgPage>(`org?under=${at}`) : null,
      unit.here ? this.http.get<UsersPage>(`org/${at}/users?limit=${limits.peoplePage}`) : null,
    ]);
    if (units?.error || folk?.error) return this.put(code, "failed");
    if (units) this.learn(units.data.units);
    let people = folk?.data.users ?? [];
    for (let next = folk?.data.next; next; ) {
      const more = await this.http.get<UsersPage>(`org/${at}/users?limit=${limits.peoplePage}&cursor=${next}`);
      if (more.error) return this.put(code, "failed");
      people = [...people, ...more.data.users];
      next = more.data.next;
    }
    this.put(code, { units: units?.data.units.map((u) => u.code) ?? [], people });
  }

  private put(code: string, inside: Inside | "failed"): void {
    this.inside.value = new Map(this.inside.peek()).set(code, inside);
  }

  private learn(units: readonly OrgUnit[]): void {
    const all = new Map(this.units.peek());
    for (const u of units) all.set(u.code, u);
    this.units.value = all;
  }
}

function people(all: readonly User[], under: string, level: number, before: number, of: number): OrgRow[] {
  return all.map((user, i) => ({
    kind: "person",
    user,
    key: `${under} ${user.id}`,
    level,
    place: before + i + 1,
    of,
    under,
  }));
}
