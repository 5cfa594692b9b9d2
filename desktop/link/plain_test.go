package link_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/link"
	"sendjay/shared/protocol"
)

// plainly waits until the line stands over plain HTTP.
func (d *device) plainly() {
	d.t.Helper()
	d.wait("link online over plain HTTP")
}

// colleague is somebody whose line is a good one.
type colleague struct {
	*link.Link
	t *testing.T
}

func (c colleague) say(room protocol.RoomID, id string) {
	c.t.Helper()
	ask(c.t, c.Link, protocol.OpMessageSend, protocol.SendMessage{ID: protocol.MessageID(id), Room: room, Type: protocol.Talk, Body: "hello"}, nil)
}

func ask(t *testing.T, l *link.Link, op protocol.Op, in, out any) {
	t.Helper()
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	call := l.Go(op, data)
	select {
	case <-call.Done():
	case <-ctx.Done():
		t.Fatalf("%s was not answered", op)
	}
	raw, err := call.Result()
	if err != nil {
		t.Fatalf("%s: %v", op, err)
	}
	if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheLineGoesOverPlainHTTPWhereNoWebSocketGetsThrough(t *testing.T) {
	t.Parallel()
	srv := desktoptest.NewServer(t, []string{"kim", "han", "lee"})
	lee := begin(t, srv.URL, nil)
	lee.signIn("lee")
	for _, mode := range []string{desktoptest.Refuses, desktoptest.Strips, desktoptest.Hangs, desktoptest.Eats} {
		t.Run(mode, func(t *testing.T) {
			who := protocol.UserID("kim")
			switch mode {
			case desktoptest.Eats:
				who = "han" // beside the one that hangs
				fallthrough
			case desktoptest.Hangs:
				t.Parallel() // nothing is said there until a time has passed
			}
			box := desktoptest.NewBox(t, srv.URL, mode)
			d := begin(t, box.URL, nil)
			if _, err := d.SignIn(t.Context(), who, desktoptest.Password, ""); err != nil {
				t.Fatal(err)
			}
			d.wait("hello " + string(who))
			d.plainly()
			var made protocol.RoomCreated
			ask(t, d.Link, protocol.OpRoomCreate, protocol.CreateRoom{Members: []protocol.UserID{"lee"}}, &made)
			colleague{lee.Link, t}.say(made.Room.ID, mode+"-1")
			d.wait("message.new " + mode + "-1")
			if mode != desktoptest.Refuses {
				return
			}
			t.Run("many commands at once keep their order", func(t *testing.T) {
				var calls []*link.Call
				for i := range 40 {
					data, _ := json.Marshal(protocol.SendMessage{ID: protocol.MessageID(fmt.Sprint("many-", i)), Room: made.Room.ID, Type: protocol.Talk, Body: "x"})
					calls = append(calls, d.Go(protocol.OpMessageSend, data))
				}
				for i, c := range calls {
					<-c.Done()
					if _, err := c.Result(); err != nil {
						t.Fatal(err)
					}
					lee.wait(fmt.Sprint("message.new many-", i))
				}
			})
			t.Run("a restart of the server is survived", func(t *testing.T) {
				srv.Kill()
				d.wait("link offline")
				srv.Start()
				d.Wake()
				d.wait("hello kim")
				d.plainly()
				lee.Wake()
				lee.wait("link online")
			})
			t.Run("a WebSocket is taken again once it gets through", func(t *testing.T) {
				box.Set(desktoptest.Passes)
				d.Wake() // as when the network changes
				d.wait("hello kim")
				d.wait("link online")
				colleague{lee.Link, t}.say(made.Room.ID, "fast")
				d.wait("message.new fast")
			})
			t.Run("and given up when it is blocked again", func(t *testing.T) {
				box.Set(desktoptest.Refuses)
				box.Drop()
				d.Wake()
				d.plainly()
			})
			t.Run("another device takes the session", func(t *testing.T) {
				other := begin(t, srv.URL, nil)
				other.signIn("kim")
				d.wait("link replaced")
				d.Use()
				d.plainly()
				other.wait("link replaced")
			})
			t.Run("signing out ends it", func(t *testing.T) {
				if err := d.SignOut(t.Context()); err != nil {
					t.Fatal(err)
				}
				d.wait("link signed_out")
			})
		})
	}
}

func TestAServerThatIsAwayIsNoReasonForPlainHTTP(t *testing.T) {
	srv := desktoptest.NewServer(t, []string{"kim"})
	box := desktoptest.NewBox(t, srv.URL, desktoptest.Passes)
	d := begin(t, box.URL, nil)
	d.signIn("kim")
	srv.Kill()
	d.wait("link offline") // the box answers 502 for a while
	srv.Start()
	d.Wake()
	d.wait("link online")
}
