package socket

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/server/chat"
	"sendjay/server/command"
	"sendjay/server/fanout"
	"sendjay/server/session"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// stack is a server of real parts over a fresh database. Whoever sends "Authorization: Bearer NAME"
// is NAME; the cookie "who" works as well.
type stack struct {
	*Server
	store    *store.Store
	chat     *chat.Chat
	sessions *session.Registry
	url      string
}

func newStack(t *testing.T, people ...protocol.UserID) *stack {
	t.Helper()
	st, err := store.Open(t.Context(), store.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range people {
		if err := st.AddAccount(t.Context(), store.Account{User: protocol.User{ID: p, Name: strings.ToUpper(string(p))}, Active: true}); err != nil {
			t.Fatal(err)
		}
	}
	sessions := session.NewRegistry(session.Config{})
	fan := fanout.New(fanout.Config{Sessions: sessions, Members: st.Members})
	talk := chat.New(chat.Config{Store: st, Out: fan})
	s := New(Config{
		Auth: func(r *http.Request) (Caller, error) {
			c := Caller{Lang: "en"}
			name, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
			if !bearer {
				k, err := r.Cookie("who")
				if err != nil {
					return c, protocol.Refuse(protocol.Unauthenticated)
				}
				name, c.Cookie = k.Value, true
			}
			name, device, _ := strings.Cut(name, "@")
			c.Who = session.Who{
				User:   protocol.User{ID: protocol.UserID(name), Name: strings.ToUpper(name)},
				Device: protocol.Device(device), SignIn: name + device, Address: "192.0.2.1", Agent: r.UserAgent(),
			}
			return c, nil
		},
		Commands: command.New(command.Config{Chat: talk, Sessions: sessions, Unlimited: true}),
		Sessions: sessions,
		Server:   func() protocol.Server { return protocol.Server{Version: "test", Node: "n1"} },
	})
	web := httptest.NewServer(s)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		s.Shutdown(ctx)
		web.Close()
		talk.Close()
		fan.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return &stack{Server: s, store: st, chat: talk, sessions: sessions, url: "ws" + strings.TrimPrefix(web.URL, "http")}
}

// peer is the other side of a socket.
type peer struct {
	*websocket.Conn
	t     *testing.T
	hello protocol.Hello
	last  int64
	seen  []event // events that came while something else was waited for
}

// event is any frame from the server.
type event struct {
	Ev    protocol.EventName `json:"ev"`
	Re    int64              `json:"re"`
	Room  protocol.RoomID    `json:"room"`
	Rev   protocol.Rev       `json:"rev"`
	Since *protocol.Rev      `json:"since"`
	Data  json.RawMessage    `json:"data"`
	Error *protocol.Fault    `json:"error"`
}

func (s *stack) dial(t *testing.T, who string, options ...func(*websocket.Dialer)) *peer {
	t.Helper()
	d := &websocket.Dialer{}
	for _, o := range options {
		o(d)
	}
	if !strings.Contains(who, "@") {
		who += "@desktop"
	}
	c, resp, err := d.Dial(s.url, http.Header{"Authorization": {"Bearer " + who}})
	if resp != nil {
		_ = resp.Body.Close() // there is none
	}
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{Conn: c, t: t}
	t.Cleanup(func() { _ = c.Close() })
	e := p.next()
	if e.Ev != protocol.EvHello {
		t.Fatalf("the first frame is %q", e.Ev)
	}
	p.read(e.Data, &p.hello)
	return p
}

func deflating(d *websocket.Dialer) { d.EnableCompression = true }

// next returns the next frame.
func (p *peer) next() event {
	p.t.Helper()
	e, err := p.take()
	if err != nil {
		p.t.Fatal(err)
	}
	return e
}

func (p *peer) take() (event, error) {
	_ = p.SetReadDeadline(time.Now().Add(patience))
	var e event
	_, b, err := p.ReadMessage()
	if err == nil {
		err = json.Unmarshal(b, &e)
	}
	return e, err
}

func (p *peer) read(b []byte, into any) {
	p.t.Helper()
	if err := json.Unmarshal(b, into); err != nil {
		p.t.Fatalf("%v: %s", err, b)
	}
}

// sees waits for an event.
func (p *peer) sees(ev protocol.EventName) event {
	p.t.Helper()
	for i, e := range p.seen {
		if e.Ev == ev {
			p.seen = append(p.seen[:i:i], p.seen[i+1:]...)
			return e
		}
	}
	for {
		e := p.next()
		if e.Ev == ev {
			return e
		}
		p.seen = append(p.seen, e)
	}
}

// closed waits for the end and returns its code.
func (p *peer) closed() int {
	p.t.Helper()
	for {
		_, err := p.take()
		if err == nil {
			continue
		}
		c, ok := errors.AsType[*websocket.CloseError](err)
		if !ok {
			p.t.Fatalf("ended without a close code: %v", err)
		}
		return c.Code
	}
}

// ask sends a command and waits for its answer.
func (p *peer) ask(op protocol.Op, data any) event {
	p.t.Helper()
	p.last++
	if err := p.WriteJSON(map[string]any{"id": p.last, "op": op, "data": data}); err != nil {
		p.t.Fatal(err)
	}
	for {
		e := p.next()
		if e.Re == p.last {
			return e
		}
		p.seen = append(p.seen, e)
	}
}

// must is ask for a command that has to be carried out.
func (p *peer) must(op protocol.Op, data, into any) {
	p.t.Helper()
	e := p.ask(op, data)
	if e.Error != nil {
		p.t.Fatalf("%s: %+v", op, *e.Error)
	}
	if into != nil {
		p.read(e.Data, into)
	}
}

// refused is ask for a command that must not be carried out.
func (p *peer) refused(op protocol.Op, data any) protocol.Code {
	p.t.Helper()
	e := p.ask(op, data)
	if e.Error == nil {
		p.t.Fatalf("%s was not refused: %s", op, e.Data)
	}
	return e.Error.Code
}

func (p *peer) room(members ...protocol.UserID) protocol.RoomID {
	p.t.Helper()
	var made protocol.RoomCreated
	p.must(protocol.OpRoomCreate, protocol.CreateRoom{Members: members}, &made)
	return made.Room.ID
}

func (p *peer) send(room protocol.RoomID, id, body string) protocol.MessageSent {
	p.t.Helper()
	var sent protocol.MessageSent
	p.must(protocol.OpMessageSend, protocol.SendMessage{ID: protocol.MessageID(id), Room: room, Type: protocol.Talk, Body: protocol.Text(body)}, &sent)
	return sent
}

// raw sends a text frame as it is.
func (p *peer) raw(frame string) {
	p.t.Helper()
	if err := p.WriteMessage(websocket.TextMessage, []byte(frame)); err != nil {
		p.t.Fatal(err)
	}
}
