package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"sendjay/desktop/outbox"
	"sendjay/desktop/state"
	"sendjay/shared/protocol"
)

// far is the other end: it takes commands while the line is up, and may lose an answer.
type far struct {
	mu   sync.Mutex
	up   bool
	lose bool
	got  []string
	code protocol.Code
}

type call struct {
	sent bool
	done chan struct{}
	data json.RawMessage
	err  error
}

func (c *call) Sent() bool                       { return c.sent }
func (c *call) Done() <-chan struct{}            { return c.done }
func (c *call) Result() (json.RawMessage, error) { return c.data, c.err }

var errDown = errors.New("down")

func (f *far) send(op protocol.Op, data json.RawMessage) outbox.Call {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := &call{done: make(chan struct{}), sent: f.up}
	defer close(c.done)
	switch {
	case !f.up:
		c.err = errDown
		return c
	case f.code != "":
		c.err = protocol.Refuse(f.code)
		return c
	}
	f.got = append(f.got, string(op)+string(data))
	if f.lose {
		c.err = errDown
		return c
	}
	c.data = json.RawMessage(`{"seq":1}`)
	return c
}

func (f *far) set(up, lose bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.up, f.lose = up, lose
}

func (f *far) all() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.got)
}

func open(t interface{ Fatal(...any) }, dir string) *state.State {
	s, err := state.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetAccount("kim"); err != nil {
		t.Fatal(err)
	}
	return s
}

func message(id string) json.RawMessage {
	return json.RawMessage(`{"id":"` + id + `","room":"r1","type":"talk","body":"text"}`)
}

func TestAKeptMessageIsOnDiskBeforeItIsSent(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close()
	var seen bool
	f := &far{up: true}
	o := outbox.New(outbox.Config{State: s, Go: func(op protocol.Op, data json.RawMessage) outbox.Call {
		raw, _ := s.Get(state.Outbox, "m1")
		seen = raw != nil
		return f.send(op, data)
	}})
	if _, err := o.Do(t.Context(), protocol.OpMessageSend, message("m1"), nil); err != nil {
		t.Fatal(err)
	}
	if left, _ := o.Items(); !seen || len(left) != 0 {
		t.Errorf("stored before: %v, left: %v", seen, left)
	}
}

func TestWhatIsSentAgainDialsAtOnce(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close()
	f := &far{}
	var o *outbox.Outbox
	dialled, dial := 0, func() bool { return false }
	o = outbox.New(outbox.Config{State: s, Go: f.send, Retry: func() bool { dialled++; return dial() }})
	send := func() error {
		_, err := o.Do(t.Context(), protocol.OpMessageSend, message("m1"), nil)
		return err
	}
	if err := send(); protocol.CodeOf(err) != protocol.Unavailable || dialled != 0 {
		t.Errorf("the first time: %v, dialled %d times", err, dialled)
	}
	if err := send(); protocol.CodeOf(err) != protocol.Unavailable || dialled != 1 {
		t.Errorf("signed out: %v, dialled %d times", err, dialled)
	}
	dial = func() bool {
		if err := o.Delete("m1"); err != nil {
			t.Error(err)
		}
		f.set(true, false)
		o.Up()
		return true
	}
	if err := send(); protocol.CodeOf(err) != protocol.Unavailable || len(f.all()) != 0 {
		t.Errorf("deleted while it waited: %v, sent %v", err, f.all())
	}
	f.set(false, false)
	o.Down()
	_ = send() // the first time again
	dial = func() bool { f.set(true, false); o.Up(); return true }
	if err := send(); err != nil || len(f.all()) != 1 {
		t.Errorf("with a line to be had: %v, sent %v", err, f.all())
	}
	if left, _ := o.Items(); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestARefusedMessageStaysWithItsReason(t *testing.T) {
	s := open(t, t.TempDir())
	defer s.Close()
	f := &far{up: true, code: protocol.Forbidden}
	o := outbox.New(outbox.Config{State: s, Go: f.send})
	if _, err := o.Do(t.Context(), protocol.OpMessageSend, message("m1"), nil); protocol.CodeOf(err) != protocol.Forbidden {
		t.Fatal(err)
	}
	all, _ := o.Items()
	var item outbox.Item
	if err := json.Unmarshal(all["m1"], &item); err != nil || item.State != outbox.Failed || item.Code != protocol.Forbidden || item.Unsure {
		t.Errorf("%s %v", all["m1"], err)
	}
	if err := o.Delete("m1"); err != nil {
		t.Fatal(err)
	}
	if all, _ := o.Items(); len(all) != 0 {
		t.Errorf("%s", all)
	}
}

func TestWhatWasOnItsWayAtTheEndHasFailed(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	raw, _ := json.Marshal(outbox.Item{ID: "m1", Room: "r1", Body: "text", State: outbox.Waiting})
	if err := s.Put(state.Outbox, "m1", raw); err != nil {
		t.Fatal(err)
	}
	found := make(chan protocol.MessageID, 1)
	f := &far{up: true}
	o := outbox.New(outbox.Config{
		State: s, Go: f.send,
		Recent: func(context.Context, protocol.RoomID) ([]protocol.Message, error) {
			return []protocol.Message{{ID: "m1", Room: "r1"}}, nil
		},
		Arrived: func(_ protocol.RoomID, id protocol.MessageID) { found <- id },
	})
	o.Restore()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { o.Run(ctx) })
	o.Up()
	if id := <-found; id != "m1" {
		t.Errorf("found %s", id)
	}
	cancel()
	running.Wait()
	if all, _ := o.Items(); len(all) != 0 || len(f.all()) != 0 {
		t.Errorf("left %s, sent %v", all, f.all())
	}
	_ = s.Close()
}

// TestBufferedCommandsArriveInOrder cuts, mends and restarts at will: every invitation arrives, none
// before an earlier one arrived for the first time, and the last cursor of the room is the highest.
func TestBufferedCommandsArriveInOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir := t.TempDir()
		s := open(rt, dir)
		f := &far{}
		var o *outbox.Outbox
		var stop func()
		begin := func() {
			o = outbox.New(outbox.Config{State: s, Go: f.send})
			o.Restore()
			ctx, cancel := context.WithCancel(t.Context())
			var running sync.WaitGroup
			running.Go(func() { o.Run(ctx) })
			stop = func() { cancel(); running.Wait() }
		}
		begin()
		n, top := 0, 0
		for range rapid.IntRange(1, 15).Draw(rt, "steps") {
			switch rapid.IntRange(0, 5).Draw(rt, "step") {
			case 0, 1:
				n++
				data := json.RawMessage(fmt.Sprintf(`{"room":"r1","members":["u%d"]}`, n))
				if _, err := o.Do(t.Context(), protocol.OpRoomInvite, data, nil); err != nil {
					rt.Fatal(err)
				}
			case 2:
				seq := rapid.IntRange(0, 50).Draw(rt, "seq")
				top = max(top, seq)
				if _, err := o.Do(t.Context(), protocol.OpMessageRead, json.RawMessage(fmt.Sprintf(`{"room":"r1","seq":%d}`, seq)), nil); err != nil {
					rt.Fatal(err)
				}
			case 3:
				f.set(true, false)
				o.Up()
			case 4:
				f.set(false, false)
				o.Down()
			case 5:
				f.set(false, false)
				stop()
				_ = s.Close()
				s = open(rt, dir)
				begin()
			}
		}
		f.set(true, false)
		o.Up()
		for {
			if left, err := s.All(state.Queue); err != nil || len(left) == 0 {
				break
			}
			if t.Context().Err() != nil {
				rt.Fatal("the queue does not empty")
			}
		}
		stop()
		_ = s.Close()
		next, read := 1, 0
		for _, got := range f.all() {
			var i, seq int
			if _, err := fmt.Sscanf(got, `room.invite{"room":"r1","members":["u%d"]}`, &i); err == nil {
				if i > next {
					rt.Fatalf("u%d came before u%d: %v", i, next, f.all())
				}
				next = max(next, i+1)
				continue
			}
			if _, err := fmt.Sscanf(got, `message.read{"room":"r1","seq":%d}`, &seq); err == nil {
				read = max(read, seq)
			}
		}
		if next != n+1 || read != top {
			rt.Fatalf("%d of %d invitations, read to %d of %d: %v", next-1, n, read, top, f.all())
		}
	})
}
