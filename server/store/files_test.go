package store_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

// two are two servers: with MariaDB they have one database between them, with SQLite they are one.
func two(t *testing.T, each func(t *testing.T, a, b *store.Store)) {
	for _, kind := range []string{"sqlite", "mariadb"} {
		t.Run(kind, func(t *testing.T) {
			c := store.Config{Dir: t.TempDir()}
			if kind == "mariadb" {
				c.DSN = storetest.MariaDB(t)
			}
			open := func() *store.Store {
				s, err := store.Open(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = s.Close() })
				return s
			}
			a := open()
			if kind == "sqlite" {
				each(t, a, a)
				return
			}
			each(t, a, open())
		})
	}
}

// disk is the keys whose bytes are kept.
type disk struct {
	mu   sync.Mutex
	keys map[string]bool
}

func (d *disk) add(key string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.keys[key] = true
}

// sweep removes what s has thrown away.
func (d *disk) sweep(t *testing.T, s *store.Store) {
	t.Helper()
	keys, err := s.Trash(t.Context(), 1000)
	if err == nil && len(keys) > 0 {
		d.mu.Lock()
		for _, k := range keys {
			delete(d.keys, k)
		}
		d.mu.Unlock()
		err = s.Emptied(t.Context(), keys)
	}
	if err != nil {
		t.Error(err)
	}
}

// whole uploads a file with this content.
func (d *disk) whole(t *testing.T, s *store.Store, r protocol.RoomID, id protocol.FileID, content string) store.File {
	t.Helper()
	if err := s.AddFile(t.Context(), store.File{ID: id, Owner: "kim", Room: r, Name: "a.txt", Size: 1, Key: string(id)}, store.FileLimits{}); err != nil {
		t.Error(err)
	}
	d.add(string(id))
	f, err := s.WholeFile(t.Context(), id, store.FileFacts{Hash: content, Kind: "text/plain"})
	if err != nil {
		t.Error(err)
	}
	return f
}

func showFile(t *testing.T, s *store.Store, r protocol.RoomID, id protocol.FileID, message string) {
	t.Helper()
	if _, err := s.Send(t.Context(), store.NewMessage{ID: protocol.MessageID(message), Room: r, Sender: "kim", SenderName: "Nkim", File: id}, nil); err != nil {
		t.Error(err)
	}
}

func TestBytesStayWhileAFileHasThemWhoeverComesAndGoesMeanwhile(t *testing.T) {
	two(t, func(t *testing.T, a, b *store.Store) {
		people(t, a, "kim", "lee")
		r := room(t, a, "kim", "lee")
		d := &disk{keys: map[string]bool{}}
		var mu sync.Mutex
		live := map[string]bool{} // keys of files that stay
		stop := make(chan struct{})
		var sweeping, wg sync.WaitGroup
		sweeping.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					d.sweep(t, a)
				}
			}
		})
		for w := range 4 {
			wg.Go(func() {
				s := []*store.Store{a, b}[w%2]
				for i := range 12 {
					id := fmt.Sprintf("file-%d-%d", w, i)
					f := d.whole(t, s, r, protocol.FileID(id), fmt.Sprint("content", i%2))
					switch {
					case w == 0 && i >= 10: // one of each content stays
						mu.Lock()
						live[f.Key] = true
						mu.Unlock()
					case i%3 == 0:
						if err := s.DropFile(t.Context(), f.ID); err != nil {
							t.Error(err)
						}
					default:
						showFile(t, s, r, f.ID, "m-"+id)
						if _, err := s.Cancel(t.Context(), r, "kim", protocol.MessageID("m-"+id), time.Hour, nil); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		close(stop)
		sweeping.Wait()
		d.sweep(t, b)
		for key := range live {
			if !d.keys[key] {
				t.Errorf("%s is gone, and a file has it", key)
			}
		}
		if len(live) != len(d.keys) {
			t.Errorf("files have %v, kept is %v", live, d.keys)
		}
	})
}

func TestAFileEndsOnceThoughTwoServersEndIt(t *testing.T) {
	two(t, func(t *testing.T, a, b *store.Store) {
		people(t, a, "kim", "lee", "cho")
		first, second := room(t, a, "kim", "lee"), room(t, a, "kim", "cho")
		d := &disk{keys: map[string]bool{}}
		at := func(f ...func() error) {
			var wg sync.WaitGroup
			for _, f := range f {
				wg.Go(func() {
					if err := f(); err != nil && !errors.Is(err, store.ErrNoFile) {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		cancel := func(s *store.Store, r protocol.RoomID, message string) func() error {
			return func() error {
				_, err := s.Cancel(t.Context(), r, "kim", protocol.MessageID(message), time.Hour, nil)
				return err
			}
		}
		for i := range 15 {
			n := fmt.Sprint(i)
			keeps := d.whole(t, a, first, protocol.FileID("keeps"+n), "shared"+n)
			showFile(t, a, first, keeps.ID, "m1-"+n)
			drops := d.whole(t, a, first, protocol.FileID("drops"+n), "shared"+n)
			at(func() error { return a.DropFile(t.Context(), drops.ID) },
				func() error { return b.DropFile(t.Context(), drops.ID) },
				func() error {
					_, err := b.EndFiles(t.Context(), protocol.At(time.Now().Add(time.Hour)), 100)
					return err
				})
			d.sweep(t, a)
			if kept, err := b.KeepsBytes(t.Context(), keeps); !d.keys[keeps.Key] || !kept || err != nil {
				t.Fatalf("round %d: the bytes of a file went with another one: %v, %v", i, kept, err)
			}
			showFile(t, b, second, keeps.ID, "m2-"+n)
			at(cancel(a, first, "m1-"+n), cancel(b, second, "m2-"+n))
			d.sweep(t, a)
			if kept, err := b.KeepsBytes(t.Context(), keeps); d.keys[keeps.Key] || kept || err != nil {
				t.Fatalf("round %d: the bytes of a file stay though both its messages are gone: %v, %v", i, kept, err)
			}
		}
	})
}

func TestWhatComesForAFileThatWasDroppedIsThrownAwayAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		r := room(t, s, "kim", "lee")
		d := &disk{keys: map[string]bool{}}
		if err := s.AddFile(t.Context(), store.File{ID: "late", Owner: "kim", Room: r, Name: "a.png", Size: 1, Key: "late"}, store.FileLimits{}); err != nil {
			t.Fatal(err)
		}
		if err := s.DropFile(t.Context(), "late"); err != nil {
			t.Fatal(err)
		}
		d.sweep(t, s)
		if _, err := s.WholeFile(t.Context(), "late", store.FileFacts{Hash: "h"}); !errors.Is(err, store.ErrNoFile) {
			t.Errorf("a file that was dropped became whole: %v", err)
		}
		if err := s.TouchFile(t.Context(), "late"); !errors.Is(err, store.ErrNoFile) {
			t.Errorf("an upload that was dropped goes on: %v", err)
		}
		if keys, err := s.Trash(t.Context(), 10); err != nil || !slices.Equal(keys, []string{"late"}) {
			t.Errorf("thrown away: %v, %v", keys, err)
		}
		f := d.whole(t, s, r, "once", "h")
		if again, err := s.WholeFile(t.Context(), f.ID, store.FileFacts{Hash: "h"}); err != nil || again.State != store.FileWhole {
			t.Errorf("made whole twice: %+v, %v", again, err)
		}
		if d.sweep(t, s); !d.keys[f.Key] {
			t.Error("the bytes of a file went because it was made whole twice")
		}
	})
}
