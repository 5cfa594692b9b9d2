package link_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/link"
	"sendjay/shared/protocol"
)

// keys is a keyring in memory.
type keys struct {
	mu   sync.Mutex
	kept map[string]string
	full bool
}

func (k *keys) Get(server string) (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.kept[server], nil
}

func (k *keys) Set(server, token string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.full {
		return errors.New("disk full")
	}
	k.kept[server] = token
	return nil
}

func (k *keys) Delete(server string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.kept, server)
	return nil
}

func (k *keys) fill(full bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.full = full
}

// device is a link with everything it said.
type device struct {
	*link.Link
	t     *testing.T
	keys  *keys
	heard chan string
	stop  func()
}

func begin(t *testing.T, server string, k *keys) *device {
	t.Helper()
	if k == nil {
		k = &keys{kept: map[string]string{}}
	}
	l, err := link.New(link.Config{Keys: k, Server: server, Device: "device", Agent: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return run(t, l, k)
}

// run keeps a link until the test ends.
func run(t *testing.T, l *link.Link, k *keys) *device {
	t.Helper()
	d := &device{Link: l, t: t, keys: k, heard: make(chan string, 10000)}
	l.Watch(link.Watcher{
		Moved: func(s protocol.Link) {
			how := ""
			if s.Plain {
				how = " over plain HTTP"
			}
			d.heard <- "link " + string(s.State) + how
		},
		Greeted: func(h protocol.Hello) { d.heard <- "hello " + string(h.User.ID) },
		Pushed: func(p link.Push) {
			var m protocol.Message
			_ = json.Unmarshal(p.Data, &m)
			d.heard <- string(p.Ev) + " " + string(m.ID)
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { l.Run(ctx) })
	d.stop = func() { cancel(); running.Wait() }
	t.Cleanup(d.stop)
	return d
}

// patience is how long a test waits for what must come: the slowest way to a connection takes half of it.
const patience = 60 * time.Second

// wait passes over what comes before line.
func (d *device) wait(line string) {
	d.t.Helper()
	limit := time.After(patience)
	for {
		select {
		case got := <-d.heard:
			if got == line {
				return
			}
		case <-limit:
			d.t.Fatalf("%q was not heard", line)
		}
	}
}

func (d *device) signIn(user string) {
	d.t.Helper()
	if _, err := d.SignIn(context.Background(), protocol.UserID(user), desktoptest.Password, ""); err != nil {
		d.t.Fatal(err)
	}
	d.wait("hello " + user)
	d.wait("link online")
}

func (d *device) get() error {
	var u protocol.User
	return d.Get(context.Background(), "/me", &u)
}

func TestADeviceSignsInAndComesBackAfterARestart(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	d := begin(t, up.URL, nil)
	d.wait("link signed_out")
	if _, err := d.SignIn(t.Context(), "kim", "wrong", ""); protocol.CodeOf(err) != protocol.BadCredentials {
		t.Fatalf("a wrong password: %v", err)
	}
	d.signIn("kim")
	up.Say("m1", "hello")
	d.wait("message.new m1")
	d.stop()
	again := begin(t, up.URL, d.keys)
	again.wait("hello kim")
}

func TestPushesComeInOrder(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	d := begin(t, up.URL, nil)
	d.signIn("kim")
	for i := range 300 {
		up.Say("m"+string(rune('a'+i%26))+strings.Repeat("x", i/26), "text")
	}
	for i := range 300 {
		want := "message.new m" + string(rune('a'+i%26)) + strings.Repeat("x", i/26)
		if got := <-d.heard; got != want {
			t.Fatalf("%q, want %q", got, want)
		}
	}
}

func TestACutLineComesBackByItself(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	wire := desktoptest.NewWire(t, strings.TrimPrefix(up.URL, "http://"))
	d := begin(t, "http://"+wire.Addr, nil)
	d.signIn("kim")
	wire.Cut()
	d.wait("link offline")
	if _, err := d.Ask(t.Context(), protocol.OpPing, nil); !errors.Is(err, link.ErrDown) {
		t.Fatalf("asking a line that is down: %v", err)
	}
	wire.Mend()
	d.Wake()
	d.wait("hello kim")
	d.wait("link online")
}

func TestADeadLineIsNoticed(t *testing.T) {
	t.Parallel()
	up := desktoptest.NewUpstream(t)
	wire := desktoptest.NewWire(t, strings.TrimPrefix(up.URL, "http://"))
	d := begin(t, "http://"+wire.Addr, nil)
	d.signIn("kim")
	up.Say("m1", "hello")
	d.wait("message.new m1")
	heard := time.Now()
	wire.Kill()
	d.Wake() // as after sleep
	d.wait("link offline")
	if lost := d.Lost(); lost.After(heard) {
		t.Errorf("the line counts as lost %v after the last that came", lost.Sub(heard))
	}
	wire.Cut()
	wire.Mend()
	d.Wake()
	d.wait("link online")
}

func TestTheHeartbeatNoticesASilentServer(t *testing.T) {
	t.Parallel()
	up := desktoptest.NewUpstream(t)
	up.Heartbeat.Store(1)
	up.Mute.Store(true)
	d := begin(t, up.URL, nil)
	d.signIn("kim")
	d.wait("link offline") // after 1 + 10 seconds
}

func TestALineThatIsCutIsLostWhenItIs(t *testing.T) {
	t.Parallel()
	up := desktoptest.NewUpstream(t)
	wire := desktoptest.NewWire(t, strings.TrimPrefix(up.URL, "http://"))
	d := begin(t, "http://"+wire.Addr, nil)
	d.signIn("kim")
	before := time.Now()
	wire.Cut()
	d.wait("link offline")
	if lost := d.Lost(); lost.Before(before.Round(0)) {
		t.Errorf("a line that was well counts as lost %v too soon", before.Sub(lost))
	}
}

func TestASignOfLifeKeepsTheLine(t *testing.T) {
	t.Parallel()
	up := desktoptest.NewUpstream(t)
	up.Heartbeat.Store(1)
	d := begin(t, up.URL, nil)
	d.signIn("kim")
	up.Until("three signs of life came", func() bool { return len(up.AskedFor(protocol.OpPing)) >= 3 })
	if up.Requests("GET /ws") != 1 || d.State().State != protocol.Online {
		t.Error("the line did not stand")
	}
}

func TestAReplacedDeviceStaysAwayUntilAsked(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	d := begin(t, up.URL, nil)
	d.signIn("kim")
	up.Push(protocol.Push{Ev: protocol.EvReplaced, Data: protocol.Replaced{Device: protocol.Desktop, Address: "10.0.0.9", Agent: "another"}})
	up.Drop(protocol.CloseReplaced)
	d.wait("link replaced")
	if by := d.State().By; by == nil || by.Address != "10.0.0.9" {
		t.Errorf("replaced by %+v", by)
	}
	d.Wake()
	if err := d.get(); err != nil {
		t.Errorf("a replaced device may still ask: %v", err)
	}
	if n := up.Requests("GET /ws"); n != 1 {
		t.Errorf("%d connections", n)
	}
	d.Use()
	d.wait("link online")
}

func TestADeviceThatWasSignedOutForgetsItsCredential(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	d := begin(t, up.URL, nil)
	d.signIn("kim")
	up.Drop(protocol.CloseSignedOut)
	d.wait("link signed_out")
	if d.keys.kept[up.URL] != "" {
		t.Error("the credential is still there")
	}
	if err := d.get(); protocol.CodeOf(err) != protocol.Unauthenticated {
		t.Errorf("asking signed out: %v", err)
	}
}

func TestSigningOutForgetsTheCredentialWithoutAServer(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	wire := desktoptest.NewWire(t, strings.TrimPrefix(up.URL, "http://"))
	d := begin(t, "http://"+wire.Addr, nil)
	d.signIn("kim")
	wire.Cut()
	d.wait("link offline")
	if err := d.SignOut(t.Context()); err == nil {
		t.Error("it claims to have told the server")
	}
	d.wait("link signed_out")
	if len(d.keys.kept) != 0 {
		t.Error("the credential is still there")
	}
}

func TestALostReplyToARefreshSignsNobodyOut(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	d := begin(t, up.URL, nil)
	d.signIn("kim")
	d.stop()
	up.LoseRefresh.Store(2)
	again := begin(t, up.URL, d.keys)
	again.wait("link online")
	if n := up.Requests("POST /api/v1/auth/refresh"); n != 3 {
		t.Errorf("%d refreshes", n)
	}
}

func TestATokenThatCannotBeStoredIsNotLost(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	d := begin(t, up.URL, nil)
	d.signIn("kim")
	d.keys.fill(true)
	for range 3 {
		up.RefuseTokens.Store(true)
		if err := d.get(); err != nil {
			t.Fatal(err)
		}
	}
	d.keys.fill(false)
	if err := d.get(); err != nil {
		t.Fatal(err)
	}
	d.stop()
	begin(t, up.URL, d.keys).wait("link online")
}

func TestRequestsAtOnceShareOneRefresh(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	d := begin(t, up.URL, nil)
	d.signIn("kim")
	before := up.Requests("POST /api/v1/auth/refresh")
	up.RefuseTokens.Store(true)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := d.get(); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := up.Requests("POST /api/v1/auth/refresh") - before; n != 1 {
		t.Errorf("%d refreshes", n)
	}
}

func TestACaptivePortalSignsNobodyOut(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	k := &keys{kept: map[string]string{}}
	portal := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte("<html>please pay</html>"))
	})
	at := desktoptest.Serve(t, portal)
	k.kept[at] = "refresh-1"
	d := begin(t, at, k)
	d.wait("link offline")
	if k.kept[at] == "" {
		t.Error("the portal made us forget the credential")
	}
	d.SetServer(up.URL)
	d.signIn("kim")
}

func TestCommandsArriveInTheOrderOfGo(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	d := begin(t, up.URL, nil)
	d.signIn("kim")
	var calls []*link.Call
	for i := range 100 {
		data, _ := json.Marshal(protocol.ReadMessages{Room: desktoptest.RoomID, Seq: protocol.Seq(i)})
		calls = append(calls, d.Go(protocol.OpMessageRead, data))
	}
	for _, c := range calls {
		<-c.Done()
		if _, err := c.Result(); err != nil {
			t.Fatal(err)
		}
	}
	for i, ask := range up.Asked() {
		var r protocol.ReadMessages
		_ = json.Unmarshal(ask.Data, &r)
		if r.Seq != protocol.Seq(i) {
			t.Fatalf("command %d reads to %d", i, r.Seq)
		}
	}
}

func TestNoAnswerComesTwiceAndEveryCallEnds(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	d := begin(t, up.URL, nil)
	d.signIn("kim")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				<-d.Go(protocol.OpPing, nil).Done()
			}
		})
	}
	for range 5 {
		up.Drop(0)
		d.Wake()
	}
	all.Wait()
}
