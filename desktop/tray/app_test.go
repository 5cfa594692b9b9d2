package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"sendjay/desktop/link"
	"sendjay/desktop/state"
	"sendjay/desktop/toast"
	"sendjay/desktop/tray/icon"
	"sendjay/shared/locale"
	"sendjay/shared/protocol"
)

// desk is an app with everything around it made of values.
type desk struct {
	*app
	t        *testing.T
	rooms    map[protocol.RoomID]protocol.Room // what the server knows
	history  []protocol.Message                // as it was said
	down     bool
	shown    []toast.Toast
	gone     []protocol.RoomID
	cleared  int // how often all of it went
	status   icon.Status
	drawn    int
	seen     view
	kept     map[string]string
	near     protocol.Attention
	mine     protocol.NotifySettings // what the server knows of the person
	rests    []protocol.Holiday
	said     []string
	fault    error
	answers  []protocol.Because
	whethers []protocol.AskWhether // what the other devices were asked
	silent   time.Duration         // for how long nothing has come when a line is lost
	reach    int                   // how many the server says there are, 0 where it does not
	answered []protocol.Told       // and what was answered to them
	disk     shelf
	asking   sync.Mutex // guards the fields below
	asked    map[string]int
	broken   map[string]int // how often a path gets no answer
	// mentions are those whom the next messages speak to, personal are those that spoke to me.
	mentions []protocol.UserID
	personal map[protocol.RoomID]protocol.Message
	urgents  map[protocol.RoomID]protocol.Message
	urgent   bool
}

func (d *desk) Get(_ context.Context, path string, into any) error {
	if d.down {
		return errors.New("the line is down")
	}
	d.asking.Lock()
	d.asked[path]++
	bad := d.broken[path] > 0
	d.broken[path]--
	d.asking.Unlock()
	if bad {
		return errBroken
	}
	switch to := into.(type) {
	case *protocol.Room:
		r, is := d.rooms[protocol.RoomID(strings.TrimPrefix(path, "/rooms/"))]
		if !is {
			return protocol.Refuse(protocol.NotFound)
		}
		*to = r
	case *protocol.NotifySettings:
		*to = d.mine
	case *protocol.Holidays:
		to.Holidays = d.rests
	case *protocol.UnreadPage:
		for _, r := range d.rooms {
			if last := r.LastMessage; last != nil && last.Type == protocol.Invite && r.Read < r.Seq {
				to.Invited = append(to.Invited, protocol.Invitation{ID: r.ID, Seq: r.Seq})
			}
			if r.Unread > 0 {
				to.Rooms = append(to.Rooms, protocol.UnreadRoom{
					ID: r.ID, Title: r.Title, Unread: r.Unread, Seq: r.Seq, Rev: r.Rev, Muted: r.Muted, Notify: r.Notify, Personal: d.personal[r.ID].Seq, Urgent: d.urgents[r.ID].Seq,
				})
			}
		}
	case *protocol.MessagesPage:
		for _, m := range d.history {
			if path == fmt.Sprintf("/rooms/%s/messages?before=%d&limit=1", m.Room, m.Seq+1) {
				to.Messages = append(to.Messages, m)
			}
		}
		for _, r := range d.rooms { // as it is now
			if m := r.LastMessage; m != nil && path == fmt.Sprintf("/rooms/%s/messages?before=%d&limit=1", r.ID, m.Seq+1) {
				to.Messages = append(to.Messages, *m)
			}
		}
		for _, m := range slices.Concat(slices.Collect(maps.Values(d.personal)), slices.Collect(maps.Values(d.urgents))) {
			if path == fmt.Sprintf("/rooms/%s/messages?before=%d&limit=1", m.Room, m.Seq+1) {
				to.Messages = append(to.Messages, m)
			}
		}
	}
	return nil
}
func (d *desk) SignOut(context.Context) error        { return nil }
func (d *desk) Lost() time.Time                      { return time.Now().Add(-d.silent) }
func (d *desk) Boot(protocol.RoomID) (string, error) { return "http://127.0.0.1:1/", nil }
func (d *desk) Address() string                      { return "127.0.0.1:1" }
func (d *desk) Open(protocol.RoomID, protocol.Seq)   {}
func (d *desk) Reply(room protocol.RoomID, text string, done func(error)) {
	d.said = append(d.said, string(room)+": "+text)
	go done(d.fault)
}

func (d *desk) Read(room protocol.RoomID, seq protocol.Seq) {
	d.said = append(d.said, fmt.Sprintf("read %s %d", room, seq))
}
func (d *desk) Forget() { d.said = append(d.said, "forget") }
func (d *desk) AskWhether(q protocol.AskWhether, asked func(protocol.Asked)) {
	d.whethers = append(d.whethers, q)
	if d.reach > 0 {
		go asked(protocol.Asked{Devices: new(d.reach)})
	}
}
func (d *desk) Told(t protocol.Told)       { d.answered = append(d.answered, t) }
func (d *desk) Because(b protocol.Because) { d.answers = append(d.answers, b) }
func (d *desk) Show(t toast.Toast)         { d.shown = append(d.shown, t) }
func (d *desk) Withdraw(r protocol.RoomID) { d.gone = append(d.gone, r) }
func (d *desk) WithdrawAll()               { d.cleared++ }
func (d *desk) Abilities() toast.Abilities { return toast.Abilities{} }
func (d *desk) Recall(key string) string   { return d.kept[key] }
func (d *desk) Remember(key, value string) { d.kept[key] = value }
func (d *desk) icon(s icon.Status)         { d.status = s; d.drawn++ }
func (d *desk) show(v view)                { d.seen = v }

// The disk of the journal is one that keeps everything.
type shelf map[string]json.RawMessage

func (s shelf) Get(_ state.Bucket, key string) (json.RawMessage, error) { return s[key], nil }
func (s shelf) PutAll(_ state.Bucket, values map[string]json.RawMessage) error {
	maps.Copy(s, values)
	return nil
}

func (s shelf) Prune(_ state.Bucket, old func(json.RawMessage) bool) error {
	maps.DeleteFunc(s, func(_ string, v json.RawMessage) bool { return old(v) })
	return nil
}

// onDesk runs f with a signed-in app in a bubble of its own time.
func onDesk(t *testing.T, f func(d *desk)) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		d := &desk{t: t, rooms: map[protocol.RoomID]protocol.Room{}, kept: map[string]string{}, disk: shelf{}, asked: map[string]int{}, broken: map[string]int{}, personal: map[protocol.RoomID]protocol.Message{}, urgents: map[protocol.RoomID]protocol.Message{}}
		d.app = &app{
			log: slog.New(slog.DiscardHandler), say: locale.Of("en").Say, server: d, edge: d, corner: d, memory: d, face: d,
			self: func() protocol.Attention { return d.near }, pausing: func(time.Time) {}, preview: "full", able: toast.Abilities{Service: "test"},
			ctx: ctx, loop: make(chan func(), 64),
		}
		d.journal = journal{disk: d.disk, log: d.log, later: func(wait time.Duration, job func()) {
			time.AfterFunc(wait, func() { d.do(job) })
		}}
		go d.run()
		d.step(func() {
			d.reset(protocol.User{})
			d.linkMoved(protocol.Link{State: protocol.Online})
			d.connected(protocol.Hello{User: protocol.User{ID: "me", Name: "Me"}, Session: "s0"})
		})
		f(d)
		end()
	})
}

// step runs job in the loop and waits until all is quiet.
func (d *desk) step(job func()) {
	d.t.Helper()
	d.do(job)
	synctest.Wait()
}

// pass lets time pass. What the test has looked at so far belongs to the loop again.
func (d *desk) pass(span time.Duration) {
	d.t.Helper()
	d.step(func() {})
	time.Sleep(span)
	synctest.Wait()
}

// comes lets a message of sender arrive in room, as the server would count and push it.
func (d *desk) comes(room protocol.RoomID, sender protocol.UserID, body string) {
	d.t.Helper()
	r, is := d.rooms[room]
	if !is {
		r = protocol.Room{ID: room, Title: "Room " + string(room), Rev: 1}
	}
	r.Seq++
	r.Rev++
	if sender != "me" {
		r.Unread++
	}
	m := protocol.Message{
		ID: protocol.MessageID(string(room) + body), Room: room, Seq: r.Seq, Rev: r.Rev, Sender: sender,
		SenderName: "Mr " + string(sender), Type: protocol.Talk, Body: body, Mentions: d.mentions, Urgent: d.urgent,
	}
	r.LastMessage = &m
	d.rooms[room] = r
	d.history = append(d.history, m)
	if len(d.mentions) > 0 {
		d.personal[room] = m
	}
	if d.urgent {
		d.urgents[room] = m
	}
	if !d.down {
		d.push(protocol.EvMessage, room, r.Rev, m)
	}
}

func (d *desk) push(ev protocol.EventName, room protocol.RoomID, rev protocol.Rev, data any) {
	raw, err := json.Marshal(data)
	if err != nil {
		d.t.Fatal(err)
	}
	d.step(func() { d.heard(link.Push{Ev: ev, Room: room, Rev: rev, Data: raw}) })
}

// reads moves my cursor to the end of room, as another device of mine does.
func (d *desk) reads(room protocol.RoomID) {
	r := d.rooms[room]
	r.Rev++
	r.Unread, r.Read = 0, r.Seq
	d.rooms[room] = r
	d.push(protocol.EvReceipts, room, r.Rev, protocol.Receipts{Cursors: []protocol.Cursor{{User: "me", Seq: r.Seq}}})
}

// texts is what was shown, without the rooms that a summary names: TestASummaryNamesItsFirstRooms looks at those.
func (d *desk) texts() string {
	var all []string
	for _, t := range d.shown {
		if at := strings.LastIndex(t.Body, "\n"); t.Room == noticeRoom && at > 0 && !strings.HasPrefix(t.Body[at+1:], "New messages") {
			t.Body = t.Body[:at]
		}
		all = append(all, t.Title+": "+t.Body)
	}
	return strings.Join(all, " | ")
}

func TestAMessageSpeaksUpAndChangesTheIcon(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "hello")
		if got := d.texts(); got != "Room r1 · Mr kim: hello" {
			t.Errorf("shown %q", got)
		}
		if d.status.Unread != 1 || d.seen.tooltip != "Sendjay · Me · 1 unread" || len(d.seen.rooms) != 1 {
			t.Errorf("icon %+v, view %+v", d.status, d.seen)
		}
		before := d.drawn
		d.comes("r1", "me", "mine")
		if len(d.shown) != 1 || d.drawn != before {
			t.Errorf("my own message: shown %q, drawn %d times", d.texts(), d.drawn-before)
		}
	})
}

func TestFiveLinesInTwentySecondsMakeOneSound(t *testing.T) {
	onDesk(t, func(d *desk) {
		for range 5 {
			d.comes("r1", "kim", time.Now().String())
			d.pass(3 * time.Second)
		}
		d.pass(20 * time.Second)
		d.comes("r1", "kim", "later")
		sounds := 0
		for _, s := range d.shown {
			if !s.Silent {
				sounds++
			}
		}
		if len(d.shown) != 6 || sounds != 2 {
			t.Errorf("%d notifications, %d sounds", len(d.shown), sounds)
		}
	})
}

func TestReadElsewhereWithdraws(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "hello")
		d.reads("r1")
		if len(d.gone) != 1 || d.gone[0] != "r1" || d.status.Unread != 0 {
			t.Errorf("withdrawn %v, icon %+v", d.gone, d.status)
		}
	})
}

func TestCancelledBeforeItWasReadIsWithdrawn(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "oops")
		r := d.rooms["r1"]
		r.Unread, r.Rev = 0, r.Rev+1
		d.rooms["r1"] = r
		d.push(protocol.EvCancelled, "r1", r.Rev, protocol.MessageCancelled{ID: r.LastMessage.ID, Room: "r1", Seq: r.Seq})
		if len(d.gone) == 0 || d.status.Unread != 0 {
			t.Errorf("withdrawn %v, icon %+v", d.gone, d.status)
		}
	})
}

func TestWatchingTheRoomOnTheWebKeepsTheTraySilent(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.near.Idle = 180
		d.push(protocol.EvAttention, "", 0, protocol.DeviceAttention{
			Session: "w1", Device: protocol.Web, Attention: protocol.Attention{Room: "r1", Focused: true},
		})
		d.comes("r1", "kim", "hello")
		d.pass(time.Minute)
		if len(d.shown) != 0 {
			t.Errorf("shown %q", d.texts())
		}
		d.push(protocol.EvAttention, "", 0, protocol.DeviceAttention{Session: "w1", Device: protocol.Web, Gone: true})
		d.comes("r1", "kim", "again")
		if got := d.texts(); got != "Room r1 · Mr kim: again" {
			t.Errorf("after the web was gone: %q", got)
		}
	})
}

func TestWhoWaitsLooksAgain(t *testing.T) {
	for _, read := range []bool{true, false} {
		onDesk(t, func(d *desk) {
			// Two idle computers, and the other one was used last.
			d.near.Idle = 60
			d.push(protocol.EvAttention, "", 0, protocol.DeviceAttention{
				Session: "d2", Device: protocol.Desktop, Attention: protocol.Attention{Idle: 60},
			})
			d.comes("r1", "kim", "hello")
			if len(d.shown) != 0 {
				t.Fatalf("spoke at once: %q", d.texts())
			}
			if read {
				d.reads("r1")
			}
			d.pass(4 * time.Second)
			if spoke := len(d.shown) == 1; spoke == read {
				t.Errorf("read %v, and shown %q", read, d.texts())
			}
		})
	}
}

func TestDoNotDisturbOnlyCountsAndSumsUpAfterwards(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.step(func() { d.pause(halfHour) })
		d.comes("r1", "kim", "hello")
		d.comes("r2", "lee", "hello")
		if len(d.shown) != 0 || d.status.Unread != 2 || !d.status.Quiet {
			t.Errorf("shown %q, icon %+v", d.texts(), d.status)
		}
		if d.kept[keyQuiet] == "" {
			t.Error("a restart would forget it")
		}
		d.pass(31 * time.Minute)
		if d.status.Quiet || d.texts() != "Sendjay: 2 new messages in 2 chats" {
			t.Errorf("afterwards: shown %q, icon %+v", d.texts(), d.status)
		}
	})
}

func TestAfterABreakEachRoomSpeaksOnceAndNothingTwice(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "before")
		d.down = true
		d.step(func() { d.linkMoved(protocol.Link{State: protocol.Offline}) })
		if !d.status.Offline || d.status.Unread != 1 {
			t.Errorf("icon %+v", d.status)
		}
		d.comes("r1", "kim", "missed one")
		d.comes("r1", "kim", "missed two")
		d.comes("r2", "lee", "missed three")
		d.down = false
		again := func() {
			d.step(func() {
				d.linkMoved(protocol.Link{State: protocol.Online})
				d.connected(protocol.Hello{User: protocol.User{ID: "me", Name: "Me"}, Session: "s1"})
			})
		}
		d.pass(time.Minute)
		again()
		again()
		if len(d.shown) != 3 || !strings.Contains(d.texts(), "missed two") || !strings.Contains(d.texts(), "missed three") {
			t.Errorf("shown %q", d.texts())
		}
		if d.status.Unread != 4 {
			t.Errorf("icon %+v", d.status)
		}
	})
}

func TestAfterALongBreakManyRoomsAreOneSummary(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.down = true
		for _, room := range []protocol.RoomID{"r1", "r2", "r3", "r4", "r5"} {
			d.comes(room, "kim", "x")
			d.comes(room, "kim", "y")
		}
		d.down = false
		d.pass(time.Minute)
		d.step(func() { d.connected(protocol.Hello{User: protocol.User{ID: "me"}, Session: "s1"}) })
		if d.texts() != "Sendjay: 10 new messages in 5 chats" {
			t.Errorf("shown %q", d.texts())
		}
	})
}

func TestThePreviewIsAsITDecided(t *testing.T) {
	for preview, want := range map[string]string{"full": "Room r1 · Mr kim: hello", "sender": "Room r1 · Mr kim: New message", "none": "Sendjay: New message"} {
		onDesk(t, func(d *desk) {
			d.preview = preview
			d.comes("r1", "kim", "hello")
			if d.texts() != want {
				t.Errorf("%s: shown %q, want %q", preview, d.texts(), want)
			}
		})
	}
}

func TestAMutedRoomShowsADot(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.rooms["m"] = protocol.Room{ID: "m", Title: "M", Muted: true, Rev: 1}
		d.comes("m", "kim", "psst")
		if len(d.shown) != 0 || d.status.Unread != 0 || !d.status.Dot {
			t.Errorf("shown %q, icon %+v", d.texts(), d.status)
		}
	})
}

func TestSigningOutForgetsThePerson(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.comes("r1", "kim", "hello")
		d.step(func() { d.linkMoved(protocol.Link{State: protocol.SignedOut}) })
		if d.status.Unread != 0 || !d.status.Offline || d.seen.signedIn || len(d.seen.rooms) != 0 {
			t.Errorf("icon %+v, view %+v", d.status, d.seen)
		}
	})
}

func TestWhatIsToldBeforeTheFirstHelloStaysAndNothingIsLeftToTheNextPerson(t *testing.T) {
	onDesk(t, func(d *desk) {
		signsIn := func(who protocol.UserID) func() {
			return func() { d.connected(protocol.Hello{User: protocol.User{ID: who}, Session: "s1"}) }
		}
		for _, c := range []struct {
			what string
			do   func()
			want int
		}{
			{"the person signs out", func() { d.linkMoved(protocol.Link{State: protocol.SignedOut}) }, 1},
			{"somebody signs in", signsIn("me"), 0},
			{"the line comes again", signsIn("me"), 0},
			{"somebody else signs in", signsIn("another"), 1},
		} {
			d.cleared = 0
			if d.step(c.do); d.cleared != c.want {
				t.Errorf("%s: all went %d times, want %d", c.what, d.cleared, c.want)
			}
		}
	})
}
