package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync/atomic"
	"time"
)

// load is one spell of sending. Messages are numbered; the number is the command's id and stands in
// the message's id, so that whoever hears one knows when it should have been sent.
type load struct {
	name  string
	begin time.Time
	due   []atomic.Int64 // nanoseconds after begin

	acked, refused atomic.Int64
	heard          atomic.Int64 // deliveries
	expected       atomic.Int64
	ack, delivery  hist
	again          func(c *client) // what a sender does after an answer
}

// current is the load that what arrives belongs to.
var current atomic.Pointer[load]

var loads atomic.Int64

func newLoad(most int) *load {
	l := &load{name: fmt.Sprintf("b%d-%d-", time.Now().UnixNano(), loads.Add(1)), due: make([]atomic.Int64, most)}
	l.begin = time.Now()
	current.Store(l)
	return l
}

var (
	asAnswer = []byte(`{"re":`)
	asNew    = []byte(`{"ev":"message.new"`)
	asError  = []byte(`"error"`)
	asID     = []byte(`"id":"`)
)

// hear takes every frame of every client.
func hear(c *client, frame []byte) {
	l := current.Load()
	if l == nil {
		return
	}
	switch {
	case bytes.HasPrefix(frame, asNew):
		at := bytes.Index(frame, asID)
		l.delivered(frame[at+len(asID):])
	case bytes.HasPrefix(frame, asAnswer):
		n, ok := number(frame[len(asAnswer):])
		l.answered(c, n, ok, bytes.Contains(frame, asError))
	}
}

// delivered counts a message that arrived; id begins with the message's.
func (l *load) delivered(id []byte) {
	rest, ours := bytes.CutPrefix(id, []byte(l.name))
	if n, ok := number(rest); ours && ok && n < len(l.due) {
		l.heard.Add(1)
		l.delivery.add(time.Since(l.begin) - time.Duration(l.due[n].Load()))
	}
}

// answered counts the answer to command n.
func (l *load) answered(c *client, n int, ok, refused bool) {
	if refused {
		l.refused.Add(1)
	} else if ok && n < len(l.due) {
		l.acked.Add(1)
		l.ack.add(time.Since(l.begin) - time.Duration(l.due[n].Load()))
	}
	if l.again != nil {
		l.again(c)
	}
}

// number reads the digits at the start of b.
func number(b []byte) (n int, ok bool) {
	for i, d := range b {
		if d < '0' || d > '9' {
			return n, i > 0
		}
		n = n*10 + int(d-'0')
	}
	return 0, false
}

// send sends message n of the load, which was due at that time, into r.
func (l *load) send(c *client, r room, n int, due time.Duration) error {
	l.due[n].Store(int64(due))
	l.expected.Add(int64(len(r.members)-1) + c.wire.echo)
	return c.write(0x81, c.wire.say(l, r, n))
}

// send writes our command.
func send(l *load, r room, n int) []byte {
	b := make([]byte, 0, 300)
	b = append(b, `{"id":`...)
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, `,"op":"message.send","data":{"id":"`...)
	b = append(b, l.name...)
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, `","room":"`...)
	b = append(b, r.id...)
	b = append(b, `","type":"talk","body":"`...)
	b = append(b, text...)
	return append(b, `"}}`...)
}

// steady sends at rate for spell, whatever the server does, taking rooms and their members in turn.
func steady(ctx context.Context, clients []*client, rooms []room, rate float64, spell time.Duration) (*load, error) {
	most := int(rate * spell.Seconds())
	l := newLoad(most)
	// A little jitter, so that we do not beat in time with anything; the order stays.
	gap := float64(time.Second) / rate
	for n := range most {
		due := time.Duration((float64(n) + rand.Float64()) * gap)
		if wait := due - time.Since(l.begin); wait > 0 {
			select {
			case <-time.After(wait):
			case <-ctx.Done():
				return l, ctx.Err()
			}
		}
		r := rooms[n%len(rooms)]
		by := r.members[n/len(rooms)%len(r.members)]
		if err := l.send(clients[by], r, n, due); err != nil {
			return l, err
		}
	}
	return l, l.settle(ctx)
}

// flood keeps window messages of every sender under way for spell, and returns how long it really took
// from the first to the last one.
func flood(ctx context.Context, clients []*client, senders []room, window int, spell time.Duration) (*load, float64, float64, error) {
	l := newLoad(4_000_000)
	var next atomic.Int64
	var over atomic.Bool
	of := map[int]room{}
	for _, r := range senders {
		of[r.members[0]] = r
	}
	l.again = func(c *client) {
		r, ok := of[c.user]
		if n := int(next.Add(1)) - 1; ok && !over.Load() && n < len(l.due) {
			_ = l.send(c, r, n, time.Since(l.begin)) // a broken connection is counted where it is read
		}
	}
	for range window {
		for _, r := range senders {
			l.again(clients[r.members[0]])
		}
	}
	// What counts lies between two moments of full flood.
	if err := pause(ctx, spell/4); err != nil {
		return l, 0, 0, err
	}
	began, acked, heard := time.Now(), l.acked.Load(), l.heard.Load()
	if err := pause(ctx, spell); err != nil {
		return l, 0, 0, err
	}
	took := time.Since(began).Seconds()
	sends, deliveries := float64(l.acked.Load()-acked)/took, float64(l.heard.Load()-heard)/took
	over.Store(true)
	return l, sends, deliveries, l.settle(ctx)
}

// settle waits until everything expected was heard, or nothing more comes.
func (l *load) settle(ctx context.Context) error {
	last, still := int64(-1), 0
	for still < 30 {
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
		heard := l.heard.Load() + l.acked.Load()
		if l.heard.Load() >= l.expected.Load() {
			return nil
		}
		if still++; heard != last {
			last, still = heard, 0
		}
	}
	return nil
}

// lost is how many deliveries never came.
func (l *load) lost() float64 { return float64(l.expected.Load() - l.heard.Load()) }

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
