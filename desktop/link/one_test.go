//go:build linux

package link_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/link"
	"sendjay/shared/protocol"
)

// named is the server as a company calls it; only its proxies know where it is.
const named = "http://talk.example.invalid"

// settingsOf puts a program in place of gsettings that answers with the proxy that set was last called with.
func settingsOf(t *testing.T) (set func(addr string)) {
	t.Helper()
	for _, name := range []string{"HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"} {
		t.Setenv(name, "")
	}
	bin := t.TempDir()
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	return func(addr string) {
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			t.Fatal(err)
		}
		script := fmt.Sprintf("#!/bin/sh\ncase \"$2.$3\" in\n*proxy.mode) echo \"'manual'\";;\n*.host) echo \"'%s'\";;\n*.port) echo %s;;\n*) echo \"''\";;\nesac\n", host, port)
		fresh := filepath.Join(bin, "fresh")
		if err := os.WriteFile(fresh, []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(fresh, filepath.Join(bin, "gsettings")); err != nil {
			t.Fatal(err)
		}
	}
}

// counter reads at a server how many sockets and sessions it has.
type counter struct {
	t  *testing.T
	at string

	mu   sync.Mutex // guards the field below
	most int        // sessions that stood at the same time
}

var gauges = regexp.MustCompile(`(?m)^(sendjay_sessions|sendjay_sockets_open) (\d+)`)

func (c *counter) look() (sessions, sockets int, ok bool) {
	resp, err := http.Get(c.at + "/metrics")
	if err != nil {
		return 0, 0, false // it is down
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, 0, false
	}
	found := gauges.FindAllStringSubmatch(string(text), -1)
	if len(found) != 2 {
		return 0, 0, false
	}
	for _, f := range found {
		n, _ := strconv.Atoi(f[2])
		if f[1] == "sendjay_sessions" {
			sessions = n
		} else {
			sockets = n
		}
	}
	c.mu.Lock()
	c.most = max(c.most, sessions)
	c.mu.Unlock()
	return sessions, sockets, true
}

// one waits until there is one session over one socket.
func (c *counter) one(after string) {
	c.t.Helper()
	late := time.After(patience)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		sessions, sockets, ok := c.look()
		if ok && sessions == 1 && sockets == 1 {
			return
		}
		select {
		case <-again.C:
		case <-late:
			c.t.Fatalf("after %s: %d sessions over %d sockets", after, sessions, sockets)
		}
	}
}

// TestThereIsOneSocketWhateverHappens counts at the real server, all the time.
func TestThereIsOneSocketWhateverHappens(t *testing.T) {
	srv := desktoptest.NewServer(t, []string{"kim"})
	wire := desktoptest.NewWire(t, strings.TrimPrefix(srv.URL, "http://"))
	set := settingsOf(t)
	first, second := desktoptest.NewGate(t, "http://"+wire.Addr), desktoptest.NewGate(t, "http://"+wire.Addr)
	set(first.Addr)
	d := begin(t, named, nil)
	d.signIn("kim")
	c := &counter{t: t, at: srv.URL}
	c.one("the sign-in")
	watched, stop := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		for {
			c.look()
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond): // nothing tells when a gauge moves
			}
		}
	}()

	var all sync.WaitGroup
	for range 30 {
		all.Go(d.Wake) // the network manager, the login manager and a person at once
	}
	all.Wait()
	c.one("thirty reasons to look")

	for range 3 {
		first.Drop() // another network
		d.wait("link offline")
		d.Wake()
		d.wait("link online")
	}
	c.one("changes of the network")

	set(second.Addr)
	first.Close()
	d.wait("link offline")
	d.Wake() // as the settings' signal says
	d.wait("link online")
	c.one("another proxy")
	if second.Passed.Load() == 0 {
		t.Error("the new proxy was not asked")
	}

	if _, err := d.Ask(t.Context(), protocol.OpPing, nil); err != nil { // a line that never carried anything would be judged otherwise
		t.Fatal(err)
	}
	wire.Kill() // asleep, and the other side has heard nothing
	d.Wake()
	d.wait("link offline")
	wire.Cut()
	wire.Mend()
	d.Wake()
	d.wait("link online")
	c.one("sleep")

	srv.Kill()
	d.wait("link offline")
	srv.Start()
	d.Wake()
	d.wait("link online")
	c.one("a restart of the server")

	other := begin(t, srv.URL, nil)
	other.signIn("kim")
	d.wait("link replaced")
	c.one("a sign-in elsewhere")
	d.Use()
	d.wait("link online")
	other.wait("link replaced")
	c.one("taking it back")

	close(stop)
	<-watched
	if c.most != 1 {
		t.Errorf("%d sessions stood at the same time", c.most)
	}
}

// A script that names several proxies means: if the first one does not answer, the next.
func TestTheNextProxyOfAScriptServesWhenTheFirstDoesNotAnswer(t *testing.T) {
	up := desktoptest.NewUpstream(t)
	gate, gone := desktoptest.NewGate(t, up.URL), desktoptest.NewGate(t, up.URL)
	gone.Close()
	script := filepath.Join(t.TempDir(), "proxy.pac")
	text := fmt.Sprintf(`function FindProxyForURL() { return "PROXY %s; PROXY %s"; }`, gone.Addr, gate.Addr)
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := link.New(link.Config{Keys: &keys{kept: map[string]string{}}, Server: named, Device: "device", Agent: "test", Proxy: link.PACPrefix + "file://" + script})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Try(t.Context(), named); err == nil {
		t.Error("the first one was not tried")
	}
	for range 3 {
		if err := l.Try(t.Context(), named); err != nil {
			t.Errorf("the second one was not: %v", err)
		}
	}
	gate.Close()
	if err := l.Try(t.Context(), named); err == nil {
		t.Error("there is none any more")
	}
}
