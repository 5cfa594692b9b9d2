package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

// lossyLine forwards to a MariaDB and, when armed, cuts the connection instead of handing on what the
// server answers to the next COMMIT.
type lossyLine struct {
	net.Listener
	to    string
	armed atomic.Bool
	cuts  atomic.Int64
	wg    sync.WaitGroup
}

func newLossyLine(t *testing.T, to string) *lossyLine {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	line := &lossyLine{Listener: l, to: to}
	line.wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			line.wg.Go(func() { line.carry(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); line.wg.Wait() })
	return line
}

func (l *lossyLine) carry(down net.Conn) {
	defer down.Close()
	up, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", l.to)
	if err != nil {
		return
	}
	defer up.Close()
	var cut atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		defer up.Close()
		buf := make([]byte, 1<<16)
		for {
			n, err := down.Read(buf)
			if n > 0 {
				if bytes.Contains(buf[:n], []byte("COMMIT")) && !bytes.Contains(buf[:n], []byte("S_COMMIT")) && l.armed.CompareAndSwap(true, false) {
					cut.Store(true)
				}
				if _, err := up.Write(buf[:n]); err != nil {
					return
				}
			}
			if err != nil {
				return
			}
		}
	})
	buf := make([]byte, 1<<16)
	for {
		n, err := up.Read(buf)
		if cut.Load() {
			l.cuts.Add(1)
			break
		}
		if n > 0 {
			if _, err := down.Write(buf[:n]); err != nil {
				break
			}
		}
		if err != nil {
			break
		}
	}
	_ = down.Close()
	wg.Wait()
}

func TestAMessageWhoseCommitAnswerWasLostIsStoredOnceAndToldOnce(t *testing.T) {
	u, err := url.Parse(storetest.MariaDB(t))
	if err != nil {
		t.Fatal(err)
	}
	line := newLossyLine(t, u.Host)
	u.Host = line.Addr().String()
	s, err := store.Open(t.Context(), store.Config{DSN: u.String()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	people(t, s, "kim", "lee")
	r := room(t, s, "kim", "lee")
	var told atomic.Int64
	for i := range 10 {
		line.armed.Store(true)
		out, err := s.Send(t.Context(), store.NewMessage{ID: protocol.MessageID(fmt.Sprint("m", i)), Room: r, Sender: "kim", Body: "text"}, func(store.Stored) { told.Add(1) })
		if err != nil || out.Repeat || out.Message.Seq != protocol.Seq(i+1) {
			t.Fatalf("message %d: %+v %v", i, out, err)
		}
	}
	if line.cuts.Load() != 10 || told.Load() != 10 {
		t.Fatalf("%d cuts, %d told", line.cuts.Load(), told.Load())
	}
	if page, err := s.Messages(t.Context(), "lee", r, nil, nil, 50); err != nil || len(page.Messages) != 10 {
		t.Fatalf("%d messages, %v", len(page.Messages), err)
	}
}

func TestADatabaseThatIsAwayRefusesAndComesBack(t *testing.T) {
	u, err := url.Parse(storetest.MariaDB(t))
	if err != nil {
		t.Fatal(err)
	}
	line := newLossyLine(t, u.Host)
	at := line.Addr().String()
	u.Host = at
	s, err := store.Open(t.Context(), store.Config{DSN: u.String()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	people(t, s, "kim", "lee")
	r := room(t, s, "kim", "lee")
	line.armed.Store(true)
	_ = line.Close() // whoever dials now is refused
	if _, err := s.Send(t.Context(), store.NewMessage{ID: "m1", Room: r, Sender: "kim", Body: "text"}, nil); !errors.Is(err, store.ErrUnavailable) {
		t.Fatalf("%v", err)
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", at)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go line.carry(c)
		}
	}()
	// Whether it was stored before the line broke nobody could tell: sending again settles it.
	out := send(t, s, r, "kim", "m1", "text")
	if out.Message.Seq != 1 {
		t.Fatalf("%+v", out)
	}
	if page, err := s.Messages(t.Context(), "lee", r, nil, nil, 50); err != nil || len(page.Messages) != 1 {
		t.Fatalf("%+v %v", page, err)
	}
}

func TestAFullDiskRefusesClearlyAndLosesNothing(t *testing.T) {
	var ahead atomic.Int64
	s, err := store.Open(t.Context(), store.Config{Dir: t.TempDir(), Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	people(t, s, "kim", "lee")
	r := room(t, s, "kim", "lee")
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Exec(t.Context(), "PRAGMA max_page_count=1"); err != nil { // as many as there are
		t.Fatal(err)
	}
	var stored int
	for i := 0; ; i++ {
		_, err := s.Send(t.Context(), store.NewMessage{ID: protocol.MessageID(fmt.Sprint("m", i)), Room: r, Sender: "kim", Body: strings.Repeat("가", 4000)}, nil)
		if errors.Is(err, store.ErrFull) {
			break
		}
		if err != nil || i > 1000 {
			t.Fatalf("message %d: %v", i, err)
		}
		stored++
	}
	if page, err := s.Messages(t.Context(), "lee", r, nil, nil, 1000); err != nil || len(page.Messages) != stored {
		t.Fatalf("%d messages of %d while it is full, %v", len(page.Messages), stored, err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, store.ErrFull) {
		t.Errorf("all is well, it says, %v", err)
	}
	ahead.Store(int64(time.Minute))
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("nobody would write again and hear that there is room: %v", err)
	}
	if err := s.Exec(t.Context(), "PRAGMA max_page_count=1000000"); err != nil {
		t.Fatal(err)
	}
	if out := send(t, s, r, "kim", "after", "text"); out.Message.Seq != protocol.Seq(stored+1) {
		t.Fatalf("%+v after %d", out, stored)
	}
}

func TestAFolderThatCannotBeWrittenIsNoneThatIsReady(t *testing.T) {
	dir := t.TempDir()
	s, err := store.Open(t.Context(), store.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".probe-*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	if err := os.Rename(dir, dir+"-gone"); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir + "-gone")
	if err := s.Ping(t.Context()); err == nil {
		t.Error("ready")
	}
}

func TestAWriteThatFailsDoesNotHurtItsNeighbours(t *testing.T) {
	s, err := store.Open(t.Context(), store.Config{DSN: storetest.MariaDB(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	people(t, s, "kim", "lee")
	r := room(t, s, "kim", "lee")
	var wg sync.WaitGroup
	var failed atomic.Int64
	for i := range 60 {
		wg.Go(func() {
			body := "text"
			if i == 30 {
				body = strings.Repeat("x", 5000) // longer than the column
			}
			if _, err := s.Send(t.Context(), store.NewMessage{ID: protocol.MessageID(fmt.Sprint("m", i)), Room: r, Sender: "kim", Body: body}, nil); err != nil {
				failed.Add(1)
			}
		})
	}
	wg.Wait()
	page, err := s.Messages(t.Context(), "lee", r, nil, nil, 100)
	if err != nil || failed.Load() != 1 || len(page.Messages) != 59 || page.Messages[58].Seq != 59 {
		t.Fatalf("%d failed, %d stored, %v", failed.Load(), len(page.Messages), err)
	}
}

func TestTwoServersOnOneDatabaseNumberARoomTogether(t *testing.T) {
	for _, kind := range []string{"sqlite", "mariadb"} {
		t.Run(kind, func(t *testing.T) {
			c := store.Config{Dir: t.TempDir()}
			if kind == "mariadb" {
				c.DSN = storetest.MariaDB(t)
			}
			var servers [2]*store.Store
			var opening sync.WaitGroup
			for i := range servers {
				opening.Go(func() { // both at once: only one may make the tables
					var err error
					if servers[i], err = store.Open(t.Context(), c); err != nil {
						t.Error(err)
					}
				})
			}
			opening.Wait()
			if t.Failed() {
				return
			}
			defer servers[0].Close()
			defer servers[1].Close()
			people(t, servers[0], "kim", "lee")
			r := room(t, servers[1], "kim", "lee")
			var wg sync.WaitGroup
			for i := range 100 {
				wg.Go(func() { send(t, servers[i%2], r, "kim", fmt.Sprint("m", i), "text") })
				wg.Go(func() {
					if _, err := servers[i/2%2].Read(t.Context(), r, "lee", protocol.Seq(i), nil); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			page, err := servers[0].Messages(t.Context(), "lee", r, nil, nil, 200)
			if err != nil || len(page.Messages) != 100 {
				t.Fatalf("%d messages, %v", len(page.Messages), err)
			}
			for i, m := range page.Messages {
				if m.Seq != protocol.Seq(i+1) || i > 0 && (m.Rev <= page.Messages[i-1].Rev || m.At < page.Messages[i-1].At) {
					t.Fatalf("message %d is %+v", i, m)
				}
			}
			oneOfTwo(t, servers)
			oneRoomForAnID(t, servers)
		})
	}
}

func TestClosingWhileWritesWaitAnswersThemAll(t *testing.T) {
	for range 20 {
		s, err := store.Open(t.Context(), store.Config{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		people(t, s, "kim", "lee")
		r := room(t, s, "kim", "lee")
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() {
				_, err := s.Send(t.Context(), store.NewMessage{ID: protocol.MessageID(fmt.Sprint("m", i)), Room: r, Sender: "kim", Body: "text"}, nil)
				if err != nil && !errors.Is(err, store.ErrClosed) {
					t.Error(err)
				}
			})
		}
		_ = s.Close()
		done := make(chan struct{})
		go func() { wg.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(20 * time.Second):
			t.Fatal("a write waits for ever")
		}
	}
}

// oneOfTwo lets both servers make the same room at the same instant.
func oneOfTwo(t *testing.T, servers [2]*store.Store) {
	t.Helper()
	people(t, servers[0], "p0", "p1", "p2", "p3", "p4", "p5", "p6", "p7")
	var wg sync.WaitGroup
	for i := range 8 {
		other := protocol.UserID(fmt.Sprint("p", i))
		var made [2]store.RoomMade
		for k, s := range servers {
			wg.Go(func() {
				var err error
				if made[k], err = s.CreateRoom(t.Context(), "kim", []protocol.UserID{other}, "", nil); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if made[0].Room != made[1].Room || made[0].Existed == made[1].Existed {
			t.Fatalf("kim and %s have %+v", other, made)
		}
	}
}

// oneRoomForAnID lets both servers store the same ids at the same instant, each in a room of its own.
func oneRoomForAnID(t *testing.T, servers [2]*store.Store) {
	t.Helper()
	people(t, servers[0], "q0", "q1")
	rooms := [2]protocol.RoomID{room(t, servers[0], "kim", "q0"), room(t, servers[1], "kim", "q1")}
	var wg sync.WaitGroup
	for i := range 40 {
		id := protocol.MessageID(fmt.Sprint("twin", i))
		var errs [2]error
		for k, s := range servers {
			wg.Go(func() {
				_, errs[k] = s.Send(t.Context(), store.NewMessage{ID: id, Room: rooms[k], Sender: "kim", Body: "text"}, nil)
			})
		}
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) || !errors.Is(errors.Join(errs[:]...), store.ErrTaken) {
			t.Fatalf("%s is stored with %v", id, errs)
		}
	}
	stored := 0
	for _, r := range rooms {
		page, err := servers[0].Messages(t.Context(), "kim", r, nil, nil, 100)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range page.Messages {
			if m.Seq != protocol.Seq(i+1) {
				t.Fatalf("message %d has the seq %d", i, m.Seq)
			}
		}
		stored += len(page.Messages)
	}
	if stored != 40 {
		t.Errorf("40 ids are %d messages", stored)
	}
}
