package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"sendjay/shared/protocol"
)

// Our clients' back-off after a restart: doubled from the first to the longest, with jitter.
const (
	firstWait   = 500 * time.Millisecond
	longestWait = 8 * time.Second
	// outage is how long the server is away.
	outage = 3 * time.Second
)

// comeback is a crowd whose server restarts. Everybody's access token ran out meanwhile, which is the worst case:
// each has to renew it, open a session and ask for what was missed.
type comeback struct {
	ctx  context.Context
	w    *world
	addr string
	http *http.Client

	failed atomic.Int64 // renewals that the server refused
	missed atomic.Int64 // attempts that found no server
}

// herd measures how long a restart keeps people away.
func herd(ctx context.Context, p plan, t *table) (err error) {
	const name = "everybody back after a restart"
	if !p.wanted(name) {
		return nil
	}
	dir, clean, err := folder()
	if err != nil {
		return err
	}
	defer clean()
	w, err := fill(ctx, p, dir, "", false)
	if err != nil {
		return err
	}
	c, err := start(ctx, p, dir, "")
	if err != nil {
		return err
	}
	defer func() { c.stop() }()
	b := &comeback{ctx: ctx, w: w, addr: c.addr, http: &http.Client{
		Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256, MaxIdleConns: 256},
	}}
	defer b.http.CloseIdleConnections()
	clients := make([]*client, p.users)
	err = each(p.users, func(i int) (err error) {
		clients[i], err = dial(ctx, b.addr, w.tokens[i], i, func(*client, []byte) {})
		return err
	})
	if err != nil {
		return err
	}
	ctx, give := context.WithTimeout(ctx, 2*time.Minute)
	defer give()
	b.ctx = ctx
	var all sync.WaitGroup
	var back atomic.Int64
	for i, old := range clients {
		all.Go(func() {
			<-old.done
			if clients[i] = b.follow(i); clients[i] != nil {
				back.Add(1)
			}
		})
	}
	c.stop()
	if err := pause(ctx, outage); err != nil {
		return err
	}
	next, err := startAt(ctx, p, b.addr, dir, "")
	if err != nil {
		return err
	}
	c = next
	before, began := now(c.pid()), time.Now()
	all.Wait()
	took := time.Since(began)
	n := before.since(c.pid())
	for _, k := range clients {
		if k != nil {
			k.close()
		}
	}
	if missing := int64(p.users) - back.Load(); missing > 0 {
		return fmt.Errorf("%d did not come back", missing)
	}
	t.atMost(name, took.Seconds(), "s", 30, n)
	t.atMost("failed sign-ins after a restart", float64(b.failed.Load()), "", 0, n)
	t.note("restart: %d people, the server %v away, %d attempts in vain; each renews its token, opens a session and asks for the unread.", p.users, outage, b.missed.Load())
	return nil
}

// follow comes back as our clients do.
func (b *comeback) follow(user int) *client {
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		if pause(b.ctx, wait/4+rand.N(wait*3/4)) != nil {
			return nil
		}
		token, err := b.renew(user)
		if err == nil {
			var c *client
			if c, err = dial(b.ctx, b.addr, token, user, func(*client, []byte) {}); err == nil {
				if _, err = get(b.ctx, "http://"+b.addr+"/api/v1/unread", token); err == nil {
					return c
				}
				c.close()
			}
		}
		b.missed.Add(1)
	}
}

// attempt names the renewal with one token, always by the same name, as our clients do.
func attempt(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:16])
}

// renew gets a new access token for the refresh token, which is then used up.
func (b *comeback) renew(user int) (string, error) {
	body, err := json.Marshal(protocol.Refresh{RefreshToken: b.w.again[user], Attempt: attempt(b.w.again[user])})
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(b.ctx, http.MethodPost, "http://"+b.addr+"/api/v1/auth/refresh", bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := b.http.Do(r)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return "", err
	}
	var in protocol.SignedIn
	if resp.StatusCode != http.StatusOK {
		b.failed.Add(1)
		return "", fmt.Errorf("status %d: %s", resp.StatusCode, raw)
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return "", err
	}
	if in.AccessToken == "" || in.RefreshToken == "" {
		return "", errors.New("no tokens in the answer")
	}
	b.w.again[user] = in.RefreshToken
	return in.AccessToken, nil
}
