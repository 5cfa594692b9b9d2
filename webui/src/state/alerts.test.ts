import { beforeEach, describe, expect, test } from "vitest";
import type { MessageID, Place, RoomID, Seq, SessionID, UserID } from "../gen/protocol.ts";
import { dateOf } from "../rules/quiet.ts";
import { settle } from "./statetest/clock.ts";
import { app, begin, look, r1, r2, theirs, world } from "./statetest/page.ts";

beforeEach(begin);

const allDay = [{ days: [0, 1, 2, 3, 4, 5, 6], from: "00:00", to: "00:00" }];

describe("attention", () => {
  test("is told at the edges of the idle time, and at once when somebody is back", async () => {
    await look(r1);
    expect(world.attention).toMatchObject({ room: r1, focused: true, idle: 0 });
    const told: number[] = [];
    for (let i = 0; i < 8; i++) {
      await world.clock.pass(60_100);
      told.push(world.attention.idle);
    }
    expect(told).toEqual([60, 120, 180, 180, 300, 300, 420, 420]);
    world.touch();
    expect(world.attention.idle).toBe(0);
    world.focused.value = false;
    expect(world.attention.focused).toBe(false);
  });
});

describe("alerts", () => {
  test("nobody looking: one popup per room, withdrawn when read elsewhere", async () => {
    world.focused.value = false;
    await world.push(theirs(r1, "psst"));
    expect([...world.popups.values()].map((b) => b.body)).toEqual(["psst"]);
    await world.push(theirs(r1, "hello?"));
    expect([...world.popups.values()].map((b) => b.body)).toEqual(["hello?"]);
    await world.push(world.house(r1).read(world.me, 3));
    expect(world.popups.size).toBe(0);
  });

  test("a popup is reworded with its message, and goes when it is taken back though others are left to read", async () => {
    world.focused.value = false;
    await world.push(theirs(r1, "at three"));
    await world.push(theirs(r1, "at tree"));
    const { popupCount } = world;
    const last = world.house(r1).rows.at(-1)?.id as MessageID;
    await world.push(world.house(r1).edit(last, "at four"));
    expect([...world.popups.values()].map((b) => b.body)).toEqual(["at four"]);
    expect(world.popupCount).toBe(popupCount);
    await world.push(world.house(r1).cancel(last));
    expect(world.popups.size).toBe(0);
  });

  test("looking at the room: nothing; at another: a banner in the page", async () => {
    await look(r1);
    await world.push(theirs(r1, "seen"));
    expect(app.banner.value).toBeNull();
    await world.push(theirs(r2, "over here"));
    expect(app.banner.value).toMatchObject({ room: r2, body: "lee: over here" });
    expect(world.popupCount).toBe(0);
    await look(r2);
    expect(app.banner.value).toBeNull();
  });

  test("a long gap is no news, a short one is, and no message speaks twice", async () => {
    world.focused.value = false;
    world.cut();
    theirs(r1, "long ago");
    await world.hello(60_000);
    expect(world.popupCount).toBe(0);
    world.cut();
    theirs(r1, "just now");
    await world.hello(900);
    expect(world.popupCount).toBe(1);
    await world.hello(900);
    expect(world.popupCount).toBe(1);
    world.word({ kind: "alerted", room: r2, seq: 2 as Seq });
    await world.push(theirs(r2, "another tab said so"));
    expect(world.popupCount).toBe(1);
  });

  describe("what came while the line was away for a moment", () => {
    const tray = { session: "tray" as SessionID, device: "desktop" as const, locked: false, focused: false };
    const back = async (...sessions: string[]): Promise<void> => {
      const attention = sessions.map((session) => ({
        ...world.attention,
        ...tray,
        session: session as SessionID,
        idle: 180,
      }));
      await world.hello(900, { attention });
    };
    const answer = (to: string, of: { room: RoomID; seq: number }[]): Promise<void> =>
      world.push({ ev: "alert.told", data: { to: to as SessionID, ask: 1, of: of as Place[] } });

    beforeEach(() => {
      world.focused.value = false;
      world.cut();
      theirs(r1, "just now");
    });

    test("is not told again where another device says that it has", async () => {
      theirs(r2, "nobody has told of this");
      await back("tray");
      expect(world.ops("alert.whether")).toEqual([
        {
          ask: 1,
          of: expect.arrayContaining([
            { room: r1, seq: 2 },
            { room: r2, seq: 2 },
          ]),
        },
      ]);
      await answer("another", []);
      expect(world.popupCount).toBe(0);
      await answer("s", [{ room: r1, seq: 2 }]);
      await world.clock.pass(60_000);
      expect([...world.popups.values()].map((b) => b.body)).toEqual(["lee: nobody has told of this"]);
      expect(world.said).toContainEqual({ kind: "alerted", room: r1, seq: 2 });
      await world.push(theirs(r1, "and now"));
      expect([...world.popups.values()].map((b) => b.body)).toContain("and now");
    });

    test("is told once all others have said that they have not", async () => {
      await back("tray", "phone");
      await answer("s", []);
      expect(world.popupCount).toBe(0);
      await answer("s", []);
      expect(world.popupCount).toBe(1);
      await world.clock.pass(60_000);
      expect(world.popupCount).toBe(1);
    });

    test("is told once all have answered that the server knows of", async () => {
      world.reach = 1;
      await back("tray", "gone");
      await answer("s", []);
      expect(world.popupCount).toBe(1);
    });

    test("is not told before one has answered that has said nothing of itself yet", async () => {
      world.reach = 2;
      await back("tray");
      await answer("s", []);
      expect(world.popupCount).toBe(0);
      await answer("s", [{ room: r1, seq: 2 }]);
      await world.clock.pass(60_000);
      expect(world.popupCount).toBe(0);
    });

    test("is told where another device sleeps", async () => {
      await back("tray");
      await world.clock.pass(2900);
      expect(world.popupCount).toBe(0);
      await world.clock.pass(200);
      expect(world.popupCount).toBe(1);
      await answer("s", [{ room: r1, seq: 2 }]); // too late
      await world.push(theirs(r1, "and now"));
      expect(world.popupCount).toBe(2);
    });

    test("is told where the line is lost again before anybody answers", async () => {
      await back("tray");
      world.cut();
      await world.hello(900);
      expect(world.popupCount).toBe(1);
      await world.clock.pass(60_000);
      expect(world.popupCount).toBe(1);
    });

    describe("in a room in which I want to hear little", () => {
      const me = { mentions: ["kim" as UserID] };
      beforeEach(() => {
        world.house(r2).set = { ...world.house(r2).set, notify: "none" };
        theirs(r2, "before");
        theirs(r2, "what do you say?", undefined, me);
        theirs(r2, "after");
      });
      const bodies = (): string[] => [...world.popups.values()].map((b) => b.body).filter((b) => b.startsWith("lee: "));

      test("is told of where it speaks to me, also before the last one", async () => {
        await back("tray");
        expect(world.ops("alert.whether")).toMatchObject([
          {
            of: expect.arrayContaining([
              { room: r2, seq: 3 },
              { room: r2, seq: 4 },
            ]),
          },
        ]);
        await answer("s", []);
        expect(bodies()).toEqual(["lee: what do you say?"]);
        const n = world.popupCount;
        await world.hello(900);
        expect(world.popupCount).toBe(n);
      });

      test("is not told of again where another device says that it has", async () => {
        await back("tray");
        await answer("s", [{ room: r2, seq: 3 }]);
        expect(bodies()).toEqual([]);
      });

      test("is told of later where the line is lost before it can be had", async () => {
        await back("tray");
        world.cut();
        await world.clock.pass(5000);
        expect(bodies()).toEqual([]);
        await world.hello(900);
        expect(bodies()).toEqual(["lee: what do you say?"]);
      });

      test("is told of by the tab that takes over from another, likewise", async () => {
        await back();
        world.leading = false;
        await world.push(theirs(r2, "and you?", undefined, me));
        await world.push(theirs(r2, "well"));
        world.leading = true;
        await world.hello(300);
        expect(bodies()).toEqual(["lee: and you?"]);
      });
    });

    test("is not told when it is read meanwhile", async () => {
      await back("tray");
      await world.push(world.house(r1).read(world.me, 2));
      await world.clock.pass(60_000);
      expect(world.popupCount).toBe(0);
    });
  });

  test("another device hears of what this one has told", async () => {
    world.focused.value = false;
    await world.push(theirs(r1, "told"));
    await world.push({
      ev: "alert.whether",
      data: {
        session: "tray" as SessionID,
        ask: 7,
        of: [
          { room: r1, seq: 2 as Seq },
          { room: r2, seq: 1 as Seq },
        ],
      },
    });
    expect(world.ops("alert.told")).toEqual([{ to: "tray", ask: 7, of: [{ room: r1, seq: 2 }] }]);
  });

  test("what came just before the tab with the socket was closed is told by the next one, once", async () => {
    world.focused.value = false;
    world.leading = false;
    await world.push(theirs(r1, "long before"));
    await world.clock.pass(60_000);
    await world.push(theirs(r1, "in between"));
    await world.push(theirs(r2, "told by the other"));
    world.word({ kind: "alerted", room: r2, seq: 2 as Seq });
    expect(world.popupCount).toBe(0);
    world.leading = true;
    await world.hello(300);
    expect([...world.popups.values()].map((b) => b.body)).toEqual(["in between"]);
    await world.hello(300);
    expect(world.popupCount).toBe(1);
  });

  test("the person's settings decide what is shown, and when", async () => {
    world.focused.value = false;
    const mine = { notifyOff: false, hideBody: true, hideSender: true, quietHours: [] };
    await world.push({ ev: "me.settings", data: mine });
    await world.push(theirs(r2, "secret"));
    expect([...world.popups.values()].at(-1)).toMatchObject({ title: "Sendjay", body: "New message" });
    await world.push({ ev: "me.settings", data: { ...mine, notifyOff: true } });
    expect(world.popups.size).toBe(0);
    await world.push(theirs(r1, "unheard"));
    expect(world.popups.size).toBe(0);
    await world.push({ ev: "me.settings", data: { ...mine, notifyOff: false } });
    expect([...world.popups.values()].map((b) => b.body)).toEqual(["2 new messages in 1 chat"]);
  });

  test("what is urgent is heard in the quiet hours, unless the person lets it wait", async () => {
    world.focused.value = false;
    const mine = { notifyOff: false, hideBody: false, hideSender: false, quietHours: allDay };
    await world.push({ ev: "me.settings", data: mine });
    await world.push(theirs(r1, "chatter"));
    expect(world.popups.size).toBe(0);
    await world.push(theirs(r1, "fire", undefined, { urgent: true }));
    expect([...world.popups.values()]).toMatchObject([{ title: "Urgent · lee", body: "fire" }]);
    await world.push(world.house(r1).read(world.me, 9));
    await world.push({ ev: "me.settings", data: { ...mine, urgentOff: true } });
    await world.push(theirs(r1, "smoke", undefined, { urgent: true }));
    expect(world.popups.size).toBe(0);
    await world.push({ ev: "me.settings", data: { ...mine, quietHours: [] } });
    expect([...world.popups.values()].map((b) => b.body)).toEqual(["1 new message in 1 chat\nlee 1"]);
  });

  test("what is urgent is summed up before the quiet hours end, alone", async () => {
    world.focused.value = false;
    const tray = { ...world.attention, session: "tray" as SessionID, device: "desktop" as const, held: true };
    const mine = { notifyOff: false, hideBody: false, hideSender: false, quietHours: allDay };
    await world.push({ ev: "me.settings", data: mine });
    await world.push({ ev: "attention", data: tray });
    await world.push(theirs(r1, "chatter"));
    await world.push(theirs(r2, "fire", undefined, { urgent: true }));
    expect(world.popups.size).toBe(0);
    await world.push({ ev: "attention", data: { ...tray, gone: true } });
    const bodies = () => [...world.popups.values()].map((b) => b.body);
    expect(bodies()).toEqual(["Urgent messages in 1 chat\n2 new messages in 1 chat\nlee, park 2"]);
    await world.push({ ev: "me.settings", data: { ...mine, quietHours: [] } });
    expect(bodies()).toEqual(["2 new messages in 1 chat\nlee 2"]);
  });

  test("on a holiday of the company nothing is shown to whoever wants that", async () => {
    world.focused.value = false;
    const today = new Date(world.clock.now());
    const quietHours = [{ days: [7], from: "00:00", to: "00:00" }];
    await world.push({ ev: "me.settings", data: { notifyOff: false, hideBody: false, hideSender: false, quietHours } });
    await world.push(theirs(r2, "no holiday is known"));
    expect(world.popups.size).toBe(1);
    await world.push({ ev: "holidays", data: { holidays: [{ date: dateOf(today), name: "창립기념일" }] } });
    await world.push(theirs(r1, "rest"));
    expect(world.popups.size).toBe(1);
    await world.push({ ev: "holidays", data: { holidays: [] } });
    expect([...world.popups.values()].map((b) => b.title)).toContain("Sendjay"); // the summary
  });

  test("what came while the computer presented is told of once, when it ends", async () => {
    world.focused.value = false;
    const tray = { ...world.attention, session: "tray" as SessionID, device: "desktop" as const, held: true };
    await world.push({ ev: "attention", data: tray });
    await world.push(theirs(r1, "a secret"));
    expect(world.popups.size).toBe(0);
    await world.push({ ev: "attention", data: { ...tray, gone: true } });
    expect([...world.popups.values()].map((b) => b.body)).toEqual(["2 new messages in 1 chat\nlee 2"]);
  });

  test("five lines in 20 s make one sound", async () => {
    world.focused.value = false;
    for (let i = 0; i < 5; i++) {
      await world.push(theirs(r1, `line ${i}`));
      world.clock.pass(3000);
    }
    expect(world.popupCount).toBe(5);
    expect(world.sounds).toBe(1);
  });

  test("each device says why, and this one keeps no word of the message", async () => {
    world.focused.value = false;
    await world.push(theirs(r1, "a secret"));
    const answers = app.why(r1, 2 as Seq);
    await settle();
    expect(answers.value.from).toMatchObject([
      { device: "web", self: true, decided: [{ then: "speak" }, { then: "speak" }] },
    ]);
    expect(world.ops("alert.why")).toEqual([{ room: r1, seq: 2 }]);
    const decided = [{ at: "2026-01-31T09:15:00.123Z" as never, then: "badge", why: "locked" }];
    await world.push({
      ev: "alert.because",
      data: { device: "desktop", to: "s" as never, room: r1, seq: 2 as Seq, decided },
    });
    await world.push({
      ev: "alert.because",
      data: { device: "mobile", to: "s" as never, room: r1, seq: 9 as Seq, decided },
    });
    expect(answers.value.from.map((a) => a.device)).toEqual(["web", "desktop"]);
    expect(answers.value.all).toBe(false); // this server does not say how many there are
    expect(JSON.stringify([...world.judged])).not.toContain("secret");
    await world.push({ ev: "alert.why", data: { session: "d1" as never, room: r1, seq: 2 as Seq } });
    expect(world.ops("alert.because")).toMatchObject([{ to: "d1", room: r1, seq: 2, decided: [{}, {}] }]);
  });

  test("whoever asks why knows when all that were asked have answered", async () => {
    const answer = (): Promise<void> =>
      world.push({
        ev: "alert.because",
        data: { device: "desktop", to: "s" as never, room: r1, seq: 1 as Seq, decided: [] },
      });
    world.reach = 2;
    const answers = app.why(r1, 1 as Seq);
    await settle();
    await answer();
    expect(answers.value.all).toBe(false);
    await answer();
    expect(answers.value).toMatchObject({ all: true, from: [{}, {}, {}] });
    world.reach = 0;
    app.why(r1, 1 as Seq);
    await settle();
    expect(answers.value).toMatchObject({ all: true, from: [{ self: true }] });
    world.cut();
    app.why(r1, 1 as Seq);
    await settle();
    expect(answers.value).toMatchObject({ all: true, from: [{ self: true }] });
    world.down = false;
    await world.hello(60_000, { native: ["notify", "keep"] });
    app.why(r1, 1 as Seq);
    await settle();
    expect(answers.value.all).toBe(false);
    await answer(); // the tray itself
    expect(answers.value).toMatchObject({ all: true, from: [{}] });
  });

  test("a window of the tray leaves it to the tray", async () => {
    await world.hello(60_000, { native: ["notify", "keep"] });
    world.focused.value = false;
    await world.push(theirs(r1, "psst"));
    expect(world.popupCount).toBe(0);
  });
});
