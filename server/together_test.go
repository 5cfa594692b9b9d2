package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"sendjay/server/bus/redistest"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
	"sendjay/shared/story/person"
)

// nodes are server processes on one MariaDB and one Redis.
type nodes struct {
	t     *testing.T
	redis *redistest.Server
	on    []string // the settings of each
	all   []*running
	lines []*person.Person
}

const (
	secret       = "correct horse battery"
	portalSecret = "what the portal and all nodes share"
)

// together starts n nodes with these people.
func together(t *testing.T, n int, people ...string) *nodes {
	t.Helper()
	c := &nodes{t: t, redis: redistest.Start(t)}
	database, files := storetest.MariaDB(t), t.TempDir()
	portal := t.TempDir()
	if err := os.WriteFile(filepath.Join(portal, "portal.key"), []byte(portalSecret), 0o600); err != nil {
		t.Fatal(err)
	}
	for range n {
		c.on = []string{
			"--listen=127.0.0.1:0", "--database=" + database, "--redis=" + c.redis.URL, "--files=" + files, "--rate-limits=off", "--portal-keys=" + portal,
		}
		c.start()
	}
	var adding sync.WaitGroup
	for _, id := range people {
		adding.Go(func() {
			out := finish(t, process(t, nil, "user", "add", id, "--name", id, "--password-stdin", "--database="+database, "--data="+t.TempDir()), secret+"\n")
			if out.code != 0 {
				t.Errorf("user add %s: %s", id, out.err)
			}
		})
	}
	adding.Wait()
	t.Cleanup(func() {
		for _, p := range c.lines {
			p.Hang()
		}
		if t.Failed() {
			for i, s := range c.all {
				t.Logf("node %d said:\n%s", i, s.stderr)
			}
		}
	})
	c.know(float64(n))
	return c
}

func (c *nodes) start() *running {
	c.t.Helper()
	s := wait(c.t, process(c.t, nil, append(c.on, "--data="+c.t.TempDir())...))
	c.all = append(c.all, s)
	return s
}

// know waits until every live node knows of n.
func (c *nodes) know(n float64) {
	c.t.Helper()
	for _, s := range c.all {
		if s.ProcessState == nil {
			c.until(s, "nodes that know each other", func(m map[string]float64) bool { return m["sendjay_nodes"] == n && m["sendjay_bus_up"] == 1 })
		}
	}
}

// until waits for the metrics of a node to hold.
func (c *nodes) until(s *running, what string, holds func(map[string]float64) bool) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 25*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		m, err := counted(ctx, s.url)
		if err == nil && holds(m) {
			return
		}
		select {
		case <-ctx.Done():
			c.t.Fatalf("waited in vain for %s: %v %v", what, m, err)
		case <-tick.C:
		}
	}
}

func counted(ctx context.Context, url string) (map[string]float64, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	m := map[string]float64{}
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		var name string
		var value float64
		if _, err := fmt.Sscan(lines.Text(), &name, &value); err == nil {
			m[name] = value
		}
	}
	return m, nil
}

// soon bounds whatever a test waits for.
func (c *nodes) soon() context.Context {
	ctx, cancel := context.WithTimeout(c.t.Context(), 25*time.Second)
	c.t.Cleanup(cancel)
	return ctx
}

// at signs somebody in at a node and opens his line there.
func (c *nodes) at(n int, id protocol.UserID, device protocol.Device) *person.Person {
	c.t.Helper()
	p, err := person.SignIn(c.soon(), c.all[n].url, id, secret, device)
	if err != nil {
		c.t.Fatal(err)
	}
	c.lines = append(c.lines, p)
	c.connect(p)
	return p
}

// present shows a ticket of the portal to a node and returns the status of its answer.
func (c *nodes) present(n int, ticket string) int {
	body, err := json.Marshal(protocol.TicketLogin{Ticket: ticket, Device: protocol.Mobile})
	if err != nil {
		c.t.Error(err)
		return 0
	}
	r, err := http.NewRequestWithContext(c.soon(), http.MethodPost, c.all[n].url+"/api/v1/auth/ticket", bytes.NewReader(body))
	if err != nil {
		c.t.Error(err)
		return 0
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		c.t.Error(err)
		return 0
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

func (c *nodes) connect(p *person.Person) {
	c.t.Helper()
	if err := p.Connect(c.soon()); err != nil {
		c.t.Fatalf("%s: %v", p.ID, err)
	}
}

func (c *nodes) room(by *person.Person, with ...protocol.UserID) protocol.RoomID {
	c.t.Helper()
	made, err := by.CreateRoom(c.soon(), "", with...)
	if err != nil {
		c.t.Fatal(err)
	}
	return made.Room.ID
}

func (c *nodes) say(p *person.Person, room protocol.RoomID, body string) protocol.MessageSent {
	c.t.Helper()
	sent, err := p.Send(c.soon(), person.NewMessage(room, body))
	if err != nil {
		c.t.Fatalf("%s: %v", p.ID, err)
	}
	return sent
}

func (c *nodes) do(p *person.Person, op protocol.Op, data, out any) {
	c.t.Helper()
	if err := p.Do(c.soon(), op, data, out); err != nil {
		c.t.Fatalf("%s by %s: %v", op, p.ID, err)
	}
}

func (c *nodes) sees(p *person.Person, room protocol.RoomID, body string) {
	c.t.Helper()
	c.await(p, "sees "+body, func() bool { _, ok := p.Find(room, body); return ok })
}

func (c *nodes) await(p *person.Person, what string, holds func() bool) {
	c.t.Helper()
	if err := p.Await(c.soon(), what, holds); err != nil {
		c.t.Fatal(err)
	}
}

// pushed reports whether an event of this name came whose data hold this text.
func pushed(p *person.Person, ev protocol.EventName, text string) bool {
	return slices.ContainsFunc(p.Pushed(ev), func(raw json.RawMessage) bool { return strings.Contains(string(raw), text) })
}
