package files

import (
	"bytes"
	"context"
	"errors"
	"image"
	"io"
	"log/slog"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"sendjay/server/blob"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// s3 is a store of objects that speaks the real protocol over a real port.
func s3(t *testing.T) blob.Store {
	t.Helper()
	fake := s3mem.New()
	if err := fake.CreateBucket("talk"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(fake).Server())
	t.Cleanup(server.Close)
	s, err := blob.Open(t.Context(), blob.Config{Where: "s3://talk/files?region=us-east-1&endpoint=" + server.URL, Key: "k", Secret: "s", Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// watched is a store that counts what is laid into it, and does something before.
type watched struct {
	blob.Store
	laid   atomic.Int64
	before func(key string)
}

func (w *watched) Lay(ctx context.Context, key string, r io.Reader) (int64, error) {
	w.laid.Add(1)
	if w.before != nil {
		w.before(key)
	}
	return w.Store.Lay(ctx, key, r)
}

func (w *watched) Put(ctx context.Context, key string, r io.Reader) (int64, error) {
	if w.before != nil {
		w.before(key)
	}
	return w.Store.Put(ctx, key, r)
}

// sent uploads a file and sends it.
func (h *house) sent(t *testing.T, name, content string) (store.File, protocol.MessageID) {
	t.Helper()
	f, err := h.put(t, name, content)
	if err != nil || !f.Facts.Thumb {
		t.Fatalf("%s: %+v %v", name, f, err)
	}
	id := protocol.MessageID("m-" + string(f.ID))
	if _, err := h.db.Send(t.Context(), store.NewMessage{ID: id, Room: h.room, Sender: "kim", SenderName: "kim", File: f.ID}, nil); err != nil {
		t.Fatal(err)
	}
	return f, id
}

func keys(t *testing.T, s blob.Store) (names []string) {
	t.Helper()
	if err := s.List(t.Context(), func(i blob.Info) error { names = append(names, i.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	slices.Sort(names)
	return names
}

func TestSmallPicturesThatAreLostOrBrokenAreMadeAnewOnce(t *testing.T) {
	for _, kind := range []string{"folder", "s3"} {
		t.Run(kind, func(t *testing.T) {
			w := &watched{}
			h := open(t, func(c *Config) {
				c.MaxFile = 64 << 20
				if w.Store = c.Blobs; kind == "s3" {
					w.Store = s3(t)
				}
				c.Blobs = w
			})
			f, _ := h.sent(t, "house.png", string(dot(t, 900, 700)))
			all := keys(t, w)
			for name, harm := range map[string]func(key string) error{
				"lost": func(key string) error { return w.Remove(t.Context(), key) },
				"empty": func(key string) error {
					_, err := w.Put(t.Context(), key, strings.NewReader(""))
					return err
				},
				"cut off": func(key string) error {
					b, err := w.Open(t.Context(), key)
					if err != nil {
						return err
					}
					defer b.Close()
					raw, _ := io.ReadAll(b)
					_, err = w.Put(t.Context(), key, bytes.NewReader(raw[:len(raw)-7]))
					return err
				},
			} {
				for _, harmed := range [][]Size{{Thumb}, {Screen}, {Thumb, Screen}} {
					w.laid.Store(0)
					for _, size := range harmed {
						if err := harm(f.Key + string(size)); err != nil {
							t.Fatal(err)
						}
					}
					var wg sync.WaitGroup
					for range 6 {
						wg.Go(func() {
							_, b, err := h.Open(t.Context(), "lee", f.ID, harmed[0])
							if err != nil {
								t.Errorf("%s %v: %v", name, harmed, err)
								return
							}
							defer b.Close()
							if _, _, err := image.Decode(b); err != nil {
								t.Errorf("%s %v: %v", name, harmed, err)
							}
						})
					}
					wg.Wait()
					if n := w.laid.Load(); n != 2 || !slices.Equal(keys(t, w), all) {
						t.Errorf("%s %v: %d pictures were kept, there are %v", name, harmed, n, keys(t, w))
					}
				}
			}
		})
	}
}

func TestBytesThatAreLostComeBackWithWhoeverSendsThemAgain(t *testing.T) {
	for _, kind := range []string{"folder", "s3"} {
		t.Run(kind, func(t *testing.T) {
			h := open(t, func(c *Config) {
				if kind == "s3" {
					c.Blobs = s3(t)
				}
			})
			content := string(dot(t, 900, 700))
			f, _ := h.sent(t, "house.png", content)
			all := keys(t, h.Blobs)
			for name, harm := range map[string]func() error{
				"whole": func() error { return nil },
				"lost":  func() error { return h.Blobs.Remove(t.Context(), f.Key) },
				"cut off": func() error {
					_, err := h.Blobs.Put(t.Context(), f.Key, strings.NewReader(content[:100]))
					return err
				},
			} {
				if err := harm(); err != nil {
					t.Fatal(err)
				}
				again, err := h.put(t, "again.png", content)
				if err != nil || again.Key != f.Key || !again.Facts.Thumb {
					t.Fatalf("%s: %+v, %v", name, again, err)
				}
				if err := h.Sweep(t.Context()); err != nil {
					t.Fatal(err)
				}
				_, b, err := h.Open(t.Context(), "lee", f.ID, Original)
				if err != nil {
					t.Fatal(name, err)
				}
				raw, err := io.ReadAll(b)
				if err := errors.Join(err, b.Close()); err != nil || string(raw) != content {
					t.Errorf("%s: %d bytes, %v", name, len(raw), err)
				}
				if left := keys(t, h.Blobs); !slices.Equal(left, all) {
					t.Errorf("%s: kept are %v, want %v", name, left, all)
				}
			}
		})
	}
}

func TestBytesThatComeBackForNobodyLeaveNothing(t *testing.T) {
	w := &watched{}
	h := open(t, func(c *Config) {
		w.Store = c.Blobs
		c.Blobs = w
	})
	content := string(dot(t, 900, 700))
	f, message := h.sent(t, "house.png", content)
	if err := w.Remove(t.Context(), f.Key); err != nil {
		t.Fatal(err)
	}
	w.before = func(key string) {
		if key != f.Key {
			return
		}
		if _, err := h.db.Cancel(t.Context(), h.room, "kim", message, time.Hour, nil); err != nil {
			t.Error(err)
		}
		if err := h.Sweep(t.Context()); err != nil {
			t.Error(err)
		}
	}
	again, err := h.put(t, "again.png", content)
	if err != nil || again.Key == f.Key {
		t.Fatalf("%+v, %v", again, err)
	}
	for _, name := range left(t, h.dir) {
		if !strings.HasPrefix(name, again.Key) {
			t.Errorf("left over: %s", name)
		}
	}
}

// away is a database that is away when a file is to be made whole.
type away struct{ Store }

func (away) WholeFile(context.Context, protocol.FileID, store.FileFacts) (store.File, error) {
	return store.File{}, store.ErrUnavailable
}

func TestBytesThatCameBackStayThoughTheirBringerHasToComeAgain(t *testing.T) {
	h := open(t, nil)
	content := string(dot(t, 900, 700))
	f, _ := h.sent(t, "house.png", content)
	if err := h.Blobs.Remove(t.Context(), f.Key); err != nil {
		t.Fatal(err)
	}
	h.Store = away{h.db}
	if _, err := h.put(t, "again.png", content); protocol.CodeOf(err) != protocol.Unavailable {
		t.Fatal(err)
	}
	_, b, err := h.Open(t.Context(), "lee", f.ID, Original)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Error(err)
	}
}

func TestWhatCannotBeMadeAnewIsNotTriedForEachWhoAsks(t *testing.T) {
	var log strings.Builder
	h := open(t, func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	f, _ := h.sent(t, "house.png", string(dot(t, 900, 700)))
	for _, size := range []Size{Original, Screen} {
		if err := h.Blobs.Remove(t.Context(), f.Key+string(size)); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 { // the smaller one is better than none
		_, b, err := h.Open(t.Context(), "kim", f.ID, Screen)
		if err != nil {
			t.Fatal(err)
		}
		_ = b.Close()
	}
	if err := h.Blobs.Remove(t.Context(), f.Key+string(Thumb)); err != nil {
		t.Fatal(err)
	}
	for _, size := range []Size{Thumb, Screen} {
		if _, _, err := h.Open(t.Context(), "kim", f.ID, size); protocol.CodeOf(err) != protocol.NotFound {
			t.Errorf("%s: %v", size, err)
		}
	}
	if n := strings.Count(log.String(), "cannot be made anew"); n != 1 {
		t.Errorf("tried %d times: %s", n, log.String())
	}
}

func TestSmallPicturesOfAFullDiskAreTriedAgain(t *testing.T) {
	full := &fullAt{}
	h := open(t, func(c *Config) {
		full.Store = c.Blobs
		c.Blobs = full
	})
	f, _ := h.sent(t, "house.png", string(dot(t, 900, 700)))
	if err := h.Blobs.Remove(t.Context(), f.Key+string(Thumb)); err != nil {
		t.Fatal(err)
	}
	full.now.Store(true)
	if _, _, err := h.Open(t.Context(), "kim", f.ID, Thumb); protocol.CodeOf(err) != protocol.Unavailable {
		t.Errorf("without room: %v", err)
	}
	full.now.Store(false)
	_, b, err := h.Open(t.Context(), "kim", f.ID, Thumb)
	if err != nil {
		t.Fatal(err)
	}
	_ = b.Close()
}

// fullAt is a store without room for more, while now is set.
type fullAt struct {
	blob.Store
	now atomic.Bool
}

func (f *fullAt) Lay(ctx context.Context, key string, r io.Reader) (int64, error) {
	if f.now.Load() {
		return 0, blob.ErrFull
	}
	return f.Store.Lay(ctx, key, r)
}

func (f *fullAt) Put(ctx context.Context, key string, r io.Reader) (int64, error) {
	if f.now.Load() {
		return 0, blob.ErrFull
	}
	return f.Store.Put(ctx, key, r)
}

func TestAPictureThatGoesWhileItIsHealedLeavesNothing(t *testing.T) {
	w := &watched{}
	h := open(t, func(c *Config) {
		w.Store = c.Blobs
		c.Blobs = w
	})
	f, message := h.sent(t, "house.png", string(dot(t, 900, 700)))
	if err := w.Remove(t.Context(), f.Key+string(Thumb)); err != nil {
		t.Fatal(err)
	}
	w.before = func(key string) {
		if !strings.HasSuffix(key, string(Screen)) {
			return
		}
		if _, err := h.db.Cancel(t.Context(), h.room, "kim", message, time.Hour, nil); err != nil {
			t.Error(err)
		}
		if err := h.Sweep(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if _, _, err := h.Open(t.Context(), "kim", f.ID, Thumb); protocol.CodeOf(err) != protocol.NotFound {
		t.Errorf("a picture that is gone: %v", err)
	}
	if names := left(t, h.dir); len(names) > 0 {
		t.Errorf("left over: %v", names)
	}
}

func TestAnUploadThatIsDroppedElsewhereWhileItIsLookedAtLeavesNothing(t *testing.T) {
	w := &watched{}
	h := open(t, func(c *Config) {
		w.Store = c.Blobs
		c.Blobs = w
	})
	w.before = func(key string) {
		id, small := strings.CutSuffix(key, string(Screen))
		if !small {
			return
		}
		if err := h.db.DropFile(t.Context(), protocol.FileID(id)); err != nil {
			t.Error(err)
		}
		if err := h.Sweep(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if f, err := h.put(t, "house.png", string(dot(t, 900, 700))); protocol.CodeOf(err) != protocol.NotFound {
		t.Errorf("%+v, %v", f, err)
	}
	w.before = nil
	if err := h.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if names := left(t, h.dir); len(names) > 0 {
		t.Errorf("left over: %v", names)
	}
}

func TestWhoAsksForALostPictureMayGo(t *testing.T) {
	h := open(t, nil)
	f, _ := h.sent(t, "house.png", string(dot(t, 900, 700)))
	if err := h.Blobs.Remove(t.Context(), f.Key+string(Thumb)); err != nil {
		t.Fatal(err)
	}
	h.hands <- struct{}{} // busy with others
	ctx, cancel := context.WithCancel(t.Context())
	asked := make(chan error)
	go func() {
		_, _, err := h.Open(ctx, "kim", f.ID, Thumb)
		asked <- err
	}()
	for waits := false; !waits; runtime.Gosched() {
		h.mu.Lock()
		waits = len(h.healing) > 0
		h.mu.Unlock()
	}
	cancel()
	if err := <-asked; !errors.Is(err, context.Canceled) {
		t.Errorf("whoever went away: %v", err)
	}
	<-h.hands
	_, b, err := h.Open(t.Context(), "kim", f.ID, Thumb)
	if err != nil {
		t.Fatal(err)
	}
	_ = b.Close()
}
