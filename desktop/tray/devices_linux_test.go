package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"sendjay/desktop/desktoptest/chrome"
	"sendjay/desktop/desktoptest/sessionbus"
	"sendjay/desktop/tray/icon"
	"sendjay/shared/protocol"
	"sendjay/shared/story/person"
)

// inPage stands before the page in the real browser: whether somebody looks at it and when a key was last used is
// the test's to say, and so is when a wait of a length that it names is over, and whether there is a line; notifications are written down in place of
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
	const lines = [];
	let without = false;
	window.cuts = () => { without = true; for (const l of lines) l.close(); };
	window.mends = () => { without = false; dispatchEvent(new Event("online")); };
	window.WebSocket = class extends Line {
		constructor(...all) { if (without) throw new Error("no line"); super(...all); lines.push(this); this.addEventListener("message", (e) => window.deaf ? e.stopImmediatePropagation() : heard.push(JSON.parse(e.data))); }
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

func (d *devices) do(op protocol.Op, in any, out ...any) {
	d.t.Helper()
	ctx, stop := context.WithTimeout(d.t.Context(), patience)
	defer stop()
	if err := d.win.Do(ctx, op, in, append(out, nil)[0]); err != nil {
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
		var asked protocol.Asked
		d.do(protocol.OpWhy, protocol.AskWhy{Room: of.Room, Seq: of.Seq}, &asked)
		if asked.Devices == nil {
			d.t.Fatal("nobody says how many devices were asked")
		}
		n := 1 + *asked.Devices // the tray answers its window by itself
		d.awaitPushed("an answer of every device", func() bool { return len(d.win.Pushed(protocol.EvBecause)) >= before+n })
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

func toldIn(tab *chrome.Tab) (n int) {
	_, _ = fmt.Sscan(tab.Do(`told.length`), &n)
	return n
}
