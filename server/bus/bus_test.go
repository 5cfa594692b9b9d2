package bus

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"sendjay/server/bus/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	_ Bus = (*Node)(nil)
	_ Bus = (*Redis)(nil)
)

// diary writes down what a node hears.
type diary struct {
	mu    sync.Mutex
	lines []string
	news  chan struct{}
}

func keep(b Bus) *diary {
	d := &diary{news: make(chan struct{}, 1)}
	b.Subscribe("x", func(_ string, data []byte) { d.add(string(data)) })
	b.Around(func(c Change) { d.add(strings.TrimSpace("(" + string(c.What) + ")")) })
	return d
}

func (d *diary) add(s string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, s)
	select {
	case d.news <- struct{}{}:
	default:
	}
}

func (d *diary) words() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(d.lines), func(s string) bool { return s[0] == '(' })
}

func (d *diary) text() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return strings.Join(d.lines, " ")
}

// until waits for a line that was added after the first skip lines, and returns where the next begin.
func (d *diary) until(t *testing.T, line string, skip int) int {
	t.Helper()
	late := time.After(20 * time.Second)
	for {
		d.mu.Lock()
		at := slices.Index(d.lines[min(skip, len(d.lines)):], line)
		d.mu.Unlock()
		if at >= 0 {
			return skip + at + 1
		}
		select {
		case <-d.news:
		case <-late:
			t.Fatalf("waited in vain for %q: %s", line, d.text())
		}
	}
}

func TestMemory(t *testing.T) {
	t.Run("the others hear, in order; oneself and other topics do not", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var m Memory
			a, b := m.Node(), m.Node()
			da, db := keep(a), keep(b)
			for _, n := range []*Node{a, b} {
				n.Start()
				defer n.Close()
			}
			for i := range 5 {
				a.Publish("x", fmt.Append(nil, i))
				a.Publish("y", nil)
			}
			synctest.Wait()
			if got := fmt.Sprint(db.words()); got != "[0 1 2 3 4]" || len(da.words()) > 0 {
				t.Errorf("heard %v; a heard %v", got, da.words())
			}
		})
	})
	t.Run("whoever was cut off learns that he missed something, even if nothing follows", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var m Memory
			a, b := m.Node(), m.Node()
			da, db := keep(a), keep(b)
			a.Start()
			b.Start()
			time.Sleep(time.Second)
			a.Publish("x", []byte("1"))
			b.Cut(true)
			a.Publish("x", []byte("lost"))
			time.Sleep(20 * time.Second)
			b.Cut(false)
			time.Sleep(3 * time.Second)
			if got := db.text(); got != "(back) (came) 1 (down) (back) (missed)" {
				t.Errorf("b: %s", got)
			}
			if got := da.text(); got != "(back) (came) (gone) (came)" {
				t.Errorf("a: %s", got)
			}
			a.Close()
			time.Sleep(time.Second)
			if !strings.HasSuffix(db.text(), "(left)") {
				t.Errorf("b: %s", db.text())
			}
			b.Kill()
		})
	})
	t.Run("one node holds a lease, until it stops keeping it or gives it back", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			var m Memory
			a, b := m.Node(), m.Node()
			mine := func(n *Node, keep time.Duration) bool {
				ok, err := n.Lease(t.Context(), "clean", keep)
				if err != nil {
					t.Fatal(err)
				}
				return ok
			}
			if !mine(a, time.Minute) || mine(b, time.Minute) {
				t.Error("two hold it, or none")
			}
			time.Sleep(50 * time.Second)
			if !mine(a, time.Minute) {
				t.Error("the holder lost it")
			}
			time.Sleep(50 * time.Second)
			if mine(b, time.Minute) {
				t.Error("it was taken from a holder who kept it")
			}
			time.Sleep(11 * time.Second)
			if !mine(b, time.Minute) || mine(a, time.Minute) {
				t.Error("it did not pass on")
			}
			mine(b, 0)
			if !mine(a, time.Minute) {
				t.Error("it was not given back")
			}
		})
	})
}

func open(t *testing.T, url string) (*Redis, *diary) {
	t.Helper()
	r, err := Open(url, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := keep(r)
	r.Start()
	t.Cleanup(r.Close)
	return r, d
}

func TestRedis(t *testing.T) {
	server := redistest.Start(t)
	a, da := open(t, server.URL)
	b, db := open(t, server.URL)
	da.until(t, "(came)", 0)
	at := db.until(t, "(came)", 0)
	t.Run("the others hear everything, in order", func(t *testing.T) {
		for i := range 5000 {
			a.Publish("x", fmt.Append(nil, i))
		}
		at = db.until(t, "4999", at)
		for i, s := range db.words() {
			if s != fmt.Sprint(i) {
				t.Fatalf("heard %s in place %d", s, i)
			}
		}
		if len(db.words()) != 5000 || len(da.words()) != 0 {
			t.Errorf("b heard %d, a %d", len(db.words()), len(da.words()))
		}
	})
	t.Run("publishing waits for nothing while Redis hangs, and what was lost is noticed", func(t *testing.T) {
		server.Hang()
		begun := time.Now()
		big := bytes.Repeat([]byte("x"), 1<<20)
		for range 3 * queueBytes >> 20 {
			a.Publish("z", big)
		}
		if took := time.Since(begun); took > time.Second {
			t.Errorf("publishing took %v", took)
		}
		da.until(t, "(down)", 0)
		if a.Up() {
			t.Error("it claims to be up")
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if a.Ping(ctx) == nil {
			t.Error("something answers")
		}
		server.Resume()
		at = db.until(t, "(missed)", at)
		a.Publish("x", []byte("after"))
		at = db.until(t, "after", at)
	})
	t.Run("a new Redis in its place connects them again", func(t *testing.T) {
		down := da.until(t, "(back)", da.until(t, "(down)", 0))
		server.Stop()
		down = da.until(t, "(down)", down)
		a.Publish("x", []byte("perhaps"))
		server.Start()
		da.until(t, "(back)", down)
		db.until(t, "(back)", at)
		a.Publish("x", []byte("again"))
		at = db.until(t, "again", at)
	})
	t.Run("the lease has one holder, and passes on", func(t *testing.T) {
		mine := func(r *Redis, keep time.Duration) bool {
			ok, err := r.Lease(t.Context(), "jobs", keep)
			if err != nil {
				t.Fatal(err)
			}
			return ok
		}
		if !mine(a, time.Minute) || mine(b, time.Minute) || !mine(a, time.Minute) {
			t.Error("two hold it, or none")
		}
		mine(b, 0)
		if mine(b, time.Minute) {
			t.Error("somebody else gave it back")
		}
		mine(a, 0)
		if !mine(b, time.Minute) {
			t.Error("it was not given back")
		}
	})
	t.Run("a goodbye is told from a death", func(t *testing.T) {
		c, _ := open(t, server.URL)
		from := db.until(t, "(came)", at)
		c.Close()
		db.until(t, "(left)", from)
	})
}

func TestANodeStartsWithoutRedis(t *testing.T) {
	server := redistest.At(t)
	r, d := open(t, server.URL)
	r.Publish("x", []byte("nobody there"))
	if r.Up() || r.Ping(t.Context()) == nil {
		t.Error("something is up")
	}
	server.Start()
	d.until(t, "(back)", 0)
}

func TestAnAddressThatIsNoneIsRefusedWithoutItsPassword(t *testing.T) {
	for _, url := range []string{"http://:secret@host", "redis://:secret@host:port", "secret"} {
		if _, err := Open(url, nil); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

func TestFramesComeOutAsTheyWentIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := frame{node: rapid.String().Draw(t, "node"), number: rapid.Uint64().Draw(t, "number"), bye: rapid.Bool().Draw(t, "bye")}
		for range rapid.IntRange(0, 5).Draw(t, "n") {
			f.entries = append(f.entries, entry{rapid.String().Draw(t, "topic"), rapid.SliceOf(rapid.Byte()).Draw(t, "data")})
		}
		got, err := decodeFrame(f.encode())
		if err != nil || fmt.Sprint(got) != fmt.Sprint(f) {
			t.Fatalf("%v, %v", got, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{})
	f.Add(frame{node: "n", number: 3, entries: []entry{{"t", []byte("d")}}}.encode())
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = decodeFrame(b) })
}
