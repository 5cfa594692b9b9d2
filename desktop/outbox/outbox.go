// Package outbox is what still has to go up, across restarts, as shared/delivery says.
// It knows items and their order; it does not know the socket, the screen, or what a command means.
//
// What is kept is on disk before it is sent, and leaves the disk when the server has acknowledged it
// or the person has deleted it. The one exception is a read cursor while the line is up: the next one
// makes up for it.
package outbox

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"sendjay/desktop/state"
	"sendjay/shared/delivery"
	"sendjay/shared/protocol"
)

// Call is a command on its way.
type Call interface {
	// Sent is false when the server cannot have heard of it.
	Sent() bool
	Done() <-chan struct{}
	// Result is the data or a *protocol.Refusal; any other error means that no answer came.
	Result() (json.RawMessage, error)
}

// Config sets up an Outbox. State and Go are needed.
type Config struct {
	State *state.State
	// Go sends a command; those of one caller arrive in order.
	Go func(op protocol.Op, data json.RawMessage) Call
	// Retry dials at once. It reports false where that is of no use before somebody has acted. Nil dials never.
	Retry func() bool
	// Recent returns the newest messages of a room. It tells what became of a message whose answer was lost.
	Recent func(ctx context.Context, room protocol.RoomID) ([]protocol.Message, error)
	// Arrived is called with a message of ours that turned out to be stored after its sender was told
	// that it failed. Body and the like are as the server has them, where it was asked.
	Arrived func(room protocol.RoomID, id protocol.MessageID)
	Log     *slog.Logger
}

// Patience is how long a command may take before its sender is told that it failed: the send timeout of the design.
const Patience = 5 * time.Second

// Item is a message that is not acknowledged.
type Item struct {
	ID    protocol.MessageID   `json:"id"`
	Room  protocol.RoomID      `json:"room"`
	Type  protocol.MessageType `json:"type"`
	Body  protocol.Text        `json:"body"`
	Reply protocol.MessageID   `json:"reply,omitempty"`
	// Mentions, Forwarded and Urgent go along when it is sent again.
	Mentions  []protocol.UserID `json:"mentions,omitempty"`
	Forwarded bool              `json:"forwarded,omitempty"`
	Urgent    bool              `json:"urgent,omitempty"`
	At        protocol.Instant  `json:"at"`
	State     string            `json:"state"`
	Code      protocol.Code     `json:"code,omitempty"`
	// Unsure is set when the server may have stored it all the same.
	Unsure bool `json:"unsure,omitempty"`
}

// The states of an Item.
const (
	Waiting = "waiting"
	Failed  = "failed"
)

// Outbox holds what still has to go up.
type Outbox struct {
	Config
	wake chan struct{}

	mu     sync.Mutex // guards the fields below, and the order of buffered commands
	up     bool
	risen  chan struct{} // closed when the line is up
	queue  []waiting     // what is in state.Queue, in order; nil until loaded
	whose  string        // the account whose queue was loaded
	flying string        // the key of the head while its first sender waits for the answer
}

// waiting is a buffered command.
type waiting struct {
	key  string
	Op   protocol.Op     `json:"op"`
	Data json.RawMessage `json:"data"`
}

// New returns an Outbox.
func New(c Config) *Outbox {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Log = c.Log.With("part", "outbox")
	return &Outbox{Config: c, wake: make(chan struct{}, 1), risen: make(chan struct{})}
}

// Do carries out a command as its class says. It has taken its place in the order when started is called,
// which is before the answer is waited for; started may be nil.
func (o *Outbox) Do(ctx context.Context, op protocol.Op, data json.RawMessage, started func()) (json.RawMessage, error) {
	begin := sync.OnceFunc(func() {
		if started != nil {
			started()
		}
	})
	defer begin()
	request, err := protocol.ReadRequest(op, data)
	if err != nil {
		return nil, err
	}
	var kind protocol.MessageType
	send, isMessage := request.(protocol.SendMessage)
	if isMessage {
		if send.Type == "" {
			send.Type = protocol.Talk
		}
		kind = send.Type
	}
	rule := delivery.Of(op, kind)
	switch {
	case rule.Down == delivery.Buffer:
		return o.buffer(ctx, op, data, request, begin)
	case rule.Kept && isMessage:
		return o.keep(ctx, send, data, begin)
	}
	call := o.Go(op, data)
	begin()
	if rule.Down == delivery.Drop && !call.Sent() {
		return json.RawMessage(`{}`), nil
	}
	return await(ctx, call)
}

var errUnavailable = protocol.Refuse(protocol.Unavailable)

// await waits for an answer as long as a person does.
func await(ctx context.Context, call Call) (json.RawMessage, error) {
	ctx, stop := context.WithTimeout(ctx, Patience)
	defer stop()
	select {
	case <-call.Done():
		return settled(call)
	case <-ctx.Done():
	}
	return nil, errUnavailable
}

// rise brings the line up if it can be had before ctx ends.
func (o *Outbox) rise(ctx context.Context) {
	o.mu.Lock()
	up, risen := o.up, o.risen
	o.mu.Unlock()
	if up || o.Retry == nil || !o.Retry() {
		return
	}
	select {
	case <-risen:
	case <-ctx.Done():
	}
}

// settled returns the result of a call that is done; without an answer that is Unavailable.
func settled(call Call) (json.RawMessage, error) {
	data, err := call.Result()
	if _, refused := errors.AsType[*protocol.Refusal](err); err != nil && !refused {
		return nil, errUnavailable
	}
	return data, err
}

// keep sends a message that is stored until it is acknowledged. One that failed before is sent because the person says so,
// who does not want to wait until the line comes back by itself.
func (o *Outbox) keep(ctx context.Context, m protocol.SendMessage, data json.RawMessage, begin func()) (json.RawMessage, error) {
	item := Item{ID: m.ID, Room: m.Room, Type: m.Type, Body: m.Body, Reply: m.Reply, Mentions: m.Mentions, Forwarded: m.Forwarded, Urgent: m.Urgent, At: protocol.At(time.Now()), State: Waiting}
	old, again := o.item(m.ID)
	if again {
		item.At, item.Unsure = old.At, old.Unsure
	}
	account := o.State.Account()
	if err := o.put(item); err != nil {
		// Better sent and not kept than neither.
		o.Log.Warn("a message could not be kept", "error", err)
	}
	ctx, stop := context.WithTimeout(ctx, Patience)
	defer stop()
	if again && old.State == Failed {
		begin()
		o.rise(ctx)
		if _, there := o.item(m.ID); !there || account != o.State.Account() { // deleted meanwhile, or its person is gone
			return nil, errUnavailable
		}
	}
	call := o.Go(protocol.OpMessageSend, data)
	begin()
	item.Unsure = item.Unsure || call.Sent()
	reply, err := await(ctx, call)
	if err == nil {
		o.drop(m.ID)
		return reply, nil
	}
	item.State, item.Code = Failed, protocol.CodeOf(err)
	if item.Code != protocol.Unavailable {
		item.Unsure = false
	}
	// Unless it was deleted meanwhile.
	if _, there := o.item(m.ID); there {
		if err := o.put(item); err != nil {
			o.Log.Warn("a message could not be kept", "error", err)
		}
	}
	select {
	case <-call.Done():
	default:
		go o.late(account, call, m)
	}
	return nil, err
}

// late waits for the answer that its sender did not wait for. Every call ends with its connection.
func (o *Outbox) late(account string, call Call, m protocol.SendMessage) {
	<-call.Done()
	if _, err := call.Result(); err == nil && account == o.State.Account() {
		o.drop(m.ID)
		if o.Arrived != nil {
			o.Arrived(m.Room, m.ID)
		}
	}
}

// Items returns the messages that are not acknowledged, by id, as the windows read them.
func (o *Outbox) Items() (map[string]json.RawMessage, error) { return o.State.All(state.Outbox) }

// Delete forgets a message that shall not be sent any more.
func (o *Outbox) Delete(id protocol.MessageID) error { return o.State.Delete(state.Outbox, string(id)) }

func (o *Outbox) item(id protocol.MessageID) (Item, bool) {
	var item Item
	raw, err := o.State.Get(state.Outbox, string(id))
	return item, err == nil && raw != nil && json.Unmarshal(raw, &item) == nil
}

func (o *Outbox) put(item Item) error {
	raw, err := json.Marshal(item)
	if err != nil {
		return err
	}
	return o.State.Put(state.Outbox, string(item.ID), raw)
}

func (o *Outbox) drop(id protocol.MessageID) {
	if err := o.Delete(id); err != nil {
		o.Log.Warn("an acknowledged message stays in the outbox", "error", err)
	}
}
