package person

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/websocket"

	"sendjay/shared/protocol"
)

// Connect opens the socket, waits for the first frame and catches up in every room known so far.
func (p *Person) Connect(ctx context.Context) error {
	p.mu.Lock()
	token := p.token
	p.mu.Unlock()
	header := http.Header{"Authorization": {"Bearer " + token}}
	if token == "" {
		var err error
		if header, err = p.asPage(http.Header{"Origin": {p.base}}); err != nil {
			return err
		}
	}
	conn, err := dial(ctx, p.base, header)
	if err != nil {
		return err
	}
	p.mu.Lock()
	life := make(chan struct{})
	p.conn, p.life, p.closed, p.hello = conn, life, 0, nil
	p.mu.Unlock()
	go p.read(conn, life)
	if err := p.Await(ctx, "hello", func() bool { return p.Hello() != nil || p.Closed() != 0 }); err != nil {
		return err
	}
	if code := p.Closed(); code != 0 {
		return Down{fmt.Errorf("closed with %d instead of hello", code)}
	}
	return p.catchUp(ctx)
}

// Open tries the upgrade with these headers and the cookies of the person, as a page would do, and
// returns the HTTP status that refused it, 101 when it was let in.
func (p *Person) Open(ctx context.Context, header http.Header) (int, error) {
	header, err := p.asPage(header)
	if err != nil {
		return 0, err
	}
	conn, err := dial(ctx, p.base, header)
	if err == nil {
		return http.StatusSwitchingProtocols, conn.Close()
	}
	if refused, ok := errors.AsType[refusedUpgrade](err); ok {
		return int(refused), nil
	}
	return 0, err
}

// asPage returns header with the person's cookies.
func (p *Person) asPage(header http.Header) (http.Header, error) {
	at, err := url.Parse(p.base)
	if err != nil {
		return nil, err
	}
	header = header.Clone()
	for _, c := range p.http.Jar.Cookies(at) {
		header.Add("Cookie", c.String())
	}
	return header, nil
}

// refusedUpgrade is the HTTP status of a refused upgrade.
type refusedUpgrade int

func (r refusedUpgrade) Error() string { return fmt.Sprintf("upgrade refused with %d", int(r)) }

func dial(ctx context.Context, base string, header http.Header) (*websocket.Conn, error) {
	d := websocket.Dialer{EnableCompression: true}
	conn, resp, err := d.DialContext(ctx, "ws"+strings.TrimPrefix(base, "http")+"/ws", header)
	if resp != nil {
		defer resp.Body.Close()
		if err != nil && resp.StatusCode != http.StatusSwitchingProtocols {
			return nil, refusedUpgrade(resp.StatusCode)
		}
	}
	if err != nil {
		return nil, Down{err}
	}
	return conn, nil
}

// Hang closes the socket like a program that was killed, and returns when its reader has ended.
func (p *Person) Hang() {
	p.mu.Lock()
	conn, life := p.conn, p.life
	p.mu.Unlock()
	if conn != nil {
		_ = conn.Close() // the peer may be gone: nobody to tell
		<-life
	}
	p.http.CloseIdleConnections()
}

// Do sends one command and waits for its answer, which it reads into out.
func (p *Person) Do(ctx context.Context, op protocol.Op, data, out any) error {
	raw, err := json.Marshal(data)
	if err != nil {
		return err
	}
	answer := make(chan reply, 1)
	p.mu.Lock()
	if p.conn == nil || p.closed != 0 {
		p.mu.Unlock()
		return Down{errors.New("no line")}
	}
	p.next++
	id := p.next
	p.waiting[id] = answer
	// Under the lock: a socket has one writer at a time, and this is a test's client.
	err = p.conn.WriteJSON(protocol.Ask{ID: id, Op: op, Data: raw})
	p.mu.Unlock()
	if err != nil {
		return Down{err}
	}
	select {
	case r := <-answer:
		if r.err != nil || out == nil {
			return r.err
		}
		return json.Unmarshal(r.data, out)
	case <-ctx.Done():
		return Down{ctx.Err()}
	}
}

// read is the one reader of conn.
func (p *Person) read(conn *websocket.Conn, life chan struct{}) {
	defer close(life)
	for {
		_, raw, err := conn.ReadMessage()
		if err != nil {
			p.hungUp(err)
			_ = conn.Close()
			return
		}
		var f frame
		if err := json.Unmarshal(raw, &f); err != nil {
			panic(fmt.Sprintf("the server sent what is not JSON: %.200s", raw))
		}
		if f.Re != 0 {
			p.answered(f)
			continue
		}
		p.heard(f.push)
	}
}

func (p *Person) hungUp(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = websocket.CloseAbnormalClosure
	if c, ok := errors.AsType[*websocket.CloseError](err); ok {
		p.closed = c.Code
	}
	for id, w := range p.waiting {
		w <- reply{err: Down{err}}
		delete(p.waiting, id)
	}
	p.wake()
}

func (p *Person) answered(f frame) {
	r := reply{data: f.Data}
	if f.Error != nil {
		r.err = protocol.Refuse(f.Error.Code)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.waiting[f.Re]; w != nil {
		w <- r
		delete(p.waiting, f.Re)
	}
	p.wake()
}

// heard takes an event into the log of its room. A gap is closed before the next frame is read, so that
// nothing overtakes it.
func (p *Person) heard(e push) {
	p.mu.Lock()
	p.pushes = append(p.pushes, e)
	gap, again := false, false
	switch {
	case e.Ev == protocol.EvHello:
		again = p.hello != nil // a tray's own line came back behind the same socket
		p.hello = &protocol.Hello{}
		must(e.Data, p.hello)
	case e.Ev == protocol.EvLink && p.hello != nil:
		// Greeted between the hello of the tray's own line and the word that it is up, a page hears that word alone.
		hello := *p.hello
		hello.Link = &protocol.Link{}
		must(e.Data, hello.Link)
		p.hello = &hello
	case e.Ev == protocol.EvMine:
		var m protocol.RoomMine
		must(e.Data, &m)
		p.log(m.Room).setUp(m)
	case e.Ev == protocol.EvHidden:
		var h protocol.MessageHidden
		must(e.Data, &h)
		if gap = p.log(h.Room).hidden(h); gap {
			e.Room = h.Room
		}
	case e.Room != "":
		// What led to the first event of a room nobody said.
		gap = p.log(e.Room).rev == 0 || !p.log(e.Room).apply(e, p.ID)
		if p.removed(e) {
			delete(p.rooms, e.Room)
			gap = false
		}
	}
	p.wake()
	p.mu.Unlock()
	ctx, stop := context.WithTimeout(context.Background(), p.http.Timeout)
	defer stop()
	// Without a line it stays behind; the next hello catches up.
	switch {
	case gap:
		_ = p.fetch(ctx, e.Room)
	case again:
		_ = p.catchUp(ctx)
	}
}

// removed reports whether e says that the person is no longer in the room: nothing of it stays.
func (p *Person) removed(e push) bool {
	if e.Ev != protocol.EvMembers {
		return false
	}
	var m protocol.MembersChanged
	must(e.Data, &m)
	return slices.ContainsFunc(m.Members, func(x protocol.Member) bool { return x.ID == p.ID && x.Left })
}

func must(raw []byte, into any) {
	if err := json.Unmarshal(raw, into); err != nil {
		panic(fmt.Sprintf("the server sent %T that cannot be read: %v: %.200s", into, err, raw))
	}
}
