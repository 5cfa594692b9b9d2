package blob

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// stores are both kinds of store, empty. The S3 server speaks the real protocol over a real port.
func stores(t *testing.T, each func(t *testing.T, s Store)) {
	t.Run("folder", func(t *testing.T) {
		s, err := Open(t.Context(), Config{Where: filepath.Join(t.TempDir(), "files")})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		each(t, s)
	})
	t.Run("s3", func(t *testing.T) { each(t, openFake(t)) })
}

func openFake(t *testing.T) Store {
	t.Helper()
	fake := s3mem.New()
	if err := fake.CreateBucket("talk"); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(gofakes3.New(fake).Server())
	t.Cleanup(server.Close)
	s, err := Open(t.Context(), Config{Where: "s3://talk/files?region=us-east-1&endpoint=" + server.URL, Key: "k", Secret: "s", Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func read(t *testing.T, s Store, key string) []byte {
	t.Helper()
	b, err := s.Open(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	all, err := io.ReadAll(b)
	if err != nil || int64(len(all)) != b.Size {
		t.Fatalf("%d of %d bytes: %v", len(all), b.Size, err)
	}
	return all
}

func TestWhatWasPutIsReadBackFromAnyPlace(t *testing.T) {
	stores(t, func(t *testing.T, s Store) {
		for _, put := range []func(context.Context, string, io.Reader) (int64, error){s.Lay, s.Put, s.Lay} {
			if n, err := put(t.Context(), "key-one", strings.NewReader("안녕하세요 sendjay")); err != nil || n != 23 {
				t.Fatal(n, err)
			}
		}
		if got := string(read(t, s, "key-one")); got != "안녕하세요 sendjay" {
			t.Errorf("read %q", got)
		}
		b, err := s.Open(t.Context(), "key-one")
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		if _, err := b.Seek(16, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		if rest, err := io.ReadAll(b); err != nil || string(rest) != "sendjay" {
			t.Errorf("from the middle %q, %v", rest, err)
		}
		if b.Modified.IsZero() {
			t.Error("no time")
		}
	})
}

func TestAPutThatIsCutOffLeavesNothing(t *testing.T) {
	stores(t, func(t *testing.T, s Store) {
		cut := io.MultiReader(strings.NewReader("half"), iotest.ErrReader(io.ErrUnexpectedEOF))
		if _, err := s.Put(t.Context(), "key-cut", cut); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatal(err)
		}
		if _, err := s.Open(t.Context(), "key-cut"); !errors.Is(err, ErrMissing) {
			t.Errorf("there is something: %v", err)
		}
		if err := s.List(t.Context(), func(i Info) error { t.Errorf("left over: %+v", i); return nil }); err != nil {
			t.Fatal(err)
		}
	})
}

func TestABlobGrowsOverInterruptionsAndIsWholeOnceSealed(t *testing.T) {
	stores(t, func(t *testing.T, s Store) {
		want := make([]byte, 2*partBytes+12345)
		if _, err := rand.Read(want); err != nil {
			t.Fatal(err)
		}
		ctx, at := t.Context(), int64(0)
		for i, piece := range []int{7, 0, 100_000, partBytes, partBytes + 1, len(want)} {
			end := min(int(at)+piece, len(want))
			var r io.Reader = bytes.NewReader(want[at:end])
			if i%2 == 0 { // a line that breaks after the piece
				r = io.MultiReader(r, iotest.ErrReader(io.ErrUnexpectedEOF))
			}
			n, err := s.Append(ctx, "key-grow", at, r)
			if n != int64(end)-at || (err == nil) == (i%2 == 0) {
				t.Fatalf("piece %d: %d bytes, %v", i, n, err)
			}
			at += n
			if grown, err := s.Grown(ctx, "key-grow"); err != nil || grown != at {
				t.Fatalf("grown to %d, want %d, %v", grown, at, err)
			}
			if _, err := s.Append(ctx, "key-grow", at+1, strings.NewReader("x")); !errors.Is(err, ErrOffset) {
				t.Fatalf("a gap is let through: %v", err)
			}
			if _, err := s.Open(ctx, "key-grow"); !errors.Is(err, ErrMissing) {
				t.Fatalf("half a blob can be read: %v", err)
			}
		}
		for range 2 {
			if err := s.Seal(ctx, "key-grow"); err != nil {
				t.Fatal(err)
			}
		}
		if sha256.Sum256(read(t, s, "key-grow")) != sha256.Sum256(want) {
			t.Error("the bytes differ")
		}
		if _, err := s.Grown(ctx, "key-grow"); !errors.Is(err, ErrMissing) {
			t.Errorf("it still grows: %v", err)
		}
	})
}

func TestAnEmptyBlobCanBeSealed(t *testing.T) {
	stores(t, func(t *testing.T, s Store) {
		if _, err := s.Append(t.Context(), "key-none", 0, strings.NewReader("")); err != nil {
			t.Fatal(err)
		}
		if err := s.Seal(t.Context(), "key-none"); err != nil {
			t.Fatal(err)
		}
		if got := read(t, s, "key-none"); len(got) != 0 {
			t.Errorf("read %q", got)
		}
	})
}

func TestAGrowingBlobCanBeCut(t *testing.T) {
	stores(t, func(t *testing.T, s Store) {
		if _, err := s.Append(t.Context(), "key-bad1", 0, strings.NewReader("good, bad")); err != nil {
			t.Fatal(err)
		}
		if err := s.Cut(t.Context(), "key-bad1", 4); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(t.Context(), "key-bad1", 4, strings.NewReader(" again")); err != nil {
			t.Fatal(err)
		}
		if err := s.Seal(t.Context(), "key-bad1"); err != nil {
			t.Fatal(err)
		}
		if got := string(read(t, s, "key-bad1")); got != "good again" {
			t.Errorf("read %q", got)
		}
	})
}

func TestRemovingTakesBothWholeAndGrowingAndIsHarmlessTwice(t *testing.T) {
	stores(t, func(t *testing.T, s Store) {
		ctx := t.Context()
		if _, err := s.Put(ctx, "key-whole", strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Append(ctx, "key-part", 0, bytes.NewReader(make([]byte, partBytes+5))); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		if err := s.List(ctx, func(i Info) error { seen[i.Key] = i.Growing; return nil }); err != nil {
			t.Fatal(err)
		}
		if growing, there := seen["key-whole"]; !there || growing || !seen["key-part"] {
			t.Errorf("listed %v", seen)
		}
		for range 2 {
			for key := range seen {
				if err := s.Remove(ctx, key); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := s.List(ctx, func(i Info) error { t.Errorf("left over: %+v", i); return nil }); err != nil {
			t.Fatal(err)
		}
	})
}

func TestNoKeyLeadsOutOfTheStore(t *testing.T) {
	stores(t, func(t *testing.T, s Store) {
		for _, key := range []string{"", "a", "../../etc/passwd", "a/../../b", ".hidden", "UPPER", "key one", "한글키이름", "key\x00one", strings.Repeat("k", 101)} {
			if _, err := s.Put(t.Context(), key, strings.NewReader("x")); !errors.Is(err, ErrKey) {
				t.Errorf("%q: %v", key, err)
			}
			if _, err := s.Open(t.Context(), key); !errors.Is(err, ErrKey) {
				t.Errorf("%q: %v", key, err)
			}
		}
	})
}

func TestAFolderIsForItsOwnerAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "files")
	s, err := Open(t.Context(), Config{Where: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Put(t.Context(), "key-mine", strings.NewReader("x")); err != nil {
		t.Fatal(err)
	}
	if err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		st, err := d.Info()
		if err == nil && st.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: %v", p, st.Mode())
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderThatCannotBeWrittenSaysSo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "files")
	s, err := Open(t.Context(), Config{Where: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(filepath.Join(dir, growing)); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	if err := os.Remove(filepath.Join(dir, growing)); err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); err == nil {
		t.Error("all is well, it says")
	}
}

func TestAStoreThatIsAwaySaysSo(t *testing.T) {
	server := httptest.NewServer(nil)
	server.Close()
	s, err := Open(t.Context(), Config{Where: "s3://talk?region=us-east-1&endpoint=" + server.URL, Key: "k", Secret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, ErrUnavailable) {
		t.Errorf("ping: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Open(ctx, "key-any"); err == nil {
		t.Error("opened")
	}
}

func TestABucketThatIsNotThereStopsTheStart(t *testing.T) {
	server := httptest.NewServer(gofakes3.New(s3mem.New()).Server())
	defer server.Close()
	if _, err := Open(t.Context(), Config{Where: "s3://nowhere?region=us-east-1&endpoint=" + server.URL, Key: "k", Secret: "s"}); !errors.Is(err, ErrMissing) {
		t.Errorf("opened: %v", err)
	}
}

func TestAStoreThatDoesNotTakeTheKeyIsOneThatDoesNotAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, "<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>")
	}))
	defer server.Close()
	s, err := Open(t.Context(), Config{Where: "s3://talk?region=us-east-1&endpoint=" + server.URL, Key: "k", Secret: "s", Spool: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), "key-any", strings.NewReader("x")); !errors.Is(err, ErrUnavailable) {
		t.Errorf("put: %v", err)
	}
	if _, err := s.Open(t.Context(), "key-any"); !errors.Is(err, ErrUnavailable) {
		t.Errorf("open: %v", err)
	}
}

func TestWhatAProgramThatWasKilledWasPuttingGoesAfterAWhile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "files")
	s, err := Open(t.Context(), Config{Where: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	if _, err := s.Append(t.Context(), "key-grow", 0, strings.NewReader("half")); err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	for name, age := range map[string]time.Duration{"put.old": 2 * time.Hour, "put.new": 0, "key-grow": 2 * time.Hour} {
		file := filepath.Join(dir, growing, name)
		if strings.HasPrefix(name, putting) {
			if err := os.WriteFile(file, []byte("half"), ownFile); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chtimes(file, now, now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Tidy(t.Context(), now.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	var left []string
	if err := s.List(t.Context(), func(i Info) error { left = append(left, i.Key); return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(left, []string{"key-grow", "put.new"}) {
		t.Errorf("left are %v", left)
	}
}
