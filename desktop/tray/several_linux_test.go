package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/desktoptest/chrome"
	"sendjay/desktop/desktoptest/sessionbus"
	"sendjay/desktop/tray/icon"
	"sendjay/shared/notify"
	"sendjay/shared/protocol"
	"sendjay/shared/story/person"
)

// inPage stands before the page in the real browser: whether somebody looks at it and when a key was last used is
// the test's to say, and so is when a wait of a length that it names is over; notifications are written down in place of
// shown, and so is what the server says.
const inPage = `(() => {
	const clock = Date.now.bind(Date), Line = WebSocket, after = setTimeout;
	const waits = [];
	let focus = false, ahead = 0;
	Date.now = () => clock() + ahead;
	document.hasFocus = () => focus;
	const look = (on) => { focus = on; dispatchEvent(new Event(on ? "focus" : "blur")); };
	window.told = [];
	window.open_ = new Map();
	window.heard = [];
	window.here = look;
	window.stops = () => { const at = Date.now(); Date.now = () => at; };
	window.rests = (s) => { look(false); look(true); ahead += s * 1000; look(false); };
	window.holds = 0;
	window.setTimeout = (job, ms, ...all) => ms > 0 && ms === holds ? void waits.push(job) : after(job, ms, ...all);
	window.lapse = () => { holds = 0; for (const job of waits.splice(0)) job(); };
	window.Notification = class {
		static permission = "granted";
		static requestPermission = async () => "granted";
		constructor(title, { body, tag }) { told.push(title + ": " + body); open_.set(tag, body); this.tag = tag; }
		close() { open_.delete(this.tag); }
	};
	window.WebSocket = class extends Line {
		constructor(...all) { super(...all); this.addEventListener("message", (e) => window.deaf ? e.stopImmediatePropagation() : heard.push(JSON.parse(e.data))); }
	};
})()`

// devices are all that kim has: a computer with the tray, whose window is win, and a real browser.
type devices struct {
	*house
	icon  *sessionbus.Item
	desk  *sessionbus.Presence
	win   *person.Person
	web   *chrome.Browser
	tab   *chrome.Tab
	lee   *page
	room  protocol.RoomID // of lee and kim
	other protocol.RoomID
	sent  int // messages, so that each has its own words
	shows int // what the notification service was asked so far
}

func withDevices(t *testing.T) *devices {
	return devicesBehind(t, func(*house) string { return "direct" })
}

// devicesBehind has the tray behind a proxy.
func devicesBehind(t *testing.T, proxy func(*house) string) *devices {
	h := build(t)
	h.settings = []string{"SENDJAY_RATE_LIMITS=off"} // the devices are asked again and again
	h.serve("kim", "lee", "han")
	d := &devices{house: h, desk: h.bus.Presence(t), web: chrome.Start(t)}
	h.start("--server", h.server, "--proxy", proxy(h))
	d.icon = h.host.Item()
	link, _ := strings.CutPrefix(h.awaitLine("load ", 1), "load ")
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	win, err := person.Page(ctx, link, "kim")
	if err == nil {
		d.win = win
		err = win.SignInHere(ctx, "password-kim")
	}
	if err == nil {
		err = win.Connect(ctx)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(win.Hang)
	h.looks(d.icon, icon.Status{})
	d.lee = h.person("lee")
	d.room, d.other = d.lee.room(), h.person("han").room()
	d.tab = d.browse()
	d.tab.Await("the sign-in", `document.querySelector("input")`)
	in, _ := json.Marshal(protocol.Login{UserID: "kim", Password: "password-kim", Device: protocol.Web})
	d.tab.Do(fmt.Sprintf(`fetch("api/v1/auth/login", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(%s)}).then(() => { setTimeout(() => location.reload()) })`, in))
	d.tab.Await("the line", `window.heard?.some((f) => f.ev === "hello")`)
	return d
}

func (d *devices) browse() *chrome.Tab { return d.web.Open(d.server+"/", inPage) }

func (d *devices) do(op protocol.Op, in any) {
	d.t.Helper()
	ctx, stop := context.WithTimeout(d.t.Context(), patience)
	defer stop()
	if err := d.win.Do(ctx, op, in, nil); err != nil {
		d.t.Fatalf("%s: %v", op, err)
	}
}

func (d *devices) choose(s protocol.NotifySettings) {
	d.t.Helper()
	ctx, stop := context.WithTimeout(d.t.Context(), patience)
	defer stop()
	if err := d.win.Put(ctx, "/api/v1/me/settings", s, nil); err != nil {
		d.t.Fatal(err)
	}
}

// awaitPushed waits until the window's page has heard what is wanted.
func (d *devices) awaitPushed(what string, ready func() bool) {
	d.t.Helper()
	ctx, stop := context.WithTimeout(d.t.Context(), patience)
	defer stop()
	if err := d.win.Await(ctx, what, ready); err != nil {
		d.t.Fatal(err)
	}
}

// inBrowser puts the person before the browser, or away from it, and waits until the computer knows.
func (d *devices) inBrowser(script string, want protocol.Attention) {
	d.t.Helper()
	d.tab.Do(script)
	d.awaitPushed(fmt.Sprintf("the browser to say %+v", want), func() bool {
		all := d.win.Pushed(protocol.EvAttention)
		var last protocol.DeviceAttention
		return len(all) > 0 && json.Unmarshal(all[len(all)-1], &last) == nil && last.Attention == want
	})
}

// atDesk puts the person before the computer: a room in front, the age of the last input, the lock. It waits until the
// browser knows. A lock that opens makes the tray look anew at once.
func (d *devices) atDesk(room protocol.RoomID, idle time.Duration, locked bool) {
	d.t.Helper()
	d.desk.Idle(idle)
	d.desk.Lock(true)
	d.knows(`a.locked`)
	d.do(protocol.OpAttention, protocol.Attention{Room: room, Focused: room != ""})
	if !locked {
		d.desk.Lock(false)
		d.knows(fmt.Sprintf(`!a.locked && a.room === %q && a.focused === %v && a.idle === %d`, room, room != "", int(idle.Seconds())))
	}
}

// knows waits until the browser has heard of the computer what a condition says.
func (d *devices) knows(condition string) {
	d.t.Helper()
	d.tab.Await("the computer to be "+condition, `((a) => a && `+condition+`)(heard.filter((f) => f.ev === "attention" && f.data.device === "desktop").at(-1)?.data)`)
}

func (d *devices) says(more func(*protocol.SendMessage)) protocol.MessageSent {
	d.t.Helper()
	d.sent++
	m := person.NewMessage(d.room, fmt.Sprintf("message %d", d.sent))
	if more != nil {
		more(&m)
	}
	var sent protocol.MessageSent
	d.lee.call("POST", "/api/v1/commands/message.send", m, &sent)
	return sent
}

// decide asks every device of kim why, until they have decided so; each answer is that of the last line that held.
func (d *devices) decide(of protocol.MessageSent, want map[protocol.Device]string) {
	d.t.Helper()
	got := map[protocol.Device]string{}
	late := time.Now().Add(patience)
	for !same(got, want) {
		if time.Now().After(late) {
			heard := d.tab.Do(`JSON.stringify(heard.filter((f) => f.ev === "attention" || f.ev === "hello").slice(-5))`)
			d.t.Fatalf("decided %q, want %q\nthe browser heard: %s\ntray: %s", got, want, heard, d.stderr)
		}
		before := len(d.win.Pushed(protocol.EvBecause))
		d.do(protocol.OpWhy, protocol.AskWhy{Room: of.Room, Seq: of.Seq})
		d.awaitPushed("an answer of every device", func() bool { return len(d.win.Pushed(protocol.EvBecause)) >= before+len(want) })
		for _, raw := range d.win.Pushed(protocol.EvBecause)[before:] {
			var b protocol.BecauseTold
			if json.Unmarshal(raw, &b) == nil && b.Seq == of.Seq && len(b.Decided) > 0 {
				last := b.Decided[len(b.Decided)-1]
				got[b.Device] = last.Then + ": " + last.Why
			}
		}
	}
}

func same(got, want map[protocol.Device]string) bool {
	for device, why := range want {
		if got[device] != why {
			return false
		}
	}
	return len(got) > 0
}

// popups waits until the browser has shown that many for messages of lee.
func (d *devices) popups(tab *chrome.Tab, n int) {
	d.t.Helper()
	tab.Await(fmt.Sprintf("%d popups", n), fmt.Sprintf(`told.length === %d`, n))
}

// toasts looks that the computer was asked for n more notifications since the last time, and no more.
func (d *devices) toasts(n int) {
	d.t.Helper()
	d.shows += n
	d.notes.Await(d.shows)
	if all := d.notes.Asked(); len(all) != d.shows {
		d.t.Errorf("shown %d, want %d: %+v", len(all), d.shows, all[max(0, d.shows-1):])
	}
}

// clear reads everything, and waits until nothing stands anywhere.
func (d *devices) clear(of protocol.MessageSent) {
	d.t.Helper()
	d.do(protocol.OpMessageRead, protocol.ReadMessages{Room: of.Room, Seq: of.Seq})
	d.notes.AwaitOpen(0)
	d.looks(d.icon, icon.Status{})
	d.tab.Await("no popup and no number", `open_.size === 0 && document.title === "Sendjay"`)
}

const (
	desktop = protocol.Desktop
	web     = protocol.Web
)

// TestTheDevicesOfAPersonAgree lives through the table of NOTIFICATIONS.md with the real tray on a real session bus, a
// real browser and the real server. Of every message each device is asked why.
func TestTheDevicesOfAPersonAgree(t *testing.T) {
	t.Parallel()
	d := withDevices(t)
	act := func(name string, live func()) {
		t.Log(time.Now().Format("05.000"), name) // so that one knows where it failed: each builds on what was before
		live()
	}
	room := func(id protocol.RoomID) string { return fmt.Sprintf(`location.hash = "#/room/%s"`, id) }
	away := protocol.Attention{Idle: 180}
	d.inBrowser(`rests(180)`, away)

	act("the person works at the computer, the window is hidden, the page lies in the background", func() {
		d.atDesk("", 0, false)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "speak: primary device", web: "badge: present at another device"})
		d.toasts(1)
		d.looks(d.icon, icon.Status{Unread: 1})
		d.tab.Await("the number in the tab", `document.title === "(1) Sendjay"`)
		d.clear(sent) // read elsewhere: withdrawn
	})
	act("the window shows another room", func() {
		d.atDesk(d.other, 0, false)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "speak: primary device", web: "badge: present at another device"})
		d.toasts(1)
		d.clear(sent)
	})
	act("the window shows the room", func() {
		d.atDesk(d.room, 0, false)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "stay: being read here", web: "badge: being read on another device"})
		d.clear(sent)
	})
	act("the window shows the room, but nobody has touched a key for two minutes", func() {
		d.atDesk(d.room, 120*time.Second, false)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "speak: primary device", web: "badge: nobody here"})
		d.toasts(1)
		d.clear(sent)
	})
	act("both are idle: the browser waits, and stays silent because it was read meanwhile", func() {
		d.atDesk("", 60*time.Second, false)
		d.inBrowser(`rests(60)`, protocol.Attention{Idle: 60})
		d.tab.Do(fmt.Sprintf(`holds = %d`, notify.WaitFor.Milliseconds())) // this computer may be too busy to read in time
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "speak: primary device", web: "wait: another device goes first"})
		d.toasts(1)
		d.clear(sent)
		d.tab.Do(`lapse()`)
		d.decide(sent, map[protocol.Device]string{web: "stay: read meanwhile"})
	})
	act("the computer is locked: the browser speaks, and the computer sums up when it is unlocked", func() {
		d.atDesk("", 0, true)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: locked", web: "speak: primary device"})
		d.popups(d.tab, 1)
		d.toasts(0)
		d.desk.Lock(false)
		if n := d.notes.Await(d.shows + 1); n.Summary != "Sendjay" || n.Body != "1 new message in 1 chat\nLee 1" {
			t.Errorf("summed up as %q", n.Body)
		}
		d.toasts(1)
		d.clear(sent)
	})
	act("quiet hours: nobody speaks, and afterwards there is one summary", func() {
		d.inBrowser(`rests(180)`, away)
		d.atDesk("", 0, false)
		hour := func(by time.Duration) string { return time.Now().Local().Add(by).Format("15:04") }
		d.choose(protocol.NotifySettings{QuietHours: []protocol.QuietHours{{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: hour(-time.Hour), To: hour(time.Hour)}}})
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: quiet hours", web: "badge: quiet hours"})
		d.toasts(0)
		d.choose(protocol.NotifySettings{QuietHours: []protocol.QuietHours{}})
		d.toasts(1)
		d.clear(sent)
	})
	act("do-not-disturb set at the computer holds in the browser", func() {
		d.icon.Choose("Do not disturb", "For 1 hour")
		d.knows(`a.quiet > "2000"`)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: do not disturb", web: "badge: do not disturb"})
		d.icon.Choose("Do not disturb…", "Off")
		d.knows(`a.quiet < "2000"`)
		d.toasts(1) // the summary
		d.clear(sent)
	})
	act("while the system of the computer holds notifications, nobody speaks", func() {
		d.notes.Hold(true)
		d.knows(`a.held === true`)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: presenting", web: "badge: presenting"})
		d.toasts(0)
		d.notes.Hold(false)
		d.toasts(1) // the summary
		d.clear(sent)
	})
	act("a muted room is a dot, and a mention passes", func() {
		set := func(n protocol.Notify) { d.do(protocol.OpRoomMine, protocol.SetMine{Room: d.room, Notify: &n}) }
		set(protocol.NotifyNone)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: room muted", web: "badge: room muted"})
		d.looks(d.icon, icon.Status{Dot: true})
		sent = d.says(func(m *protocol.SendMessage) { m.Mentions = []protocol.UserID{"kim"} })
		d.decide(sent, map[protocol.Device]string{desktop: "speak: primary device", web: "badge: present at another device"})
		d.toasts(1)
		set(protocol.NotifyMentions)
		sent = d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: mentions only", web: "badge: mentions only"})
		set(protocol.NotifyAll)
		d.clear(sent)
	})
	act("an edit rewrites the notification, taking back withdraws it", func() {
		d.says(nil)
		d.toasts(1)
		sent := d.says(nil)
		d.toasts(1)
		d.lee.call("POST", "/api/v1/commands/message.edit", protocol.EditMessage{Room: d.room, ID: sent.ID, Body: "reworded"}, nil)
		d.toasts(1)
		if open := d.notes.Open(); len(open) != 1 || open[0].Body != "reworded" {
			t.Errorf("on the screen: %+v", open)
		}
		d.lee.call("POST", "/api/v1/commands/message.cancel", protocol.CancelMessage{Room: d.room, ID: sent.ID}, nil)
		d.notes.AwaitOpen(0)
		d.looks(d.icon, icon.Status{Unread: 1})
		d.clear(d.says(nil))
		d.shows = len(d.notes.Asked())
	})
	act("the person looks at another room in the browser: a banner in the page, nothing else", func() {
		d.inBrowser(`here(true); `+room(d.other), protocol.Attention{Room: d.other, Focused: true})
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: present at another device", web: "banner: looking at another room in the browser"})
		d.toasts(0)
		d.clear(sent)
	})
	act("the person looks at the room in the browser: read there", func() {
		d.inBrowser(room(d.room), protocol.Attention{Room: d.room, Focused: true})
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: being read on another device", web: "stay: being read here"})
		d.looks(d.icon, icon.Status{})
		d.toasts(0)
	})
	act("the computer loses its notification service: the browser speaks", func() {
		d.inBrowser(`location.hash = "#/"; rests(180)`, away)
		d.notes.Stop()
		d.knows(`a.unable`)
		shown := toldIn(d.tab)
		sent := d.says(nil)
		d.decide(sent, map[protocol.Device]string{desktop: "badge: no notifications possible", web: "speak: primary device"})
		d.popups(d.tab, shown+1)
		d.looks(d.icon, icon.Status{Unread: 1})
		d.clear(sent)
	})
	act("a tab is closed at the very moment: the next one takes over, and each message is told once", func() {
		next := d.browse()
		next.Await("its part of the line", `document.querySelector("[data-room]") && /Connected|연결됨/.test(document.body.innerText)`)
		// What a page that was just opened finds is no news to it: it has asked for all, and lived through one message.
		next.Await("what it was set to", `performance.getEntriesByType("resource").some((r) => r.name.endsWith("/me/settings") && r.responseEnd > 0)`)
		before := d.says(nil)
		next.Await("the message", fmt.Sprintf(`document.body.innerText.includes("message %d")`, d.sent))
		d.decide(before, map[protocol.Device]string{web: "speak: primary device"})
		d.clear(before)
		next.Await("no number", `document.title === "Sendjay"`)
		next.Do(`stops()`) // however busy this computer is, the gap counts as short
		// A page that is about to close may hear one more message: it would tell of it, and take the popup along.
		d.tab.Do(`window.deaf = true`)
		d.tab.Close() // it held the socket
		sent := d.says(nil)
		d.tab = next
		d.tab.Await("the popup", fmt.Sprintf(`told.filter((t) => t.includes("message %d")).length === 1`, d.sent))
		d.decide(sent, map[protocol.Device]string{web: "speak: primary device"})
		d.clear(sent)
		if n := toldIn(d.tab); n != 1 {
			t.Errorf("%d popups", n)
		}
	})
	act("what the person sends as urgent goes out through the computer, as his own session", func() {
		m := person.NewMessage(d.room, "fire")
		m.Urgent = true
		d.do(protocol.OpMessageSend, m)
		var page protocol.MessagesPage
		d.lee.call("GET", fmt.Sprintf("/api/v1/rooms/%s/messages?limit=1", d.room), nil, &page)
		if len(page.Messages) != 1 || !page.Messages[0].Urgent {
			t.Errorf("the other one reads %+v", page.Messages)
		}
	})
}

// TestWhatThePageToldWhileTheTrayWasCutOff: only the tray's way to the server fails, so the page speaks. What it has told
// of the tray does not tell again; of what it sleeps through the tray tells.
func TestWhatThePageToldWhileTheTrayWasCutOff(t *testing.T) {
	t.Parallel()
	var gate *desktoptest.Gate
	d := devicesBehind(t, func(h *house) string {
		gate = desktoptest.NewGate(t, h.server)
		return "http://" + gate.Addr
	})
	d.inBrowser(`rests(180)`, protocol.Attention{Idle: 180})
	d.atDesk("", 0, false)
	first := d.says(nil)
	d.decide(first, map[protocol.Device]string{desktop: "speak: primary device", web: "badge: present at another device"})
	d.toasts(1)
	d.clear(first)

	d.cut(gate)
	d.says(nil)
	d.popups(d.tab, 1)
	gate.Open()
	d.looks(d.icon, icon.Status{Unread: 1})
	d.tab.Await("the tray to ask for it", fmt.Sprintf(`heard.some((f) => f.ev === "alert.why" && f.data.seq === %d)`, d.says(nil).Seq-1))
	d.toasts(1) // of the one that came when the tray was back
	if n := d.notes.Asked()[d.shows-1]; n.Body != fmt.Sprintf("message %d", d.sent) {
		t.Errorf("told again: %q", n.Body)
	}
	d.clear(d.says(nil))
	d.shows = len(d.notes.Asked())

	d.cut(gate)
	d.tab.Do(`window.deaf = true`)
	d.says(nil)
	gate.Open()
	d.toasts(1)
}

// cut takes the line of the tray away until the gate opens, and waits until both sides know.
func (d *devices) cut(gate *desktoptest.Gate) {
	d.t.Helper()
	gate.Shut()
	d.looks(d.icon, icon.Status{Offline: true})
	d.tab.Await("the tray to be gone", `heard.filter((f) => f.ev === "attention" && f.data.device === "desktop").at(-1).data.gone`)
}

func toldIn(tab *chrome.Tab) (n int) {
	_, _ = fmt.Sscan(tab.Do(`told.length`), &n)
	return n
}

// TestTwoComputersOfOnePerson: the one that came last has the session and speaks, until the person takes it back.
func TestTwoComputersOfOnePerson(t *testing.T) {
	one := build(t)
	one.serve("kim", "lee")
	_, first, page := one.moveIn()
	two := build(t)
	two.server = one.server
	_, second, _ := two.moveIn()
	first.Await("the first to know", func() bool { return strings.Contains(first.Tooltip(), "in use on another computer") })
	lee := one.person("lee")
	room := lee.room()
	lee.send(room, "to the second")
	two.notes.Await(1)
	two.looks(second, icon.Status{Unread: 1})
	page.none("POST", "/edge/v1/use", nil)
	second.Await("the second to know", func() bool { return strings.Contains(second.Tooltip(), "in use on another computer") })
	one.looks(first, icon.Status{Unread: 1})
	lee.send(room, "to the first")
	one.looks(first, icon.Status{Unread: 2})
	one.await("the first to tell of both as one", func() bool {
		return slices.ContainsFunc(one.notes.Open(), func(n sessionbus.Note) bool { return n.Body == "to the first" })
	})
	if asked := two.notes.Asked(); len(asked) != 1 {
		t.Errorf("the second one spoke again: %+v", asked)
	}
}
