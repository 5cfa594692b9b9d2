package story

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sendjay/shared/protocol"
	"sendjay/shared/story/person"
)

// act is one thing that a person can do. It gets who acts, and the words after the verb.
type act struct {
	usage string // of the words; a last word with … takes the rest
	do    func(ctx context.Context, w *world, o *one, args []string) error
}

var acts = map[string]act{
	"signs-in":                  {"device", signsIn},
	"signs-out":                 {"", signsOut},
	"comes-back":                {"", comesBack},
	"uses":                      {"device", uses},
	"was-replaced":              {"device", wasReplaced},
	"is-closed":                 {"code", isClosed},
	"is-let-in-from":            {"origin", isLetInFrom},
	"room":                      {"name members…", makesRoom},
	"invites":                   {"room people…", invites},
	"leaves":                    {"room", leaves},
	"send":                      {"room text", sends},
	"sends-again":               {"", sendsAgain},
	"cancels":                   {"room text", cancels},
	"reads":                     {"room", reads},
	"looks-at":                  {"room", looksAt},
	"looks-away":                {"", looksAway},
	"is-shown":                  {"room", isShown},
	"keeps":                     {"text", keeps},
	"keeps-nothing":             {"", keepsNothing},
	"flood":                     {"room n", floods},
	"flood-ends":                {"", floodEnds},
	"sees":                      {"room text", sees},
	"sees-once":                 {"room text", seesOnce},
	"sees-no":                   {"room text", seesNo},
	"unread":                    {"room n", unread},
	"sees-unread":               {"room text n", seesUnread},
	"has-all-acknowledged":      {"room person", hasAllAcknowledged},
	"is-current":                {"room", isCurrent},
	"history":                   {"room", history},
	"has-acknowledged-at-least": {"room n", acknowledgedAtLeast},
}

// personCommand is `<person> <verb> <words…>`.
func personCommand(ts *testscript.TestScript, name string, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("%s does what?", name)
	}
	a, ok := acts[args[0]]
	if !ok {
		ts.Fatalf("%s cannot %q", name, args[0])
	}
	args = args[1:]
	words := strings.Fields(a.usage)
	if rest := strings.HasSuffix(a.usage, "…"); len(args) < len(words) || (len(args) > len(words) && !rest) {
		ts.Fatalf("want: %s", a.usage)
	}
	w := worldOf(ts)
	ctx, stop := soon()
	defer stop()
	o, err := w.known(name)
	ts.Check(err)
	if o.current == nil {
		device := protocol.Web
		if a.usage == "device" && len(args) == 1 {
			device = protocol.Device(args[0])
		}
		ts.Check(w.signIn(o, name, device))
		if a.usage == "device" {
			return
		}
	}
	refused(ts, neg, a.do(ctx, w, o, args))
}

func signsIn(_ context.Context, w *world, o *one, args []string) error {
	return w.signIn(o, string(o.current.ID), protocol.Device(args[0]))
}

func signsOut(ctx context.Context, _ *world, o *one, _ []string) error { return o.current.SignOut(ctx) }

// comesBack connects every device again whose line went down, as a client does after a restart.
func comesBack(ctx context.Context, _ *world, o *one, _ []string) error {
	for _, d := range o.devices {
		if d.Closed() == 0 {
			continue
		}
		if err := d.Connect(ctx); err != nil {
			return err
		}
	}
	return nil
}

func uses(_ context.Context, _ *world, o *one, args []string) error {
	d, ok := o.devices[args[0]]
	if !ok {
		return fmt.Errorf("not signed in at %s", args[0])
	}
	o.current = d
	return nil
}

// wasReplaced waits until the former device was told who took over, and closed with 4001.
func wasReplaced(ctx context.Context, _ *world, o *one, args []string) error {
	old := o.former[args[0]]
	if old == nil {
		return errors.New("there was no other before")
	}
	if err := old.Await(ctx, "4001", func() bool { return old.Closed() == int(protocol.CloseReplaced) }); err != nil {
		return fmt.Errorf("%w (closed with %d)", err, old.Closed())
	}
	told := old.Pushed(protocol.EvReplaced)
	if len(told) != 1 {
		return fmt.Errorf("told %d times who took over", len(told))
	}
	var by protocol.Replaced
	if err := json.Unmarshal(told[0], &by); err != nil {
		return err
	}
	if string(by.Device) != args[0] || by.Address == "" || by.At == 0 {
		return fmt.Errorf("told too little: %+v", by)
	}
	return nil
}

func isClosed(ctx context.Context, _ *world, o *one, args []string) error {
	code, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	if err := o.current.Await(ctx, "closed with "+args[0], func() bool { return o.current.Closed() == code }); err != nil {
		return fmt.Errorf("%w (closed with %d)", err, o.current.Closed())
	}
	return nil
}

// isLetInFrom opens a socket with the person's cookies as a page of that origin would.
func isLetInFrom(ctx context.Context, _ *world, o *one, args []string) error {
	origin := args[0]
	if origin == "own" {
		origin = "http://" + o.line.addr()
	}
	status, err := o.current.Open(ctx, http.Header{"Origin": {origin}})
	if err == nil && status != http.StatusSwitchingProtocols {
		return fmt.Errorf("refused with %d", status)
	}
	return err
}

func makesRoom(ctx context.Context, w *world, o *one, args []string) error {
	made, err := o.current.CreateRoom(ctx, args[0], ids(args[1:])...)
	if err == nil {
		w.rooms[args[0]] = made.Room.ID
	}
	return err
}

func ids(names []string) []protocol.UserID {
	var out []protocol.UserID
	for _, n := range names {
		out = append(out, protocol.UserID(n))
	}
	return out
}

func invites(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Do(ctx, protocol.OpRoomInvite, protocol.InviteMembers{Room: w.room(args[0]), Members: ids(args[1:])}, nil)
}

func leaves(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Do(ctx, protocol.OpRoomLeave, protocol.LeaveRoom{Room: w.room(args[0])}, nil)
}

func sends(ctx context.Context, w *world, o *one, args []string) error {
	o.last = person.NewMessage(w.room(args[0]), args[1])
	sent, err := o.current.Send(ctx, o.last)
	o.sent = sent
	return err
}

// sendsAgain sends the last message again under its id: the answer has to be the first one.
func sendsAgain(ctx context.Context, _ *world, o *one, _ []string) error {
	sent, err := o.current.Send(ctx, o.last)
	if err == nil && o.sent.ID != "" && sent != o.sent {
		return fmt.Errorf("answered %+v, at first %+v", sent, o.sent)
	}
	o.sent = sent
	return err
}

func cancels(ctx context.Context, w *world, o *one, args []string) error {
	m, ok := o.current.Find(w.room(args[0]), args[1])
	if !ok {
		return errors.New("nothing to cancel")
	}
	return o.current.Do(ctx, protocol.OpMessageCancel, protocol.CancelMessage{Room: m.Room, ID: m.ID}, nil)
}

func reads(ctx context.Context, w *world, o *one, args []string) error {
	room := w.room(args[0])
	all := o.current.Messages(room)
	if len(all) == 0 {
		return errors.New("nothing to read")
	}
	return o.current.Do(ctx, protocol.OpMessageRead, protocol.ReadMessages{Room: room, Seq: all[len(all)-1].Seq}, nil)
}

// looksAt reports that this device is in front, with the room.
func looksAt(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Do(ctx, protocol.OpAttention, protocol.Attention{Room: w.room(args[0]), Focused: true}, nil)
}

// isShown waits until the tray asks its window to show the room.
func isShown(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Await(ctx, "is shown "+args[0], func() bool {
		for _, raw := range o.current.Pushed(protocol.EvOpen) {
			var open protocol.OpenRoom
			if json.Unmarshal(raw, &open) == nil && open.Room == w.room(args[0]) {
				return true
			}
		}
		return false
	})
}

// kept asks the tray for the messages that still have to go up.
func kept(ctx context.Context, o *one) (map[string]struct{ Body string }, error) {
	var out map[string]struct{ Body string }
	err := o.current.Get(ctx, "/edge/v1/keep/outbox", &out)
	return out, err
}

func keeps(ctx context.Context, _ *world, o *one, args []string) error {
	all, err := kept(ctx, o)
	for _, item := range all {
		if item.Body == args[0] {
			return nil
		}
	}
	return errors.Join(err, fmt.Errorf("kept are %v", all))
}

// keepsNothing waits until the server has acknowledged everything.
func keepsNothing(ctx context.Context, _ *world, o *one, _ []string) error {
	return o.desk.await(ctx, "nothing is kept", func() bool {
		all, err := kept(ctx, o)
		return err == nil && len(all) == 0
	})
}

// looksAway reports that nobody sits at this device.
func looksAway(ctx context.Context, _ *world, o *one, _ []string) error {
	return o.current.Do(ctx, protocol.OpAttention, protocol.Attention{Idle: 180}, nil)
}

// floods sends n messages in the background, 16 at a time on one socket, and keeps what was acknowledged.
// Each is sent once: what is lost with the line is not in the list.
func floods(_ context.Context, w *world, o *one, args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	name, room, p := args[0], w.room(args[0]), o.current
	done := make(chan struct{})
	o.flood = done
	var mu sync.Mutex // guards o.acked during the flood
	go func() {
		defer close(done)
		ctx, stop := context.WithTimeout(context.Background(), 3*patience)
		defer stop()
		slots := make(chan struct{}, 16)
		var wg sync.WaitGroup
		for i := range n {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				sent, err := p.Send(ctx, person.NewMessage(room, fmt.Sprintf("flood %d", i)))
				if err == nil {
					mu.Lock()
					o.acked[name] = append(o.acked[name], sent)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
	}()
	// The story goes on when the flood runs.
	ctx, stop := soon()
	defer stop()
	return p.Await(ctx, "the first answers", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(o.acked[name]) >= min(n, 20)
	})
}

func floodEnds(_ context.Context, _ *world, o *one, _ []string) error {
	select {
	case <-o.flood:
		return nil
	case <-time.After(3 * patience):
		return errors.New("the flood does not end")
	}
}

func acknowledgedAtLeast(_ context.Context, _ *world, o *one, args []string) error {
	n, err := strconv.Atoi(args[1])
	if err == nil && len(o.acked[args[0]]) < n {
		err = fmt.Errorf("only %d acknowledged", len(o.acked[args[0]]))
	}
	return err
}

// hasAllAcknowledged compares the history with what another person's flood was told: each message that
// was acknowledged is there once, under the seq that was said, and the seqs are dense.
func hasAllAcknowledged(ctx context.Context, w *world, o *one, args []string) error {
	all, err := o.current.History(ctx, w.room(args[0]))
	if err != nil {
		return err
	}
	at := map[protocol.MessageID]protocol.Seq{}
	for i, m := range all {
		if m.Seq != protocol.Seq(i+1) {
			return fmt.Errorf("message %d of the history has seq %d", i+1, m.Seq)
		}
		if seq, twice := at[m.ID]; twice {
			return fmt.Errorf("message %s is there twice, as %d and %d", m.ID, seq, m.Seq)
		}
		at[m.ID] = m.Seq
	}
	acked := w.who[args[1]].acked[args[0]]
	if len(acked) == 0 {
		return errors.New("nothing was acknowledged")
	}
	for _, a := range acked {
		if at[a.ID] != a.Seq {
			return fmt.Errorf("acknowledged as %d, in the history as %d", a.Seq, at[a.ID])
		}
	}
	return nil
}

func sees(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Await(ctx, "sees "+args[1], func() bool {
		_, ok := o.current.Find(w.room(args[0]), args[1])
		return ok
	})
}

// seesOnce waits for the text and counts it, in the log and in the server's history.
func seesOnce(ctx context.Context, w *world, o *one, args []string) error {
	if err := sees(ctx, w, o, args); err != nil {
		return err
	}
	fresh, err := o.current.History(ctx, w.room(args[0]))
	if err != nil {
		return err
	}
	for where, all := range map[string][]protocol.Message{"log": o.current.Messages(w.room(args[0])), "history": fresh} {
		n := 0
		for _, m := range all {
			if m.Body == args[1] {
				n++
			}
		}
		if n != 1 {
			return fmt.Errorf("%d times in the %s", n, where)
		}
	}
	return nil
}

// seesNo waits until the text is gone from the log, and looks that the history does not have it.
func seesNo(ctx context.Context, w *world, o *one, args []string) error {
	err := o.current.Await(ctx, "sees no "+args[1], func() bool {
		_, ok := o.current.Find(w.room(args[0]), args[1])
		return !ok
	})
	if err != nil {
		return err
	}
	fresh, err := o.current.History(ctx, w.room(args[0]))
	if slices.ContainsFunc(fresh, func(m protocol.Message) bool { return m.Body == args[1] }) {
		return errors.New("the history still has it")
	}
	return err
}

// unread asks the server for the number beside the room.
func unread(ctx context.Context, w *world, o *one, args []string) error {
	var got error
	err := o.current.Await(ctx, "unread "+args[1], func() bool {
		var r protocol.Room
		got = o.current.Get(ctx, "/api/v1/rooms/"+string(w.room(args[0])), &r)
		return got == nil && strconv.Itoa(r.Unread) == args[1]
	})
	return errors.Join(err, got)
}

// seesUnread waits for the number beside a message.
func seesUnread(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Await(ctx, args[1]+" unread by "+args[2], func() bool {
		m, ok := o.current.Find(w.room(args[0]), args[1])
		return ok && strconv.Itoa(o.current.Unread(m.Room, m.Seq)) == args[2]
	})
}

// isCurrent waits until the log, kept by events and changes, equals what the server says now.
func isCurrent(ctx context.Context, w *world, o *one, args []string) error {
	var diff string
	var failed error
	err := o.current.Await(ctx, "current", func() bool {
		diff, failed = o.current.Differs(ctx, w.room(args[0]))
		return diff == "" && failed == nil
	})
	if err != nil {
		return fmt.Errorf("%w: %s", err, diff)
	}
	return failed
}

func history(ctx context.Context, w *world, o *one, args []string) error {
	_, err := o.current.History(ctx, w.room(args[0]))
	return err
}

// atOnceCommand is `at-once room NAME kim lee`: both ask for the room of the two at the same instant.
func atOnceCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 || args[0] != "room" {
		ts.Fatalf("want: at-once room name people…")
	}
	w := worldOf(ts)
	ctx, stop := soon()
	defer stop()
	made := make([]protocol.RoomCreated, len(args)-2)
	errs := make([]error, len(made))
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i, name := range args[2:] {
		o, err := w.person(name)
		ts.Check(err)
		wg.Go(func() {
			<-start
			made[i], errs[i] = o.current.CreateRoom(ctx, "", ids(args[2:])...)
		})
	}
	close(start)
	wg.Wait()
	ts.Check(errors.Join(errs...))
	fresh := 0
	for _, m := range made {
		if m.Room.ID != made[0].Room.ID {
			ts.Fatalf("two rooms: %s and %s", m.Room.ID, made[0].Room.ID)
		}
		if !m.Existed {
			fresh++
		}
	}
	if fresh != 1 {
		ts.Fatalf("%d of them made it", fresh)
	}
	w.rooms[args[1]] = made[0].Room.ID
}
