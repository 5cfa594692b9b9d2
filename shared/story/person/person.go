// Package person is a client for tests: one person at one device, over HTTP and WebSocket.
// It knows the wire and keeps a log of each room by the client's rule; it knows no screen and no server.
// Nothing in it sleeps: whoever waits is woken by what comes in.
package person

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/shared/protocol"
)

// Person is one person at one device. Its methods may be called from anywhere.
type Person struct {
	ID     protocol.UserID
	Device protocol.Device
	base   string // http://host:port
	http   *http.Client

	mu      sync.Mutex // guards the fields below
	changed chan struct{}
	token   string
	conn    *websocket.Conn
	life    chan struct{} // closed when the reader of conn has ended
	next    int64
	waiting map[int64]chan reply
	rooms   map[protocol.RoomID]*Log
	pushes  []push
	closed  int // close code of the last connection, 0 while it stands
	hello   *protocol.Hello
}

type reply struct {
	data json.RawMessage
	err  error
}

type push struct {
	Ev    protocol.EventName
	Room  protocol.RoomID
	Rev   protocol.Rev
	Since *protocol.Rev
	Data  json.RawMessage
}

// frame is anything the server says.
type frame struct {
	push
	Re    int64
	Error *protocol.Fault
}

// Down is the error of a command whose line was down, or went down before the answer: it may or may
// not have taken effect.
type Down struct{ Err error }

func (d Down) Error() string { return "down: " + d.Err.Error() }

func newPerson(base string, id protocol.UserID, device protocol.Device) (*Person, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &Person{
		ID: id, Device: device, base: base,
		http:    &http.Client{Jar: jar, Transport: &http.Transport{}, Timeout: 10 * time.Second},
		changed: make(chan struct{}), waiting: map[int64]chan reply{}, rooms: map[protocol.RoomID]*Log{},
	}, nil
}

// SignIn signs id in at the server behind base. The socket is opened by Connect.
func SignIn(ctx context.Context, base string, id protocol.UserID, password string, device protocol.Device) (*Person, error) {
	p, err := newPerson(base, id, device)
	if err != nil {
		return nil, err
	}
	return p, p.signIn(ctx, password)
}

// Page follows the link that a tray hands to its window, and returns the page that stands there.
// Whether somebody is signed in is the tray's business; SignInHere does it when not.
func Page(ctx context.Context, link string, id protocol.UserID) (*Person, error) {
	at, err := url.Parse(link)
	if err != nil {
		return nil, err
	}
	p, err := newPerson(at.Scheme+"://"+at.Host, id, protocol.Desktop)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, link, nil)
	if err != nil {
		return nil, err
	}
	resp, err := p.http.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if len(p.http.Jar.Cookies(at)) == 0 {
		return nil, fmt.Errorf("the window's link gives %s and no cookie", resp.Status)
	}
	return p, nil
}

// SignInHere signs in through the page.
func (p *Person) SignInHere(ctx context.Context, password string) error {
	if err := p.signIn(ctx, password); err != nil {
		return err
	}
	if p.token != "" {
		return errors.New("the page was given a token")
	}
	return nil
}

func (p *Person) signIn(ctx context.Context, password string) error {
	var in protocol.SignedIn
	if err := p.Post(ctx, "/api/v1/auth/login", protocol.Login{UserID: p.ID, Password: password, Device: p.Device}, &in); err != nil {
		return fmt.Errorf("sign in %s: %w", p.ID, err)
	}
	p.token = in.AccessToken
	return nil
}

// SignOut ends the sign-in of this device.
func (p *Person) SignOut(ctx context.Context) error {
	return p.Post(ctx, "/api/v1/auth/logout", struct{}{}, nil)
}

// Post sends in as JSON and reads the answer into out.
func (p *Person) Post(ctx context.Context, path string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return p.ask(ctx, http.MethodPost, path, bytes.NewReader(raw), out)
}

// Put sends in as JSON in place of what is there, and reads the answer into out.
func (p *Person) Put(ctx context.Context, path string, in, out any) error {
	raw, err := json.Marshal(in)
	if err != nil {
		return err
	}
	return p.ask(ctx, http.MethodPut, path, bytes.NewReader(raw), out)
}

// Get reads path into out.
func (p *Person) Get(ctx context.Context, path string, out any) error {
	return p.ask(ctx, http.MethodGet, path, nil, out)
}

func (p *Person) ask(ctx context.Context, method, path string, body io.Reader, out any) error {
	r, err := http.NewRequestWithContext(ctx, method, p.base+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", p.base)
	p.mu.Lock()
	if p.token != "" {
		r.Header.Set("Authorization", "Bearer "+p.token)
	}
	p.mu.Unlock()
	resp, err := p.http.Do(r)
	if err != nil {
		return Down{err}
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return Down{err}
	}
	if resp.StatusCode >= 300 {
		var bad protocol.Refused
		if json.Unmarshal(raw, &bad) != nil || bad.Error.Code == "" {
			return fmt.Errorf("%s %s: status %d without the error shape: %.200s", method, path, resp.StatusCode, raw)
		}
		return protocol.Refuse(bad.Error.Code)
	}
	if out == nil || len(raw) == 0 {
		return nil
	}
	return json.Unmarshal(raw, out)
}

// Await waits until ready holds; it looks again whenever something came in. ready is called without a lock.
func (p *Person) Await(ctx context.Context, what string, ready func() bool) error {
	for {
		p.mu.Lock()
		woken := p.changed
		p.mu.Unlock()
		if ready() {
			return nil
		}
		select {
		case <-woken:
		case <-ctx.Done():
			return fmt.Errorf("%s at %s waited in vain: %s", p.ID, p.Device, what)
		}
	}
}

// wake tells those in Await that something changed. p.mu is held.
func (p *Person) wake() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// Closed returns the close code of the last connection, 0 while it stands. 1006 is a cut line.
func (p *Person) Closed() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

// MoveTo lets the next connection and every question go to another node of the same installation.
func (p *Person) MoveTo(base string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.base = base
}

// Base returns the address at which the person is.
func (p *Person) Base() string { return p.base }

// Pushed returns the data of every event of this name, in the order in which they came.
func (p *Person) Pushed(name protocol.EventName) []json.RawMessage {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []json.RawMessage
	for _, e := range p.pushes {
		if e.Ev == name {
			out = append(out, e.Data)
		}
	}
	return out
}

// Hello returns the first frame of the last connection.
func (p *Person) Hello() *protocol.Hello {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hello
}
