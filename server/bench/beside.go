package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"sendjay/shared/protocol"
)

// turns is how often either server is measured, alternating.
const turns = 3

// compared are the measures that both servers can be put to, by how their names begin, with the target as a ratio
// of our median to theirs: the ratio that our absolute targets had to Centrifugo's figures on the machine where both
// were set. A machine that is slow at system calls or at its disk is so for both, so the ratios tell what the
// absolute figures of another machine cannot. Centrifugo stores nothing; ours are durable.
var compared = []struct {
	begins string
	ratio  float64
	least  bool
}{
	{"authenticated connects/s", 1, true},
	{"KiB per idle authenticated connection", 1 / 3.4, false},
	{"latency at 20 msg/s, room of 100, p99", 10 / 3.5, false},
	{"latency at 20 msg/s, room of 1,000, p99", 30.0 / 19, false},
	{"durable messages/s, rooms of 2", 0.46, true},
	{"CPU per durable message", 2, false},
	{"deliveries/s, room of 100", 1.02, true},
	{"deliveries/s, room of 1,000", 1.07, true},
}

// alternate measures our server and Centrifugo, alternating, and reports our median as a ratio to theirs.
func alternate(ctx context.Context, p plan, t *table) error {
	dir, err := os.MkdirTemp("", "sendjay-bench-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder
	full := filepath.Join(dir, "full")
	fmt.Println("  filling the database")
	w, err := fill(ctx, p, full, "", true)
	if err != nil {
		return err
	}
	theirs, err := peerWorld(w)
	if err != nil {
		return err
	}
	p.only = compareOnly()
	var all [2][][]row
	for turn := range turns {
		// Each turn begins with the same data: after a flood there is work left for minutes.
		data := filepath.Join(dir, strconv.Itoa(turn))
		if err := os.CopyFS(data, os.DirFS(full)); err != nil {
			return err
		}
		fmt.Printf("  turn %d, Sendjay\n", turn+1)
		rows, err := side(ctx, p, w, func() (*child, error) { return start(ctx, p, data, "") })
		if err != nil {
			return err
		}
		all[0] = append(all[0], rows)
		fmt.Printf("  turn %d, Centrifugo\n", turn+1)
		if rows, err = side(ctx, p, theirs, func() (*child, error) { return startPeer(ctx, p, dir) }); err != nil {
			return err
		}
		all[1] = append(all[1], rows)
	}
	for _, c := range compared {
		ours, unit, noise := median(all[0], c.begins)
		their, _, foreign := median(all[1], c.begins)
		if ours == 0 || their == 0 {
			continue
		}
		noise.foreign, noise.steal = max(noise.foreign, foreign.foreign), max(noise.steal, foreign.steal)
		t.add(row{c.begins + ", beside Centrifugo", ours / their, "×", c.ratio, c.least, noise})
		t.note("%s: Sendjay %s, Centrifugo %s %s, medians of %d.", c.begins, short(ours), short(their), unit, turns)
	}
	return nil
}

// compareOnly matches what is compared. A load is asked for by its own name, not by that of what it measures.
func compareOnly() *regexp.Regexp {
	names := make([]string, len(compared))
	for i, c := range compared {
		load := strings.TrimSuffix(strings.TrimPrefix(c.begins, "latency at "), ", p99")
		names[i] = regexp.QuoteMeta(load)
	}
	return regexp.MustCompile("^(" + strings.Join(names, "|") + ")")
}

// side measures one server once.
func side(ctx context.Context, p plan, w *world, start func() (*child, error)) (rows []row, err error) {
	c, err := start()
	if err != nil {
		return nil, err
	}
	defer c.stop()
	t := &table{}
	clients, err := connect(ctx, p, t, w, c, true)
	defer func() {
		for _, c := range clients {
			if c != nil {
				c.close()
			}
		}
	}()
	if err != nil {
		return nil, err
	}
	m := &meter{ctx: ctx, p: p, t: t, w: w, clients: clients, pids: []int{c.pid()}}
	m.all()
	return t.rows, m.err
}

// median returns the middle value of a measure over the turns, and the worst noise.
func median(all [][]row, begins string) (value float64, unit string, worst noise) {
	var values []float64
	for _, rows := range all {
		for _, r := range rows {
			if strings.HasPrefix(r.name, begins) {
				values, unit = append(values, r.value), r.unit
				worst.foreign, worst.steal = max(worst.foreign, r.noise.foreign), max(worst.steal, r.noise.steal)
				break
			}
		}
	}
	if len(values) == 0 {
		return 0, "", worst
	}
	slices.Sort(values)
	return values[len(values)/2], unit, worst
}

// peer is how Centrifugo is spoken to: JSON, several messages of one frame on lines of their own. A session's
// channels stand in its token; who publishes into one he is in hears himself.
var peer = &wire{path: "/connection/websocket", health: "/health", greet: peerGreet, say: peerSay, hear: peerHear, echo: 1}

const peerSecret = "a secret of a server that lives for a minute"

// peerWorld returns the same people in the same rooms, signed in at Centrifugo.
func peerWorld(w *world) (*world, error) {
	their := *w
	their.tokens = make([]string, len(w.users))
	channels := make([][]protocol.RoomID, len(w.users))
	put := func(r room) {
		for _, m := range r.members {
			channels[m] = append(channels[m], r.id)
		}
	}
	for _, r := range w.pairs {
		put(r)
	}
	for _, r := range w.rooms {
		put(r)
	}
	for i, id := range w.users {
		claims := jwt.MapClaims{"sub": string(id), "exp": time.Now().Add(tokenLife).Unix(), "channels": channels[i]}
		var err error
		if their.tokens[i], err = jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString([]byte(peerSecret)); err != nil {
			return nil, err
		}
	}
	return &their, nil
}

// startPeer runs Centrifugo with its own defaults, but that it says less.
func startPeer(ctx context.Context, p plan, dir string) (*child, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	config, err := json.Marshal(map[string]any{
		"http_server": map[string]any{"address": host, "port": port},
		"health":      map[string]any{"enabled": true},
		"log":         map[string]any{"level": "error"},
		"client":      map[string]any{"token": map[string]any{"hmac_secret_key": peerSecret}},
		"channel":     map[string]any{"without_namespace": map[string]any{"allow_publish_for_client": true}},
	})
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "centrifugo.json")
	if err := os.WriteFile(file, config, 0o600); err != nil {
		return nil, err
	}
	return launch(ctx, p, peer, addr, exec.CommandContext(ctx, p.beside, "--config", file))
}

func peerGreet(token string) []byte {
	return fmt.Appendf(nil, `{"id":1,"connect":{"token":%q}}`, token)
}

// peerSay numbers commands from 2: the first one was the greeting.
func peerSay(l *load, r room, n int) []byte {
	b := make([]byte, 0, 300)
	b = append(b, `{"id":`...)
	b = strconv.AppendInt(b, int64(n+2), 10)
	b = append(b, `,"publish":{"channel":"`...)
	b = append(b, r.id...)
	b = append(b, `","data":{"id":"`...)
	b = append(b, l.name...)
	b = strconv.AppendInt(b, int64(n), 10)
	b = append(b, `","type":"talk","body":"`...)
	b = append(b, text...)
	return append(b, `"}}}`...)
}

var (
	asReply = []byte(`{"id":`)
	asPush  = []byte(`{"push":`)
	asPing  = []byte(`{}`)
	newline = []byte("\n")
)

func peerHear(c *client, frame []byte) {
	l := current.Load()
	for line := range bytes.SplitSeq(frame, newline) {
		switch {
		case bytes.Equal(line, asPing):
			_ = c.write(0x81, asPing) // a broken connection is counted where it is read
		case l == nil:
		case bytes.HasPrefix(line, asPush):
			if _, id, ok := bytes.Cut(line, asID); ok {
				l.delivered(id)
			}
		case bytes.HasPrefix(line, asReply):
			n, ok := number(line[len(asReply):])
			l.answered(c, n-2, ok, bytes.Contains(line, asError))
		}
	}
}
