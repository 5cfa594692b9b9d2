package link

import (
	"context"
	"encoding/json"

	"sendjay/shared/protocol"
)

// Call is a command on its way. Commands reach the server in the order of Go.
type Call struct {
	sent bool
	done chan struct{}
	data json.RawMessage
	err  error
}

func (c *Call) end(data json.RawMessage, err error) {
	c.data, c.err = data, err
	close(c.done)
}

// Sent is false when the line was down, so that the server cannot have heard of the command.
func (c *Call) Sent() bool { return c.sent }

// Done is closed when the answer is there, or will not come.
func (c *Call) Done() <-chan struct{} { return c.done }

// Result returns the answer once Done is closed: the data, or a *protocol.Refusal, or ErrDown.
func (c *Call) Result() (json.RawMessage, error) { return c.data, c.err }

// Go sends a command. The answer may come much later than anybody is willing to wait for it.
func (l *Link) Go(op protocol.Op, data json.RawMessage) *Call {
	call := &Call{done: make(chan struct{})}
	l.mu.Lock()
	c := l.line
	l.mu.Unlock()
	if c == nil {
		call.end(nil, ErrDown)
		return call
	}
	// One lock for number and place in the queue keeps the order.
	c.sending.Lock()
	defer c.sending.Unlock()
	if len(c.out) == cap(c.out) {
		call.end(nil, protocol.Refuse(protocol.RateLimited))
		return call
	}
	frame, err := c.frame(call, op, data)
	if err != nil {
		call.end(nil, protocol.Refuse(protocol.BadRequest))
		return call
	}
	call.sent = true
	c.out <- frame
	select {
	case <-c.down: // nobody may be left to abandon it
		c.abandon()
	default:
	}
	return call
}

// Ask sends a command and waits for its answer, at most AskWithin: the data, a *protocol.Refusal, or ErrDown.
func (l *Link) Ask(ctx context.Context, op protocol.Op, data json.RawMessage) (json.RawMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, AskWithin)
	defer cancel()
	call := l.Go(op, data)
	select {
	case <-call.Done():
		return call.Result()
	case <-ctx.Done():
		return nil, ErrDown
	}
}
