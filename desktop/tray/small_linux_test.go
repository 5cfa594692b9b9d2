package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"sendjay/desktop/desktoptest"
	"sendjay/desktop/desktoptest/sessionbus"
	"sendjay/desktop/tray/icon"
	"sendjay/shared/protocol"
)

// The targets of a tray that is connected and has nothing to do, its watcher included.
const (
	mostMiB   = 25
	heartbeat = 25 * time.Second
	// A heartbeat is a timer, a read, a write and what the runtime's threads do with each other meanwhile: measured, 8 to 11.
	wakesPerBeat = 16
	// The server keeps pages of its database in memory, up to a bound that a young database reaches after so many
	// messages: with 140,000 it was as large as with those.
	pagesMiB  = 16
	pagesFull = 40_000
	// perCycle is how many messages a cycle of a soak has.
	perCycle = 40
	// The people of a soak talk longer than their access tokens last.
	tokensLast = 15 * time.Minute
)

var (
	settleFor = flag.Duration("settle", 110*time.Second, "how long the tray may tidy up after its traffic")
	restFor   = flag.Duration("idle", 50*time.Second, "how long the resting tray is watched")
	soakFor   = flag.Duration("soak", 5*time.Minute, "how long a soak takes; an hour holds what a day brings")
)

// released builds the tray as it is shipped, and starts it signed in as kim.
func (h *house) released(args ...string) (*running, *sessionbus.Item) {
	h.t.Helper()
	dir := h.t.TempDir()
	if err := desktoptest.Build(filepath.Join(dir, "sendjay"), "sendjay/desktop/tray", ""); err != nil {
		h.t.Fatal(err)
	}
	return h.install(dir, args...)
}

// field returns a number of a file below /proc, in the file's own unit.
func field(t testing.TB, path, name string) int {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if rest, is := strings.CutPrefix(line, name+":"); is {
			n, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	t.Fatalf("%s says no %s", path, name)
	return 0
}

// pss is the memory of processes in KiB, what they share with others by halves.
func pss(t testing.TB, pids ...int) int {
	t.Helper()
	n := 0
	for _, pid := range pids {
		n += field(t, fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Pss")
	}
	return n
}

// wakes counts how often the threads of processes have slept and gone on.
func wakes(t testing.TB, pids ...int) int {
	t.Helper()
	n := 0
	for _, pid := range pids {
		threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/status", pid))
		if err != nil {
			t.Fatal(err)
		}
		for _, status := range threads {
			n += field(t, status, "voluntary_ctxt_switches")
		}
	}
	return n
}

func fds(t testing.TB, pid int) int {
	t.Helper()
	all, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

func BenchmarkTheRestingTrayIsSmallAndAsleep(b *testing.B) {
	b.Setenv("SENDJAY_RATE_LIMITS", "off")
	h := build(b)
	h.serve("kim", "lee", "han")
	r, i := h.released()
	child := h.childOf(r, 0)
	lee, han := h.person("lee"), h.person("han")
	rooms := []protocol.RoomID{lee.room(), han.room()}
	b.ResetTimer()
	for n := range 600 {
		[]*page{lee, han}[n%2].send(rooms[n%2], fmt.Sprintf("message %d: 점심 먹으러 갈까요?", n))
	}
	h.looks(i, icon.Status{Unread: 600})
	atRest(b, "connected, after 600 messages", r.Process.Pid, child)
	b.ReportMetric(0, "ns/op")
}

// atRest lets a tray tidy up after its traffic, and looks how large it then is and how often it wakes up.
func atRest(b *testing.B, when string, watcher, child int) {
	b.Helper()
	time.Sleep(*settleFor) // the last of it is written, idle connections end, and the runtime gives memory back
	before, began := wakes(b, watcher, child), time.Now()
	time.Sleep(*restFor)
	rate := float64(wakes(b, watcher, child)-before) / time.Since(began).Seconds()
	whole, own := pss(b, watcher, child), pss(b, watcher)
	fmt.Printf("tray at rest, %s: %.1f MiB PSS (target %d), of it the watcher %.1f; %.2f wake-ups a second, heartbeats included\n",
		when, float64(whole)/1024, mostMiB, float64(own)/1024, rate)
	b.ReportMetric(float64(whole)/1024, "MiB-pss")
	b.ReportMetric(float64(own)/1024, "MiB-pss-watcher")
	b.ReportMetric(rate, "wakes/s")
	if whole > mostMiB<<10 {
		b.Errorf("%.1f MiB, the target is %d", float64(whole)/1024, mostMiB)
	}
	if most := float64(wakesPerBeat) / heartbeat.Seconds(); rate > most {
		b.Errorf("woken up %.2f times a second; heartbeats explain %.2f", rate, most)
	}
}

// cutter is a line to the server that can be cut.
type cutter struct {
	net.Listener
	to string

	mu   sync.Mutex // guards all
	open []net.Conn
}

func newCutter(t testing.TB, to string) *cutter {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{Listener: l, to: to}
	t.Cleanup(func() { _ = l.Close(); c.cut() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", to)
			if err != nil {
				_ = near.Close()
				continue
			}
			c.mu.Lock()
			c.open = append(c.open, near, far)
			c.mu.Unlock()
			pipe := func(to, from net.Conn) {
				_, _ = io.Copy(to, from)
				_ = to.Close()
				_ = from.Close()
			}
			go pipe(near, far)
			go pipe(far, near)
		}
	}()
	return c
}

func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, conn := range c.open {
		_ = conn.Close()
	}
	c.open = nil
}

// sample is how large both sides are at a moment.
type sample struct{ trayKiB, trayFDs, trayGo, serverKiB, serverFDs, serverGo int }

func (s sample) values() []int {
	return []int{s.trayKiB, s.trayFDs, s.trayGo, s.serverKiB, s.serverFDs, s.serverGo}
}

var sampled = []string{"tray, KiB", "tray, files", "tray, goroutines", "server, KiB", "server, files", "server, goroutines"}

var numberOf = regexp.MustCompile(`(?m)^(?:goroutines:|go_goroutines) +(\d+)`)

func (h *house) sample(tray string, child int) (s sample) {
	h.t.Helper()
	number := func(text []byte) int {
		found := numberOf.FindSubmatch(text)
		if found == nil {
			h.t.Fatalf("no goroutines in %s", text)
		}
		n, _ := strconv.Atoi(string(found[1]))
		return n
	}
	c := exec.Command(tray, "--diagnose")
	c.Env = h.env
	out, err := c.Output()
	if err != nil {
		h.t.Fatal(err)
	}
	resp, err := http.Get(h.server + "/metrics")
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	metrics, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	server := h.pid
	return sample{
		field(h.t, fmt.Sprintf("/proc/%d/smaps_rollup", child), "Pss_Anon"), fds(h.t, child), number(out),
		field(h.t, fmt.Sprintf("/proc/%d/smaps_rollup", server), "Pss_Anon"), fds(h.t, server), number(metrics),
	}
}

// BenchmarkSoak lets a tray and a server live through what days bring, and looks whether they grow.
func BenchmarkSoak(b *testing.B) {
	b.Setenv("SENDJAY_RATE_LIMITS", "off")
	h := build(b)
	h.serve("kim", "lee", "han")
	line := newCutter(b, strings.TrimPrefix(h.server, "http://"))
	direct := h.server
	h.server = "http://" + line.Addr().String()
	r, i := h.released()
	h.server = direct
	child := h.childOf(r, 0)
	people := func() []*page { return []*page{h.person("lee"), h.person("han"), h.person("kim")} }
	all, signedIn := people(), time.Now()
	rooms := []protocol.RoomID{all[0].room(), all[1].room()}
	var samples []sample
	unread, cycles := 0, 0
	for end := time.Now().Add(*soakFor); time.Now().Before(end); cycles++ {
		if time.Since(signedIn) > tokensLast/2 {
			all, signedIn = people(), time.Now()
		}
		for n := range perCycle {
			room := rooms[n%2]
			sent := all[n%2].send(room, fmt.Sprintf("cycle %d, message %d", cycles, n))
			unread++
			if n >= perCycle-2 { // read on another device
				h.looks(i, icon.Status{Unread: unread})
				all[2].call("POST", "/api/v1/commands/message.read", protocol.ReadMessages{Room: room, Seq: sent.Seq}, nil)
				unread -= perCycle / 2
				h.looks(i, icon.Status{Unread: unread})
			}
		}
		h.notes.AwaitOpen(0)
		switch cycles % 4 {
		case 0: // the network goes
			line.cut() // it may be back before an icon shows that it was away
		case 1: // the panel is started again
			h.host.Leave()
			h.host.Return()
			i = h.host.Item()
			h.looks(i, icon.Status{})
		case 2: // the notification service is
			h.notes.Restart()
		case 3: // the window is opened
			i.Choose("Open Sendjay")
		}
		samples = append(samples, h.sample(filepath.Clean(r.Path), child))
	}
	growth(b, samples, cycles)
	atRest(b, fmt.Sprintf("connected, after %v", *soakFor), r.Process.Pid, child)
}

// growth prints how large both were in the second quarter, when everything had been used once, and in the last.
func growth(b *testing.B, samples []sample, cycles int) {
	quarter := len(samples) / 4
	if quarter < 2 {
		b.Fatalf("%d cycles say nothing; take longer", cycles)
	}
	middle := func(part []sample, n int) int {
		var all []int
		for _, s := range part {
			all = append(all, s.values()[n])
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	var out bytes.Buffer
	w := tabwriter.NewWriter(&out, 0, 4, 2, ' ', 0)
	fmt.Fprintf(w, "what\tafter %d cycles\tafter %d\tgrowth\n", quarter, cycles)
	for n, name := range sampled {
		early, late := middle(samples[quarter:2*quarter], n), middle(samples[len(samples)-quarter:], n)
		fmt.Fprintf(w, "%s\t%d\t%d\t%+d\n", name, early, late, late-early)
		slack := 4
		if strings.HasSuffix(name, "KiB") {
			slack = 2<<10 + early/5 // what a collector leaves lying about
		}
		if name == "server, KiB" && quarter*perCycle < pagesFull { // a busy machine comes less far in an hour
			slack += pagesMiB << 10
		}
		if late > early+slack {
			b.Errorf("%s grew from %d to %d in %d cycles", name, early, late, cycles)
		}
	}
	_ = w.Flush()
	fmt.Printf("soak of %v\n%s", *soakFor, &out)
	b.ReportMetric(float64(cycles), "cycles")
	b.ReportMetric(0, "ns/op")
}
