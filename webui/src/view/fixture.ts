// A made-up program behind the view, for looking at every screen without a server. It is not part of the bundle.
import { computed, signal } from "@preact/signals-core";
import type {
  ErrorCode,
  Instant,
  Member,
  Message,
  MessageID,
  MessageType,
  Rev,
  Room,
  RoomID,
  Seq,
  User,
  UserID,
} from "../gen/protocol.ts";
import type { App, Banner, Bubble, LinkView, LiveView, Phase, RoomModel, RoomRow, Settings } from "../state/app.ts";
import { quoteOf } from "../state/model.ts";
import { lang } from "../text/say.ts";

const people: readonly User[] = (
  [
    ["u1", "김민수", "영업1팀", "과장"],
    ["u2", "이서연", "디자인팀", "대리"],
    ["u3", "박준호", "개발팀", "책임"],
    ["u4", "최유진", "인사팀", "팀장"],
    ["u5", "정하늘", "재무팀", "사원"],
    ["u6", "남궁민경", "개발팀", "수석"],
    ["u7", "Daniel Park", "Sales", "Manager"],
    ["u8", "Grace Oh", "Legal", "Counsel"],
  ] as const
).map(([id, name, orgName, job]) => ({ id: id as UserID, name, orgName, job }));
const me = people[0] as User;

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString() as Instant;
const member = (u: User): Member => ({ id: u.id, name: u.name, read: 0 as Seq, from: 0 as Seq });

let n = 0;
function message(
  room: string,
  seq: number,
  from: User,
  body: string,
  minutes: number,
  unread = 0,
  type: MessageType = "talk",
): Message {
  return {
    id: `m${++n}` as MessageID,
    room: room as RoomID,
    seq: seq as Seq,
    rev: seq as Rev,
    sender: from.id,
    senderName: from.name,
    type,
    body,
    at: ago(minutes),
    unread,
  };
}

export const texts = [
  "안녕하세요, 내일 회의 자료 공유드려요.",
  "확인했습니다 👍",
  "https://example.com/reports/2026/11/summary?tab=sales#q3 에서 볼 수 있어요",
  "첫째 줄이에요.\n둘째 줄은 조금 더 길어서 말풍선이 어떻게 접히는지 볼 수 있을 만큼 이어집니다. 그래도 읽기 편해야 해요.\n\n넷째 줄",
  "네",
  "<script>alert(1)</script><img src=x onerror=alert(1)>",
  "aVeryLongWordWithoutAnyBreakThatHasToWrapSomewhereBecauseOtherwiseTheBubbleWouldGrowOutOfTheWindowAndNobodyWantsThat",
  "🎉",
  "Can we move the review to 3 pm? I have a call with the Busan office until then.",
  "좋아요. 그럼 3시에 봬요!",
];

export function fixture(count = 60): App & {
  readonly set: { phase(p: Phase): void; link(l: LinkView): void; banner(b: Banner | null): void; user(u: User): void };
} {
  const phase = signal<Phase>("ready");
  const user = signal<User | null>(me);
  const link = signal<LinkView>({ state: "online", since: Date.now() });
  const settings = signal<Settings>({ theme: "system", text: "normal", lang: "ko", popups: true, twice: true });
  const banner = signal<Banner | null>(null);
  const current = signal<RoomID | null>((location.hash.match(/^#\/room\/(.+)$/)?.[1] as RoomID) ?? null);
  const data = new Map<
    RoomID,
    {
      room: ReturnType<typeof signal<Room>>;
      bubbles: ReturnType<typeof signal<readonly Bubble[]>>;
      draft: ReturnType<typeof signal<string>>;
      loading: ReturnType<typeof signal<boolean>>;
      more: ReturnType<typeof signal<boolean>>;
      marker: Seq | null;
    }
  >();

  const make = (
    id: string,
    title: string,
    who: readonly User[],
    unread: number,
    minutes: number,
    last: (seq: number) => Message,
    extra: Partial<Room> = {},
  ) => {
    const members = [me, ...who].map(member);
    const bubbles: Bubble[] = [];
    for (let i = 0; i < count; i++) {
      const from = [me, ...who][Math.floor(i / 2) % (who.length + 1)] as User;
      const left = count - i;
      const m = message(
        id,
        i + 1,
        from,
        texts[i % texts.length] as string,
        minutes + (left * left) / 3 + left,
        i > count - 14 ? 1 + (i % Math.max(1, who.length)) : 0,
      );
      bubbles.push({ key: m.id, message: m, state: "sent", mine: from.id === me.id });
    }
    if (who.length > 1) {
      const line: Message = {
        ...message(id, count + 1, me, "", minutes + 1, 0, "invite"),
        people: [{ id: who[1]?.id as UserID, name: who[1]?.name ?? "" }],
      };
      bubbles.push({ key: line.id, message: line, state: "sent", mine: true });
    }
    const m = last(count + 2);
    bubbles.push({ key: m.id, message: m, state: "sent", mine: m.sender === me.id });
    const room: Room = {
      id: id as RoomID,
      title,
      members,
      memberCount: members.length,
      master: me.id,
      lastMessage: m,
      unread,
      seq: m.seq,
      rev: 1 as Rev,
      read: 0 as Seq,
      notify: "all",
      at: m.at,
      ...extra,
    };
    data.set(room.id, {
      room: signal<Room>(room),
      bubbles: signal<readonly Bubble[]>(bubbles),
      draft: signal(""),
      loading: signal(false),
      more: signal(count > 50),
      marker: unread > 0 ? ((m.seq - unread + 1) as Seq) : null,
    });
  };
  const u = (i: number) => people[i] as User;
  make("r1", "이서연", [u(1)], 2, 3, (s) => message("r1", s, u(1), "점심 뭐 먹을까요?", 3, 1));
  make(
    "r2",
    "신제품 출시 준비 태스크포스",
    [u(1), u(2), u(3), u(6)],
    128,
    14,
    (s) =>
      message(
        "r2",
        s,
        u(2),
        "배포 일정 다시 정리해서 올릴게요. 오늘 안에 확인 부탁드려요, 다들 바쁘시겠지만요.",
        14,
        3,
      ),
    { named: true },
  );
  make("r3", "박준호", [u(2)], 0, 55, (s) => message("r3", s, me, "네, 알겠습니다.", 55, 1));
  make("r4", "정하늘, Grace Oh", [u(4), u(7)], 5, 60 * 26, (s) => message("r4", s, u(7), "사진", 60 * 26, 0, "image"), {
    muted: true,
  });
  make("r5", "Daniel Park", [u(6)], 0, 60 * 24 * 9, (s) =>
    message("r5", s, u(6), "견적서_최종_진짜최종.xlsx", 60 * 24 * 9, 0, "file"),
  );
  make("r6", "남궁민경", [u(5)], 0, 60 * 24 * 400, (s) => ({
    ...message("r6", s, u(5), "", 60 * 24 * 400),
    cancelled: true,
  }));
  const d1 = data.get("r3" as RoomID);
  if (d1) {
    const failed = message("r3", 0, me, "이 글은 보내지 못했어요", 1);
    const waiting = message("r3", 0, me, "이 글은 보내는 중이에요", 0);
    const reply = {
      ...message("r3", count + 3, u(2), "이 말씀 맞죠?", 2, 0),
      reply: d1.bubbles.peek()?.at(-1)?.message.id as MessageID,
      quote: quoteOf(d1.bubbles.peek()?.at(-1)?.message as Message),
    };
    d1.bubbles.value = [
      ...(d1.bubbles.peek() ?? []),
      {
        key: reply.id,
        message: reply,
        state: "sent",
        mine: false,
      },
      { key: failed.id, message: failed, state: "failed", mine: true, code: "unavailable" },
      { key: waiting.id, message: waiting, state: "pending", mine: true },
    ];
  }
  const d5 = data.get("r5" as RoomID);
  if (d5) d5.draft.value = "견적서 잘 받았습니다. 검토 후";

  const rooms = computed<readonly RoomRow[]>(() =>
    [...data.values()]
      .map((d) => ({
        room: d.room.value as Room,
        draft: d.draft.value ?? "",
        failed: (d.bubbles.value ?? []).filter((b) => b.state === "failed").length,
      }))
      .sort((a, b) => (a.room.at < b.room.at ? 1 : -1)),
  );
  const none = signal<ErrorCode | null>(null);
  const models = new Map<RoomID, RoomModel>();
  const model = (id: RoomID): RoomModel => {
    const old = models.get(id);
    if (old) return old;
    const d = data.get(id);
    if (!d) throw new Error(`no room ${id}`);
    const made = {
      id,
      room: d.room,
      bubbles: d.bubbles,
      loading: d.loading,
      more: d.more,
      error: none,
      marker: signal(d.marker),
      draft: d.draft,
      newer: signal(false),
      view: signal(0),
      wrote: signal(0),
      aim: signal(null),
      jump: async () => null,
      live() {},
      loadNewer: async () => {},
      async loadOlder() {
        d.loading.value = true;
        await new Promise(requestAnimationFrame);
        const first = d.bubbles.peek()?.[0]?.message;
        const older = Array.from({ length: 100 }, (_, i) => {
          const m = {
            ...message(id, i - 99, i % 3 ? u(1) : me, `지난 글 ${i} ${texts[i % texts.length]}`, 0),
            at: new Date(Date.parse(first?.at ?? ago(0)) - (100 - i) * 40_000).toISOString() as Instant,
          };
          return { key: m.id, message: m, state: "sent" as const, mine: m.sender === me.id };
        });
        d.bubbles.value = [...older, ...(d.bubbles.peek() ?? [])];
        d.more.value = (d.bubbles.peek()?.length ?? 0) < 10_000;
        d.loading.value = false;
      },
      setDraft(text: string) {
        d.draft.value = text;
      },
    } as unknown as RoomModel;
    models.set(id, made);
    return made;
  };
  return {
    phase,
    me: user,
    link,
    native: signal([]),
    downloads: signal([]),
    rooms,
    roomsLoading: signal(false),
    roomsError: none,
    moreRooms: signal(false),
    total: computed(() => rooms.value.reduce((a, r) => a + (r.room.muted ? 0 : r.room.unread), 0)),
    current,
    settings,
    banner,
    persons: signal(null),
    announced: signal(null),
    http: { get: noAnswer, post: noAnswer, put: noAnswer, send: noAnswer, drop: noAnswer },
    live: signal({
      typing: (room) => signal(room === "r2" ? [{ id: u(1).id, name: u(1).name }] : []),
      present: (id) =>
        signal({ user: id, web: "online" as const, ...(id === u(1).id ? { desktop: "away" as const } : {}) }),
      watch: () => () => {},
    } satisfies LiveView),
    popups: signal("ask" as const),
    lost: signal(null),
    alone: null,
    canPopOut: true,
    popOut: () => {},
    notify: signal({
      notifyOff: false,
      hideBody: false,
      hideSender: false,
      quietHours: [{ days: [1, 2, 3, 4, 5], from: "19:00", to: "08:00" }],
    }),
    setNotify: async () => null,
    why: () => signal({ from: [], all: true }),
    browser: null,
    recheck() {},
    tryNotification: async () => ({
      shown: true,
      service: "browser",
      click: true,
      reply: false,
      withdraw: true,
      stay: true,
    }),
    diagnose: async () => "",
    checkLine: async () => [],
    server: signal(null),
    model,
    start: async () => {},
    signIn: async () => ({ code: "bad_credentials", message: "" }),
    signInByTicket: async () => ({ code: "bad_credentials", message: "" }),
    enrolled: () => {},
    changePassword: async () => null,
    signOut: async () => {
      phase.value = "signin";
    },
    useHere: () => {
      link.value = { state: "online", since: Date.now() };
    },
    retry: () => {},
    open: (id) => {
      current.value = id;
      history.replaceState(null, "", id ? `#/room/${id}` : "#/");
    },
    dismissLost: () => {},
    dismissBanner: () => {
      banner.value = null;
    },
    allowPopups: async () => {},
    moreRoomsPlease: async () => {},
    acting: signal(null),
    windows: signal({ cancel: 86_400_000, edit: 86_400_000, transcripts: true, urgent: 5 }),
    pointed: signal(null),
    send: (room, body) => {
      const d = data.get(room);
      if (!d) return;
      const m = message(room, 0, me, body, 0);
      d.bubbles.value = [...(d.bubbles.peek() ?? []), { key: m.id, message: m, state: "pending", mine: true }];
    },
    answered: () => {},
    sendFile: async () => null,
    extendFile: async () => null,
    dropPreview: async () => null,
    newId: () => crypto.randomUUID() as MessageID,
    awake: async () => true,
    resend: () => {},
    discard: (room, id) => {
      const d = data.get(room);
      if (d) d.bubbles.value = (d.bubbles.peek() ?? []).filter((b) => b.key !== id);
    },
    cancel: async () => null,
    seen: () => {},
    createRoom: async () => ({ room: "r1" as RoomID }),
    invite: async () => ({ added: [] }),
    rename: async () => null,
    handOver: async () => null,
    setMine: async () => null,
    orderRooms: async () => null,
    findRooms: async () => [],
    leave: async () => null,
    kick: async () => null,
    searchUsers: async (q) => people.filter((p) => p.name.includes(q)),
    search: async () => ({ data: { messages: [], contexts: [], rooms: [], since: ago(0) } }),
    places: async (_, at) => at.map(() => 1 as Seq),
    members: async (id) => data.get(id)?.room.peek()?.members ?? [],
    setSettings: (patch) => {
      settings.value = { ...settings.peek(), ...patch };
      if (patch.lang) lang.value = patch.lang;
    },
    set: {
      phase: (p) => {
        phase.value = p;
      },
      link: (l) => {
        link.value = l;
      },
      banner: (b) => {
        banner.value = b;
      },
      user: (x) => {
        user.value = x;
      },
    },
  };
}

async function noAnswer(): Promise<{ error: { code: "unavailable"; message: string } }> {
  return { error: { code: "unavailable", message: "" } };
}
