package fanout

import (
	"bytes"
	"context"
	"encoding/json"

	"sendjay/server/bus"
	"sendjay/server/chat"
	"sendjay/server/session"
	"sendjay/shared/protocol"
)

// Bus is what is needed of the way to the other nodes.
type Bus interface {
	Publish(topic string, data []byte)
	Subscribe(topic string, hear func(from string, data []byte)) (stop func())
	Around(hear func(bus.Change)) (stop func())
	Up() bool
	Others() int
}

// topic is ours on the bus.
const topic = "event"

// envelope is what the other nodes need to know of an event beside its frame, which follows as it is.
type envelope struct {
	Ev        protocol.EventName `json:"e,omitempty"`
	Room      protocol.RoomID    `json:"r,omitempty"`
	Seq       protocol.Seq       `json:"s,omitempty"`
	Rev       protocol.Rev       `json:"v,omitempty"`
	Skip      protocol.SessionID `json:"k,omitempty"`
	To        []protocol.UserID  `json:"t,omitempty"`
	MembersAt protocol.Rev       `json:"a,omitempty"`
	// Moved says that members came or left; the others look them up.
	Moved bool `json:"m,omitempty"`
	// Past is that of the event, and Less the frame without what it shows.
	Past protocol.Seq    `json:"p,omitempty"`
	Less json.RawMessage `json:"l,omitempty"`
}

// join begins to hear the other nodes.
func (f *Fanout) join(c Config) {
	f.doubt = newDoubt(f, c)
	f.deaf = append(f.deaf, f.bus.Subscribe(topic, f.hear), f.bus.Around(f.doubt.around))
}

// carry hands an event to the other nodes.
func (f *Fanout) carry(e *chat.Event, frame *session.Frame) {
	out := envelope{Ev: e.Ev, Room: e.Room, Seq: e.Seq, Rev: e.Rev, Skip: e.Skip, To: e.To, MembersAt: e.MembersAt, Moved: len(e.Moved) > 0, Past: e.Past}
	if e.Past > 0 {
		out.Less = without(e).Encode()
	}
	head, err := json.Marshal(out)
	if err != nil {
		panic("fanout: an envelope that does not encode: " + err.Error())
	}
	data := make([]byte, 0, len(head)+1+len(frame.Text))
	data = append(append(append(data, head...), '\n'), frame.Text...)
	f.bus.Publish(topic, data)
}

// date sees to it that an event of a room bears the rev of its members, which not every rule hands along.
func (f *Fanout) date(e *chat.Event) {
	if e.MembersAt > 0 || e.Room == "" || e.To != nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), loadTime)
	defer cancel()
	at, err := f.members.at(ctx, e.Room)
	if err != nil {
		f.members.forget(e.Room) // then they are looked up, or the event is dropped
		return
	}
	e.MembersAt = at
}

// hear takes an event of another node. It does not wait: what is too much is left out, and looked up later.
func (f *Fanout) hear(_ string, data []byte) {
	head, text, ok := bytes.Cut(data, []byte{'\n'})
	var e envelope
	if !ok || json.Unmarshal(head, &e) != nil {
		f.log.Warn("an event that cannot be read", "bytes", len(data))
		return
	}
	i := item{
		event: chat.Event{
			Push: protocol.Push{Ev: e.Ev, Room: e.Room, Rev: e.Rev}, Seq: e.Seq, Past: e.Past, Skip: e.Skip, To: e.To, MembersAt: e.MembersAt,
		},
		frame: session.FrameOf(bytes.Clone(text)), less: session.FrameOf(e.Less), far: true, weight: max(len(e.To), f.members.count(e.Room)) + 1,
	}
	if e.Moved {
		f.members.changed(e.Room, nil, e.MembersAt)
	}
	if !f.shard(e.Room).takeFar(i) {
		f.doubt.raise(0)
		return
	}
	if f.heard != nil && e.Room != "" {
		f.heard(e.Room)
	}
}
