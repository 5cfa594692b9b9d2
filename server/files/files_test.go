package files

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"golang.org/x/text/unicode/norm"

	"sendjay/server/blob"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// house is a database with two people in a room, and a folder.
type house struct {
	*Files
	db   *store.Store
	room protocol.RoomID
	dir  string
}

func open(t *testing.T, set func(*Config)) *house { return openAt(t, nil, set) }

// openAt is open with a clock for the database.
func openAt(t *testing.T, now func() time.Time, set func(*Config)) *house {
	t.Helper()
	db, err := store.Open(t.Context(), store.Config{Dir: t.TempDir(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	for _, id := range []protocol.UserID{"kim", "lee"} {
		if err := db.AddAccount(t.Context(), store.Account{User: protocol.User{ID: id, Name: string(id)}, Active: true}); err != nil {
			t.Fatal(err)
		}
	}
	made, err := db.CreateRoom(t.Context(), "kim", []protocol.UserID{"lee"}, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "files")
	blobs, err := blob.Open(t.Context(), blob.Config{Where: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	c := Config{Store: db, Blobs: blobs, Limits: Limits{MaxFile: 1 << 20}}
	if set != nil {
		set(&c)
	}
	f := New(c)
	t.Cleanup(f.Stop)
	return &house{f, db, made.Room, dir}
}

// put uploads a file whole.
func (h *house) put(t *testing.T, name, content string) (store.File, error) {
	t.Helper()
	id, err := h.Begin(t.Context(), "kim", h.room, name, int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	file, _, err := h.Mine(t.Context(), "kim", id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Append(t.Context(), file, 0, strings.NewReader(content), nil); err != nil {
		return file, err
	}
	return h.Finish(t.Context(), id)
}

func left(t *testing.T, dir string) (names []string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, filepath.Base(p))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return names
}

func TestNamesAreFileNamesAndNothingElse(t *testing.T) {
	for name, want := range map[string]string{
		"보고서.v1.2.최종.hwp":                  "보고서.v1.2.최종.hwp",
		"../../etc/passwd":                 "passwd",
		`C:\Users\kim\a.txt`:               "a.txt",
		"a/../..":                          "",
		"":                                 "",
		" . ":                              "",
		"line\nbreak\x00.txt":              "linebreak.txt",
		"photo\u202egpj.exe":               "photogpj.exe",
		"👨\u200d👩\u200d👧.png":              "👨\u200d👩\u200d👧.png",
		"bad\xff.txt":                      "bad.txt",
		norm.NFD.String("한글 보고서.hwp"):      "한글 보고서.hwp", // as a Mac calls it
		strings.Repeat("가", 200) + ".docx": strings.Repeat("가", 83) + ".docx",
	} {
		if got := Clean(name); got != want || len(got) > nameBytes {
			t.Errorf("%q became %q, want %q", name, got, want)
		}
	}
}

func TestTheHashIsTheSameHoweverTheBytesCame(t *testing.T) {
	h := open(t, nil)
	whole, err := h.put(t, "a.bin", strings.Repeat("0123456789", 1000))
	if err != nil {
		t.Fatal(err)
	}
	id, err := h.Begin(t.Context(), "kim", h.room, "b.bin", 10_000)
	if err != nil {
		t.Fatal(err)
	}
	content := strings.NewReader(strings.Repeat("0123456789", 1000))
	for at := int64(0); at < 10_000; {
		file, have, err := h.Mine(t.Context(), "kim", id)
		if err != nil || have != at {
			t.Fatal(have, err)
		}
		r := io.MultiReader(io.LimitReader(content, 3001))
		if at > 3000 {
			r = io.MultiReader(r, iotest.ErrReader(io.ErrUnexpectedEOF)) // the hash so far is lost with the line
		}
		n, _ := h.Append(t.Context(), file, at, r, nil)
		at += n
	}
	pieces, err := h.Finish(t.Context(), id)
	if len(whole.Facts.Hash) > 64 || !strings.HasPrefix(whole.Facts.Hash, protocol.FileSum) {
		t.Errorf("it is called %q", whole.Facts.Hash)
	}
	if err != nil || pieces.Facts.Hash != whole.Facts.Hash || pieces.Key != whole.Key {
		t.Errorf("%+v, %v, want %+v", pieces, err, whole)
	}
}

func TestAFileIsFinishedThoughWhoAskedForItIsCutOff(t *testing.T) {
	asked, answer := make(chan bool, 9), make(chan bool)
	h := open(t, func(c *Config) {
		c.Scanner = clamd(t, func([]byte) string {
			asked <- true
			<-answer
			return "stream: OK"
		})
	})
	begin := func() store.File {
		id, err := h.Begin(t.Context(), "kim", h.room, "a.txt", 5)
		if err != nil {
			t.Fatal(err)
		}
		file, _, _ := h.Mine(t.Context(), "kim", id)
		if _, err := h.Append(t.Context(), file, 0, strings.NewReader("hello"), nil); err != nil {
			t.Fatal(err)
		}
		ctx, cut := context.WithCancel(t.Context())
		go func() {
			<-asked
			cut()
		}()
		if _, err := h.Finish(ctx, id); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		return file
	}
	file := begin()
	go func() { answer <- true }()
	if file, err := h.Finish(t.Context(), file.ID); err != nil || file.State != store.FileWhole || len(asked) > 0 {
		t.Errorf("%+v, %v, and %d more looks", file, err, len(asked))
	}

	// One that is given up meanwhile leaves nothing.
	file = begin()
	if err := h.Drop(t.Context(), "kim", file.ID); err != nil {
		t.Fatal(err)
	}
	close(answer)
	if _, err := h.Finish(t.Context(), file.ID); protocol.CodeOf(err) != protocol.NotFound {
		t.Error(err)
	}
	if err := h.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if names := left(t, h.dir); len(names) != 1 {
		t.Errorf("left %v, want the first one's bytes", names)
	}
}

// broken is a store of bytes that answers with err from now on.
type broken struct {
	blob.Store
	err error
}

func (b *broken) Append(ctx context.Context, key string, at int64, r io.Reader) (int64, error) {
	if b.err == nil || at == 0 && b.err == blob.ErrFull { //nolint:errorlint // the test's own
		return b.Store.Append(ctx, key, at, r)
	}
	n, _ := b.Store.Append(ctx, key, at, io.LimitReader(r, 2))
	return n, b.err
}

func TestAFullDiskAndAStoreThatIsAwayAreSaidAndLoseNothing(t *testing.T) {
	for _, fault := range []error{blob.ErrFull, blob.ErrUnavailable} {
		var b *broken
		h := open(t, func(c *Config) {
			b = &broken{Store: c.Blobs}
			c.Blobs = b
		})
		id, err := h.Begin(t.Context(), "kim", h.room, "a.txt", 8)
		if err != nil {
			t.Fatal(err)
		}
		file, _, _ := h.Mine(t.Context(), "kim", id)
		if _, err := h.Append(t.Context(), file, 0, strings.NewReader("good"), nil); err != nil {
			t.Fatal(err)
		}
		b.err = fault
		n, err := h.Append(t.Context(), file, 4, strings.NewReader("more"), nil)
		if r, ok := errors.AsType[*protocol.Refusal](err); n != 2 || !ok || r.Code != protocol.Unavailable || (r.Field == "disk") != errors.Is(fault, blob.ErrFull) {
			t.Fatalf("%v: %d, %v", fault, n, err)
		}
		b.err = nil
		if _, err := h.Append(t.Context(), file, 6, strings.NewReader("re"), nil); err != nil {
			t.Fatal(err)
		}
		if file, err := h.Finish(t.Context(), id); err != nil || file.State != store.FileWhole {
			t.Errorf("%v: %+v, %v", fault, file, err)
		}
	}
}

// pretend puts programs of these names and contents first on the path.
func pretend(t *testing.T, programs map[string]string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

func TestAFilmHasAStillAndItsLength(t *testing.T) {
	still := filepath.Join(t.TempDir(), "still.png")
	if err := os.WriteFile(still, dot(t, 640, 360), 0o600); err != nil {
		t.Fatal(err)
	}
	pretend(t, map[string]string{
		"ffprobe": `head -c 8 /dev/fd/3 | grep -q ftyp && echo '{"streams":[{"codec_type":"audio"},{"codec_type":"video","width":1280,"height":720}],"format":{"duration":"12.5"}}'`,
		"ffmpeg":  "cat " + still,
	})
	h := open(t, nil)
	file, err := h.put(t, "회의.mp4", "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"+strings.Repeat("x", 100))
	if f := file.Facts; err != nil || f.Kind != "video/mp4" || f.Width != 1280 || f.Height != 720 || f.Length != 12_500 || !f.Thumb {
		t.Fatalf("%+v, %v", f, err)
	}
}

func TestAProgramThatFailsLeavesAPlainFile(t *testing.T) {
	pretend(t, map[string]string{"pdftoppm": "exit 3", "ffprobe": "yes sendjay"})
	h := open(t, nil)
	for _, content := range []string{"%PDF-1.7\nbroken", "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"} {
		if file, err := h.put(t, "a", content); err != nil || file.State != store.FileWhole || file.Facts.Thumb || file.Facts.Width != 0 {
			t.Errorf("%+v, %v", file, err)
		}
	}
}

func TestBytesThatAreThereAlreadyHaveTheSmallPicturesThatTheyHave(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.png")
	if err := os.WriteFile(page, dot(t, 1131, 1600), 0o600); err != nil {
		t.Fatal(err)
	}
	h := open(t, nil)
	pretend(t, map[string]string{"pdftoppm": "exit 3"})
	first, err := h.put(t, "a.pdf", "%PDF-1.7\n")
	if err != nil || first.Facts.Thumb {
		t.Fatalf("%+v, %v", first, err)
	}
	pretend(t, map[string]string{"pdftoppm": "cat " + page})
	again, err := h.put(t, "b.pdf", "%PDF-1.7\n")
	if err != nil || again.Key != first.Key || again.Facts.Thumb {
		t.Errorf("%+v, %v", again, err)
	}
	other, err := h.put(t, "c.pdf", "%PDF-1.4\n")
	if err != nil || !other.Facts.Thumb {
		t.Fatalf("%+v, %v", other, err)
	}
	pretend(t, map[string]string{"pdftoppm": "exit 3"})
	if again, err := h.put(t, "d.pdf", "%PDF-1.4\n"); err != nil || again.Key != other.Key || !again.Facts.Thumb {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestAMovingPNGIsAPicture(t *testing.T) {
	still := dot(t, 64, 32)
	const headEnds = 8 + 25
	moving := append(append(bytes.Clone(still[:headEnds]), "\x00\x00\x00\x08acTL\x00\x00\x00\x01\x00\x00\x00\x00"...), 0xb4, 0x2d, 0xe9, 0xa0)
	moving = append(moving, still[headEnds:]...)
	h := open(t, nil)
	file, err := h.put(t, "스티커.png", string(moving))
	if f := file.Facts; err != nil || f.Kind != "image/png" || f.Width != 64 || !f.Thumb {
		t.Errorf("%+v, %v", f, err)
	}
}

func TestTheFirstPageStandsForADocument(t *testing.T) {
	page := filepath.Join(t.TempDir(), "page.png")
	if err := os.WriteFile(page, dot(t, 1131, 1600), 0o600); err != nil {
		t.Fatal(err)
	}
	pretend(t, map[string]string{"pdftoppm": "cat " + page})
	h := open(t, nil)
	if file, err := h.put(t, "계약서.pdf", "%PDF-1.7\n"); err != nil || !file.Facts.Thumb || file.Facts.Width != 1131 {
		t.Errorf("%+v, %v", file.Facts, err)
	}
}

func TestAnUploadThatNobodyGoesOnWithLeavesNothing(t *testing.T) {
	var before atomic.Int64 // how long ago the database believes it is
	h := openAt(t, func() time.Time { return time.Now().Add(-time.Duration(before.Load())) }, nil)
	before.Store(int64(stale + time.Minute))
	half, err := h.Begin(t.Context(), "kim", h.room, "half.bin", 10)
	if err != nil {
		t.Fatal(err)
	}
	goesOn, err := h.Begin(t.Context(), "kim", h.room, "on.bin", 10)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.put(t, "never sent.txt", "whole"); err != nil {
		t.Fatal(err)
	}
	for _, id := range []protocol.FileID{half, goesOn} {
		file, _, err := h.Mine(t.Context(), "kim", id)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Append(t.Context(), file, 0, strings.NewReader("01234"), nil); err != nil {
			t.Fatal(err)
		}
	}
	before.Store(int64(stale - time.Minute))
	file, _, _ := h.Mine(t.Context(), "kim", goesOn)
	if _, err := h.Append(t.Context(), file, 5, strings.NewReader("567"), nil); err != nil {
		t.Fatal(err)
	}
	before.Store(0)
	if err := h.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if names := left(t, h.dir); len(names) != 1 || names[0] != file.Key {
		t.Errorf("left %v, want what somebody goes on with", names)
	}
	if _, _, err := h.Mine(t.Context(), "kim", half); protocol.CodeOf(err) != protocol.NotFound {
		t.Errorf("half a file is still known: %v", err)
	}
	if _, at, err := h.Mine(t.Context(), "kim", goesOn); err != nil || at != 8 {
		t.Errorf("the other one is at %d, %v", at, err)
	}
}
