package link

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"sendjay/shared/protocol"
)

const (
	// pollWithin is how long a question may take: the server answers after 20 s at the latest.
	pollWithin = 30 * time.Second
	// byeWithin is how long we try to say that we go.
	byeWithin = 2 * time.Second
)

// plainWire is a session over plain HTTP: questions that the server answers when there is something.
type plainWire struct {
	l     *Link
	path  string
	heard func()
	ctx   context.Context
	stop  context.CancelFunc

	after  int64 // the number of the last frame that came
	frames []string
	over   protocol.CloseCode
}

// plainly opens a session over plain HTTP.
func (l *Link) plainly(ctx context.Context, heard func()) (wire, over) {
	w := &plainWire{l: l, path: "/api/v1/line/" + rand.Text(), heard: heard}
	w.ctx, w.stop = context.WithCancel(ctx)
	if err := w.fetch(http.MethodPut, "", dialWithin); err != nil {
		w.stop()
		o := over{err: err, reached: true}
		if protocol.CodeOf(err) == protocol.Unauthenticated {
			o.status, o.ours = http.StatusUnauthorized, true
		}
		return nil, o
	}
	return w, over{reached: true}
}

// call sends one request, again where that may help: nothing of it counts twice.
func (w *plainWire) call(ctx context.Context, method, query string, body []byte, within time.Duration, out any) error {
	for try := 0; ; try++ {
		err := w.once(ctx, method, query, body, within, out)
		no, refused := errors.AsType[*protocol.Refusal](err)
		switch {
		case err == nil || ctx.Err() != nil || !refused && (try > 0 || errors.Is(err, context.DeadlineExceeded)):
			return err
		case !refused:
			continue // a proxy that closed a kept connection at the wrong moment
		case no.Code != protocol.RateLimited:
			return err
		}
		select {
		case <-time.After(time.Duration(max(no.RetryAfter, 1)) * time.Second):
		case <-ctx.Done():
			return err
		}
	}
}

func (w *plainWire) once(ctx context.Context, method, query string, body []byte, within time.Duration, out any) error {
	ctx, stop := context.WithTimeout(ctx, within)
	defer stop()
	r, err := http.NewRequestWithContext(ctx, method, w.path+query, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := w.l.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	return answer(resp, out)
}

// fetch gets what follows.
func (w *plainWire) fetch(method, query string, within time.Duration) error {
	var got protocol.LineFrames
	if err := w.call(w.ctx, method, query, nil, within, &got); err != nil {
		return err
	}
	w.heard()
	skip := w.after - got.After
	if skip < 0 {
		return fmt.Errorf("%w: frames are missing", ErrDown)
	}
	if skip < int64(len(got.Frames)) {
		w.frames = got.Frames[skip:]
		w.after += int64(len(w.frames))
	}
	w.over = got.Close
	return nil
}

func (w *plainWire) read() ([]byte, error) {
	for len(w.frames) == 0 {
		if w.over != 0 {
			return nil, &ending{w.over}
		}
		if err := w.fetch(http.MethodGet, fmt.Sprintf("?after=%d", w.after), pollWithin); err != nil {
			return nil, err
		}
	}
	frame := []byte(w.frames[0])
	w.frames = w.frames[1:]
	return frame, nil
}

func (w *plainWire) write(frames [][]byte) error {
	in := protocol.LineAsks{Frames: make([]string, len(frames))}
	for i, f := range frames {
		in.Frames[i] = string(f)
	}
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return w.call(w.ctx, http.MethodPost, "", body, writeWithin, &protocol.Done{})
}

func (w *plainWire) greeted() {}
func (w *plainWire) close()   { w.stop() }

// bye tells the server that the session is over, so that nobody takes it for a living one.
func (w *plainWire) bye(ctx context.Context) {
	_ = w.once(context.WithoutCancel(ctx), http.MethodDelete, "", nil, byeWithin, &protocol.Done{}) // otherwise it finds out by itself
}
