package edge

import (
	"encoding/json"

	"github.com/google/uuid"

	"sendjay/shared/protocol"
)

// Tried is what a test notification brought to light.
type Tried struct {
	Shown    bool   `json:"shown"`
	Service  string `json:"service"`
	Click    bool   `json:"click"`
	Reply    bool   `json:"reply"`
	Withdraw bool   `json:"withdraw"`
	// Stay is set where the system heeds how long a notification shall stand there.
	Stay bool `json:"stay"`
	// Held is set while the system itself shows nothing: somebody presents, or a program fills the screen.
	Held bool `json:"held,omitempty"`
	// Off says why messages would not be shown just now: settings, quiet or paused; "" when they would.
	Off string `json:"off,omitempty"`
}

// Reply sends text to a room as a window would: kept until the server has it, and shown as failed in the
// windows where it cannot be sent.
func (e *Edge) Reply(room protocol.RoomID, text string, done func(error)) {
	id, err := uuid.NewV7()
	if err != nil {
		done(err)
		return
	}
	e.ask(protocol.OpMessageSend, protocol.SendMessage{ID: protocol.MessageID(id.String()), Room: room, Type: protocol.Talk, Body: protocol.Text(text)},
		func(reply json.RawMessage, err error) {
			var sent protocol.MessageSent
			if err == nil && json.Unmarshal(reply, &sent) == nil && sent.Seq > 0 {
				e.sent(sent, nil)
				e.tell(sent.Room, sent.ID, nil)
			}
			done(err)
		})
}

// Read moves my cursor as a window would; without a line it goes out later.
func (e *Edge) Read(room protocol.RoomID, seq protocol.Seq) {
	e.ask(protocol.OpMessageRead, protocol.ReadMessages{Room: room, Seq: seq}, func(json.RawMessage, error) {})
}

// because answers a window for this device: the server asks the others.
func (w *window) because(data json.RawMessage) {
	r, err := protocol.ReadRequest(protocol.OpWhy, data)
	ask, ok := r.(protocol.AskWhy)
	if err != nil || !ok || w.edge.Why == nil {
		return
	}
	e := w.edge
	e.mu.Lock()
	var to protocol.SessionID
	if e.hello != nil {
		to = e.hello.Session
	}
	e.mu.Unlock()
	e.Why(ask.Room, ask.Seq, func(decided []protocol.Decided) {
		w.put(protocol.Push{Ev: protocol.EvBecause, Data: protocol.BecauseTold{
			Device: protocol.Desktop, Because: protocol.Because{To: to, Room: ask.Room, Seq: ask.Seq, Decided: decided},
		}}.Encode())
	})
}

func (e *Edge) clearPages(account string) {
	if err := e.pages.clear(account); err != nil {
		e.Log.Error("what windows showed of the person cannot be removed", "error", err)
	}
}

// Forget takes from this device what belongs to the person who signs out.
func (e *Edge) Forget() {
	e.setLeft(true)
	if me := e.Me(); me != nil {
		e.clearPages(string(me.ID))
	}
	if err := e.State.Wipe(); err != nil {
		e.Log.Error("what was kept of the person cannot be wiped", "error", err)
	}
}

// AskWhether asks my other devices of which messages they have told me. Their answers come as events; asked hears how many
// there are to come, unless the line is lost.
func (e *Edge) AskWhether(q protocol.AskWhether, asked func(protocol.Asked)) {
	raw, err := json.Marshal(q)
	if err != nil {
		return
	}
	e.later(func() {
		var a protocol.Asked
		if reply, err := e.Link.Ask(e.ctx, protocol.OpWhether, raw); err == nil && json.Unmarshal(reply, &a) == nil {
			asked(a)
		}
	})
}

// Told answers another device of mine.
func (e *Edge) Told(t protocol.Told) {
	if raw, err := json.Marshal(t); err == nil {
		e.Link.Go(protocol.OpTold, raw) // volatile: nobody waits for the answer
	}
}

// Because answers another device of mine.
func (e *Edge) Because(b protocol.Because) {
	if raw, err := json.Marshal(b); err == nil {
		e.Link.Go(protocol.OpBecause, raw) // volatile: nobody waits for the answer
	}
}

func (e *Edge) ask(op protocol.Op, data any, done func(json.RawMessage, error)) {
	raw, err := json.Marshal(data)
	if err != nil {
		done(nil, err)
		return
	}
	e.later(func() {
		reply, err := e.outbox.Do(e.ctx, op, raw, nil)
		done(reply, err)
	})
}
