// Package chrome is a real browser for tests, with tabs in which scripts can be run.
// It knows Chromium and its DevTools protocol; it knows nothing of the pages that it shows.
package chrome

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// patience is how long anything may take that a test waits for.
const patience = 30 * time.Second

// Browser is a running Chromium with a profile of its own.
type Browser struct {
	t  testing.TB
	ws *websocket.Conn

	mu      sync.Mutex // guards the fields below; also the writer's
	next    int
	waiting map[int]chan answer
	gone    error
}

type answer struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

// Start runs a browser until the test ends.
func Start(t testing.TB) *Browser {
	t.Helper()
	name := os.Getenv("CHROMIUM")
	if name == "" {
		// The headless shell is Chromium without its own toolbar, which is a page too.
		name = "chromium-headless-shell"
		if _, err := exec.LookPath(name); err != nil {
			name = "chromium"
		}
	}
	dir, err := os.MkdirTemp("", "chromium-")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(name, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--disable-background-timer-throttling", "--disable-renderer-backgrounding",
		"--disable-dev-shm-usage", "--remote-debugging-port=0", "--user-data-dir="+dir, "about:blank")
	said, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatalf("a test of several devices needs Chromium: %v", err)
	}
	b := &Browser{t: t, waiting: map[int]chan answer{}}
	t.Cleanup(func() {
		if b.ws != nil { // it ends its other processes itself
			_, _ = b.call("", "Browser.close", nil)
			_ = b.ws.Close()
		}
		_ = c.Process.Kill()
		_ = c.Wait()
		_ = os.RemoveAll(dir) // another of its processes may still be writing
	})
	at := ""
	lines := bufio.NewScanner(said)
	for at == "" && lines.Scan() {
		_, at, _ = strings.Cut(lines.Text(), "DevTools listening on ")
	}
	if at == "" {
		t.Fatal("Chromium did not start")
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
	ws, resp, err := websocket.DefaultDialer.Dial(at, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	b.ws = ws
	go b.read()
	return b
}

func (b *Browser) read() {
	for {
		var f struct {
			ID int `json:"id"`
			answer
		}
		err := b.ws.ReadJSON(&f)
		b.mu.Lock()
		if err != nil {
			b.gone = err
			for _, w := range b.waiting {
				close(w)
			}
			clear(b.waiting)
			b.mu.Unlock()
			return
		}
		if w := b.waiting[f.ID]; w != nil {
			w <- f.answer
			delete(b.waiting, f.ID)
		}
		b.mu.Unlock()
	}
}

func (b *Browser) call(session, method string, params any) (json.RawMessage, error) {
	got := make(chan answer, 1)
	b.mu.Lock()
	if b.gone != nil {
		b.mu.Unlock()
		return nil, b.gone
	}
	b.next++
	b.waiting[b.next] = got
	ask := map[string]any{"id": b.next, "method": method}
	if session != "" {
		ask["sessionId"] = session
	}
	if params != nil {
		ask["params"] = params
	}
	err := b.ws.WriteJSON(ask)
	b.mu.Unlock()
	if err != nil {
		return nil, err
	}
	select {
	case a, ok := <-got:
		if !ok {
			return nil, fmt.Errorf("%s: the browser is gone", method)
		}
		if a.Error != nil {
			return nil, fmt.Errorf("%s: %s", method, a.Error.Message)
		}
		return a.Result, nil
	case <-time.After(patience):
		return nil, fmt.Errorf("%s was not answered", method)
	}
}

func (b *Browser) must(session, method string, params, into any) {
	b.t.Helper()
	raw, err := b.call(session, method, params)
	if err == nil && into != nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// Tab is one page.
type Tab struct {
	b       *Browser
	target  string
	session string
}

// Open opens an address in a new tab. Script runs in it before anything of the page does, also after a reload.
func (b *Browser) Open(address, script string) *Tab {
	b.t.Helper()
	var made struct{ TargetID string }
	b.must("", "Target.createTarget", map[string]any{"url": "about:blank"}, &made)
	var at struct{ SessionID string }
	b.must("", "Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}, &at)
	tab := &Tab{b, made.TargetID, at.SessionID}
	b.must(tab.session, "Page.enable", nil, nil)
	b.must(tab.session, "Page.addScriptToEvaluateOnNewDocument", map[string]any{"source": script}, nil)
	b.must(tab.session, "Page.navigate", map[string]any{"url": address}, nil)
	return tab
}

// Close closes the tab as a person does, and waits until nothing of its page runs.
func (t *Tab) Close() {
	t.b.t.Helper()
	t.b.must("", "Target.closeTarget", map[string]any{"targetId": t.target}, nil)
	late := time.After(patience)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		var all struct {
			TargetInfos []struct{ TargetID string }
		}
		t.b.must("", "Target.getTargets", nil, &all)
		if !slices.ContainsFunc(all.TargetInfos, func(i struct{ TargetID string }) bool { return i.TargetID == t.target }) {
			return
		}
		select {
		case <-again.C:
		case <-late:
			t.b.t.Fatal("the tab does not go")
		}
	}
}

// Do runs an expression, waits for it where it is a promise, and returns its value as JSON. It fails the test when the
// expression throws.
func (t *Tab) Do(expression string) string {
	t.b.t.Helper()
	value, err := t.try(expression)
	if err != nil {
		t.b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

func (t *Tab) try(expression string) (string, error) {
	raw, err := t.b.call(t.session, "Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true})
	if err != nil {
		return "", err
	}
	var out struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	if err := json.Unmarshal(raw, &out); err != nil {
		return "", err
	}
	if e := out.ExceptionDetails; e != nil {
		return "", fmt.Errorf("%s %s", e.Text, e.Exception.Description)
	}
	return string(out.Result.Value), nil
}

// Await waits until an expression is true. A page that is being loaded is asked again.
func (t *Tab) Await(what, expression string) {
	t.b.t.Helper()
	late := time.After(patience)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		value, err := t.try("!!(" + expression + ")")
		if value == "true" {
			return
		}
		select {
		case <-again.C:
		case <-late:
			text, _ := t.try("document.body.innerText")
			t.b.t.Fatalf("the browser waited in vain for %s (%s, %v); it shows %s", what, value, err, text)
		}
	}
}
