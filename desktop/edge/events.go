package edge

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"sendjay/desktop/link"
	"sendjay/shared/protocol"
)

// lookWithin bounds a question to the server that no window waits for.
const lookWithin = 15 * time.Second

func (e *Edge) all() []*window {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := make([]*window, 0, len(e.windows))
	for w := range e.windows {
		out = append(out, w)
	}
	return out
}

// broadcast queues a frame for every window but one.
func (e *Edge) broadcast(frame []byte, but *window) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for w := range e.windows {
		if w != but {
			w.put(frame)
		}
	}
}

// helloFrame makes the first frame of a window, nil when nobody is signed in; e.mu is held. While the
// line is down it is the server's last hello.
func (e *Edge) helloFrame(l protocol.Link) []byte {
	if e.me == nil {
		return nil
	}
	h := protocol.Hello{Device: protocol.Desktop, Heartbeat: 25}
	if e.hello != nil {
		h = *e.hello
	}
	h.User = *e.me
	if h.Attention == nil {
		h.Attention = []protocol.DeviceAttention{}
	}
	h.Native, h.Link = e.Native, &l
	if e.Calm != nil && e.Calm() {
		h.Native = append(slices.Clip(h.Native), "calm")
	}
	return protocol.Push{Ev: protocol.EvHello, Data: h}.Encode()
}

// greeted is told at every hello of the server.
func (e *Edge) greeted(h protocol.Hello) {
	known := h
	known.Attention = nil
	e.mu.Lock()
	stranger := e.me == nil || e.me.ID != h.User.ID
	changed := stranger || *e.me != h.User
	e.mu.Unlock()
	if stranger || changed {
		e.become(&h.User)
	}
	e.mu.Lock()
	e.hello = &h
	frame := e.helloFrame(protocol.Link{State: protocol.Online})
	told := e.told
	for w := range e.windows {
		if stranger {
			w.end(protocol.CloseRestart) // it shows another person's rooms
			continue
		}
		w.put(frame)
	}
	e.mu.Unlock()
	if err := e.State.Save(e.keyKnown(), struct {
		Me    *protocol.User  `json:"me"`
		Hello *protocol.Hello `json:"hello"`
	}{&h.User, &known}); err != nil {
		e.Log.Warn("the hello is not remembered", "error", err)
	}
	e.attend(told)
	e.Attention.Need(true)
	e.outbox.Up()
	e.later(func() { e.ui.expect(e.ctx, h.Server.UI) })
}

// moved is told when the line comes, goes, or is signed out.
func (e *Edge) moved(l protocol.Link) {
	if l.State != protocol.Online {
		e.outbox.Down()
		e.Attention.Need(false)
	} else if e.Downloads != nil {
		e.Downloads.Up()
	}
	e.broadcast(protocol.Push{Ev: protocol.EvLink, Data: l}.Encode(), nil)
	if l.State == protocol.SignedOut && e.Me() != nil {
		e.setLeft(true) // the sign-in was ended; a ticket must not undo it unasked
		e.become(nil)
		for _, w := range e.all() {
			w.end(protocol.CloseSignedOut)
		}
	}
	e.lookAround()
}

// pushed hands an event of the server on as it came.
func (e *Edge) pushed(p link.Push) {
	switch p.Ev {
	case protocol.EvReplaced:
		return // the windows hear of it as the state of the link
	case protocol.EvAttention:
		e.noteAttention(p.Data)
	}
	e.broadcast(p.Frame, nil)
}

// noteAttention keeps the list of the other devices for windows that open later.
func (e *Edge) noteAttention(data json.RawMessage) {
	var a protocol.DeviceAttention
	if json.Unmarshal(data, &a) != nil {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.hello == nil {
		return
	}
	list := slices.DeleteFunc(slices.Clone(e.hello.Attention), func(d protocol.DeviceAttention) bool { return d.Session == a.Session })
	if !a.Gone {
		list = append([]protocol.DeviceAttention{a}, list...)
	}
	h := *e.hello
	h.Attention = list
	e.hello = &h
}

// sent is told of every message of ours that was acknowledged. The server sends no event for it to the
// session that sent it, which all windows share: the others are told here.
func (e *Edge) sent(m protocol.MessageSent, by *window) {
	if e.Sent != nil {
		e.Sent(m)
	}
	if e.Windows() > 1 {
		e.later(func() { e.tell(m.Room, m.ID, by) })
	}
}

// arrived is told of a message that was stored although its window was told that it failed.
func (e *Edge) arrived(room protocol.RoomID, id protocol.MessageID) {
	e.later(func() { e.tell(room, id, nil) })
}

// tell asks for a message and shows it to all windows but one.
func (e *Edge) tell(room protocol.RoomID, id protocol.MessageID, but *window) {
	ctx, cancel := context.WithTimeout(e.ctx, lookWithin)
	defer cancel()
	newest, err := e.recent(ctx, room)
	if err != nil {
		return // the windows catch up at the next event or hello
	}
	for _, m := range newest {
		if m.ID != id {
			continue
		}
		if but == nil && e.Sent != nil {
			e.Sent(protocol.MessageSent{ID: m.ID, Room: m.Room, Seq: m.Seq, Rev: m.Rev, At: m.At})
		}
		e.broadcast(protocol.Push{Ev: protocol.EvMessage, Room: room, Rev: m.Rev, Data: m}.Encode(), but)
		return
	}
}

// recent returns the newest messages of a room.
func (e *Edge) recent(ctx context.Context, room protocol.RoomID) ([]protocol.Message, error) {
	var page protocol.MessagesPage
	err := e.Link.Get(ctx, "/rooms/"+url.PathEscape(string(room))+"/messages", &page)
	return page.Messages, err
}
