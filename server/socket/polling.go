package socket

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/shared/protocol"
)

// What one request may carry.
const (
	askFrames = 64
	askBytes  = 512 << 10
	nameBytes = 64
)

// Polling returns the handler of /api/v1/line/{id}: a live session for those to whom no WebSocket gets through. It is
// the same session, with the same frames and rights; only the way is another. Who asks is checked at every request.
func (s *Server) Polling() http.Handler { return http.HandlerFunc(s.poll) }

func (s *Server) poll(w http.ResponseWriter, r *http.Request) {
	by, err := s.Auth(r)
	if err == nil && by.Cookie && !s.ours(r) {
		err = protocol.Refuse(protocol.Forbidden)
	}
	if err == nil && r.Method != http.MethodGet && s.Spend != nil && !s.Spend(by.SignIn) {
		err = &protocol.Refusal{Code: protocol.RateLimited, RetryAfter: 1}
	}
	var out any = protocol.Done{}
	if err == nil {
		n := name{by.User.ID, by.SignIn, r.PathValue("id")}
		switch r.Method {
		case http.MethodPut:
			out, err = s.pollOpen(by, n)
		case http.MethodGet:
			out, err = s.pollFetch(r, n)
		case http.MethodPost:
			err = s.pollAsk(w, r, n)
		default:
			err = s.pollClose(n)
		}
	}
	if err != nil {
		s.refuse(w, r, protocol.CodeOf(err).Status(), err, by.Lang)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(out) // the asker may be gone
	if f, fetched := out.(protocol.LineFrames); fetched && f.Close != 0 && s.stopping() {
		s.dropPolled(s.polledOf(name{by.User.ID, by.SignIn, r.PathValue("id")}))
	}
}

// pollOpen opens a session, or begins a live one of that name again whose first answer was lost.
func (s *Server) pollOpen(by Caller, n name) (protocol.LineFrames, error) {
	if n.id == "" || len(n.id) > nameBytes {
		return protocol.LineFrames{}, protocol.RefuseField(protocol.BadRequest, "id")
	}
	s.mu.Lock()
	p := s.polled[n]
	fresh := p == nil
	if fresh && s.draining {
		s.mu.Unlock()
		return protocol.LineFrames{}, &protocol.Refusal{Code: protocol.Unavailable, RetryAfter: 1}
	}
	if fresh {
		p = s.openPolled(by, n)
		s.polled[n] = p
	}
	s.mu.Unlock()
	if fresh {
		p.greet(by)
	}
	p.alive()
	out, _, err := p.fetch(0, false)
	return out, err
}

// pollFetch waits for what follows.
func (s *Server) pollFetch(r *http.Request, n name) (protocol.LineFrames, error) {
	after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if err != nil {
		return protocol.LineFrames{}, protocol.RefuseField(protocol.BadRequest, "after")
	}
	p := s.polledOf(n)
	if p == nil {
		return protocol.LineFrames{}, protocol.Refuse(protocol.NotFound)
	}
	p.alive()
	hold := time.NewTimer(p.pause())
	defer hold.Stop()
	select {
	case <-hold.C:
	case <-r.Context().Done():
	}
	out, wait, err := p.fetch(after, true)
	if err != nil || wait == nil {
		return out, err
	}
	hold.Reset(holdFor)
	select {
	case <-wait:
	case <-hold.C:
	case <-r.Context().Done():
		p.left()
		return out, nil
	}
	p.alive()
	out, _, err = p.fetch(after, false)
	return out, err
}

// pollAsk carries out commands, in their order.
func (s *Server) pollAsk(w http.ResponseWriter, r *http.Request, n name) error {
	p := s.polledOf(n)
	if p == nil {
		return protocol.Refuse(protocol.NotFound)
	}
	var in protocol.LineAsks
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, askBytes)).Decode(&in)
	_, long := errors.AsType[*http.MaxBytesError](err)
	switch {
	case long:
		return protocol.Refuse(protocol.TooLarge)
	case err != nil:
		return protocol.Refuse(protocol.BadRequest)
	case len(in.Frames) == 0 || len(in.Frames) > askFrames:
		return protocol.RefuseField(protocol.BadRequest, "frames")
	}
	for _, f := range in.Frames {
		if int64(len(f)) > protocol.Limits.FrameBytes {
			return protocol.RefuseField(protocol.TooLarge, "frames")
		}
	}
	p.alive()
	p.asking.Lock()
	defer p.asking.Unlock()
	for _, f := range in.Frames {
		if !p.take(f) {
			break
		}
	}
	return nil
}

// take carries out one frame. It reports false when the session is over.
func (p *polled) take(frame string) bool {
	p.mu.Lock()
	over := p.ending
	p.mu.Unlock()
	if over {
		return false
	}
	text := []byte(frame)
	ask, err := protocol.ReadAsk(text)
	switch {
	case err != nil:
		p.srv.take(p, text) // says what is wrong with it
		p.srv.badFrames.Add(1)
		if p.bad++; p.bad >= badFrames {
			p.End(websocket.ClosePolicyViolation, nil)
		}
	case ask.ID > p.asked:
		p.asked = ask.ID
		p.bad = max(0, p.bad-1)
		p.srv.carryOut(p, p.caller, ask)
	} // else it was here before, and its answer waits or has come across
	return true
}

func (s *Server) pollClose(n name) error {
	p := s.polledOf(n)
	if p == nil {
		return protocol.Refuse(protocol.NotFound)
	}
	p.End(websocket.CloseNormalClosure, nil)
	s.dropPolled(p)
	return nil
}

func (s *Server) polledOf(n name) *polled {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.polled[n]
}

// dropPolled forgets a session that is over.
func (s *Server) dropPolled(p *polled) {
	if p == nil {
		return
	}
	p.mu.Lock()
	p.beat.Stop()
	p.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.polled[p.name] == p {
		delete(s.polled, p.name)
		s.settled()
	}
}
