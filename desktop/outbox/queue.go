package outbox

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"sendjay/desktop/state"
	"sendjay/shared/protocol"
)

// retryAfter is how long a command rests that the server could not take just now.
const retryAfter = 5 * time.Second

// queued is the answer to a command that goes up later.
var queued = json.RawMessage(`{"queued":true}`)

// buffer sends a command now, or keeps it until the line is back. Nothing overtakes what waits already.
func (o *Outbox) buffer(ctx context.Context, op protocol.Op, data json.RawMessage, request protocol.Request, begin func()) (json.RawMessage, error) {
	o.mu.Lock()
	if err := o.load(); err != nil {
		o.mu.Unlock()
		return nil, errUnavailable
	}
	if !o.up || len(o.queue) > 0 {
		err := o.push(op, data, request)
		o.mu.Unlock()
		if err != nil {
			o.Log.Warn("a command could not be kept", "op", op, "error", err)
			return nil, errUnavailable
		}
		o.kick()
		return queued, nil
	}
	if _, cursor := request.(protocol.ReadMessages); !cursor {
		// It goes up from the queue at once, and is on disk until it is acknowledged.
		err := o.push(op, data, request)
		key := ""
		if err == nil {
			key = o.queue[len(o.queue)-1].key
			o.flying = key
		}
		call := o.Go(op, data)
		o.mu.Unlock()
		begin()
		return o.first(ctx, call, key)
	}
	call := o.Go(op, data)
	o.mu.Unlock()
	begin()
	reply, err := await(ctx, call)
	if protocol.CodeOf(err) != protocol.Unavailable {
		return reply, err
	}
	o.mu.Lock()
	err = o.push(op, data, request)
	o.mu.Unlock()
	if err != nil {
		return nil, errUnavailable
	}
	o.kick()
	return queued, nil
}

// first waits for the answer to a command that stands at the head of the queue.
func (o *Outbox) first(ctx context.Context, call Call, key string) (json.RawMessage, error) {
	reply, err := await(ctx, call)
	if key == "" {
		return reply, err
	}
	o.mu.Lock()
	o.flying = ""
	again := protocol.CodeOf(err) == protocol.Unavailable
	if !again {
		o.remove(key)
	}
	o.mu.Unlock()
	o.kick() // others may have come behind it
	if again {
		return queued, nil
	}
	return reply, err
}

// load reads the queue of the account; o.mu is held.
func (o *Outbox) load() error {
	account := o.State.Account()
	if o.queue != nil && o.whose == account {
		return nil
	}
	all, err := o.State.All(state.Queue)
	if err != nil {
		return err
	}
	o.queue, o.whose = []waiting{}, account
	for _, key := range slices.Sorted(maps.Keys(all)) {
		w := waiting{key: key}
		if json.Unmarshal(all[key], &w) == nil {
			o.queue = append(o.queue, w)
		}
	}
	return nil
}

// push puts a command behind the others; o.mu is held. Of a room's read cursors only the newest counts.
func (o *Outbox) push(op protocol.Op, data json.RawMessage, request protocol.Request) error {
	if read, ok := request.(protocol.ReadMessages); ok {
		for _, w := range o.queue {
			var old protocol.ReadMessages
			if w.Op != op || json.Unmarshal(w.Data, &old) != nil || old.Room != read.Room {
				continue
			}
			if old.Seq >= read.Seq {
				return nil
			}
			o.remove(w.key)
			break
		}
	}
	w := waiting{Op: op, Data: data}
	raw, err := json.Marshal(w)
	if err != nil {
		return err
	}
	if w.key, err = o.State.Append(state.Queue, raw); err != nil {
		return err
	}
	o.queue = append(o.queue, w)
	return nil
}

// remove drops a command; o.mu is held.
func (o *Outbox) remove(key string) {
	if err := o.State.Delete(state.Queue, key); err != nil {
		o.Log.Warn("a command that is done stays in the queue", "error", err)
	}
	o.queue = slices.DeleteFunc(o.queue, func(w waiting) bool { return w.key == key })
}

// Up is told when the line is up, and for whom the state is, after every hello.
func (o *Outbox) Up() {
	o.mu.Lock()
	if !o.up {
		o.up = true
		close(o.risen)
	}
	o.mu.Unlock()
	o.kick()
}

// Down is told when the line is down.
func (o *Outbox) Down() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.up {
		o.up, o.risen = false, make(chan struct{})
	}
}

func (o *Outbox) kick() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Run sends what waits whenever the line is up, until ctx ends.
func (o *Outbox) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.wake:
		}
		if rest := o.flush(ctx); rest > 0 {
			timer := time.NewTimer(rest)
			select {
			case <-ctx.Done():
				timer.Stop()
				return
			case <-timer.C:
				o.kick()
			}
			continue
		}
		o.settle(ctx)
	}
}

// flush sends the queue in order. It returns how long to rest before the next try; 0 when the queue is
// empty or the line is down.
func (o *Outbox) flush(ctx context.Context) time.Duration {
	for ctx.Err() == nil {
		o.mu.Lock()
		if err := o.load(); err != nil || !o.up || len(o.queue) == 0 {
			o.mu.Unlock()
			return 0
		}
		w, account := o.queue[0], o.whose
		if w.key == o.flying {
			o.mu.Unlock()
			return 0 // its sender comes back to us
		}
		call := o.Go(w.Op, w.Data)
		o.mu.Unlock()
		_, err := await(ctx, call)
		switch protocol.CodeOf(err) {
		case protocol.Unavailable:
			if !call.Sent() {
				return 0 // the next hello brings us back
			}
			return retryAfter
		case protocol.RateLimited, protocol.Internal, protocol.Unauthenticated:
			return retryAfter
		case "":
		default:
			o.Log.Info("a buffered command was refused", "op", w.Op, "code", protocol.CodeOf(err))
		}
		o.mu.Lock()
		if o.whose == account {
			o.remove(w.key)
		}
		o.mu.Unlock()
	}
	return 0
}

// settle finds out what became of messages whose answer was lost.
func (o *Outbox) settle(ctx context.Context) {
	if o.Recent == nil {
		return
	}
	all, err := o.Items()
	if err != nil {
		return
	}
	rooms := map[protocol.RoomID][]Item{}
	for _, raw := range all {
		var item Item
		if json.Unmarshal(raw, &item) == nil && item.State == Failed && item.Unsure {
			rooms[item.Room] = append(rooms[item.Room], item)
		}
	}
	for room, items := range rooms {
		there, err := o.Recent(ctx, room)
		if err != nil {
			continue
		}
		for _, item := range items {
			if slices.ContainsFunc(there, func(m protocol.Message) bool { return m.ID == item.ID }) {
				o.drop(item.ID)
				if o.Arrived != nil {
					o.Arrived(room, item.ID)
				}
			}
		}
	}
}

// Restore is called once at the start: what was on its way when the program ended has failed, as far as
// anybody knows.
func (o *Outbox) Restore() {
	all, err := o.Items()
	if err != nil {
		o.Log.Warn("the outbox cannot be read", "error", err)
		return
	}
	for _, raw := range all {
		var item Item
		if json.Unmarshal(raw, &item) == nil && item.State == Waiting {
			item.State, item.Code, item.Unsure = Failed, protocol.Unavailable, true
			if err := o.put(item); err != nil {
				o.Log.Warn("a message could not be kept", "error", err)
			}
		}
	}
}
