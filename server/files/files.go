// Package files takes in what people upload, finds out what it is, and says who may have it.
// It knows sizes, kinds, quotas and expiry; it does not know HTTP, SQL or where bytes are kept.
// A file is whole, of a known kind and with its small pictures before any message can show it.
package files

import (
	"context"
	"crypto/rand"
	"errors"
	"hash"
	"io"
	"log/slog"
	"path"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"sendjay/server/blob"
	"sendjay/server/refusal"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Store is what files needs of the database.
type Store interface {
	AddFile(ctx context.Context, f store.File, limits store.FileLimits) error
	File(ctx context.Context, id protocol.FileID) (store.File, error)
	SeenFile(ctx context.Context, user protocol.UserID, id protocol.FileID) (store.File, error)
	TouchFile(ctx context.Context, id protocol.FileID) error
	WholeFile(ctx context.Context, id protocol.FileID, facts store.FileFacts) (store.File, error)
	DropFile(ctx context.Context, id protocol.FileID) error
	BytesOf(ctx context.Context, hash string) (string, error)
	KeepsBytes(ctx context.Context, f store.File) (bool, error)
	EndFiles(ctx context.Context, stale protocol.Instant, limit int) (int, error)
	Trash(ctx context.Context, limit int) ([]string, error)
	Emptied(ctx context.Context, keys []string) error
}

// Config sets up Files.
type Config struct {
	Store Store
	Blobs blob.Store
	Limits
	// Allowed are the only kinds that may be uploaded, none for all; Blocked are refused. "image/*" is all pictures.
	Allowed, Blocked []string
	// Scanner looks for viruses; "" for none.
	Scanner string
	// ScanRest is how long it may take nothing and say nothing; 0 is scanRest.
	ScanRest time.Duration
	// Workers is how many small pictures are made at once; 0 is one.
	Workers int
	// Small is a program, with its arguments, that makes the small sizes of the picture on its descriptor 3 as
	// picture.Work does; none has them made in this process.
	Small []string
	Log   *slog.Logger
}

// Limits is what may be changed while files come in.
type Limits struct {
	// MaxFile is the largest file, in bytes.
	MaxFile int64
	Space   store.FileLimits
}

// SetLimits lets l hold for the uploads that begin from now on.
func (f *Files) SetLimits(l Limits) { f.limits.Store(&l) }

// Files is the rules over one store of facts and one of bytes.
type Files struct {
	Config
	limits atomic.Pointer[Limits] // those of Config are of the start
	hands  chan struct{}          // a slot for each worker
	life   context.Context        //nolint:containedctx // of the work that nobody's request bounds
	stop   context.CancelFunc
	work   sync.WaitGroup

	mu      sync.Mutex // guards the fields below
	running map[protocol.FileID]*running
	ending  map[protocol.FileID]*ending
	healing map[string]*healing  // by key
	vain    map[string]time.Time // keys whose small pictures could not be made anew
}

// running is the hash of an upload so far, kept while its bytes come through this node.
type running struct {
	hash hash.Hash
	at   int64
	seen time.Time
}

// New returns Files. Stop ends them.
func New(c Config) *Files {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	f := &Files{Config: c, hands: make(chan struct{}, max(1, c.Workers)), running: map[protocol.FileID]*running{}, ending: map[protocol.FileID]*ending{}, healing: map[string]*healing{}, vain: map[string]time.Time{}}
	f.life, f.stop = context.WithCancel(context.Background())
	f.SetLimits(c.Limits)
	return f
}

// Begin starts an upload of size bytes to a room. Strangers get NotFound, and nothing is kept of them.
func (f *Files) Begin(ctx context.Context, user protocol.UserID, room protocol.RoomID, name string, size int64) (protocol.FileID, error) {
	name = Clean(name)
	limits := f.limits.Load()
	switch {
	case !room.Valid():
		return "", protocol.RefuseField(protocol.BadRequest, "room")
	case name == "":
		return "", protocol.RefuseField(protocol.BadRequest, "name")
	case size < 0:
		return "", protocol.RefuseField(protocol.BadRequest, "size")
	case size > limits.MaxFile:
		return "", tooMuch("size", limits.MaxFile)
	}
	id := newID()
	err := f.Store.AddFile(ctx, store.File{ID: protocol.FileID(id), Owner: user, Room: room, Name: name, Size: size, Key: id}, limits.Space)
	switch {
	case errors.Is(err, store.ErrManyFiles):
		return "", tooMuch("files", int64(limits.Space.Live))
	case errors.Is(err, store.ErrSpace):
		return "", tooMuch("space", limits.Space.Person)
	case errors.Is(err, store.ErrRoomSpace):
		return "", tooMuch("roomSpace", limits.Space.InRooms)
	case err != nil:
		return "", refusal.By("begin an upload", err)
	}
	// An empty first piece, so that the upload is there when its first real one is cut off.
	if _, err := f.Blobs.Append(ctx, id, 0, strings.NewReader("")); err != nil {
		return "", errors.Join(refusal.By("begin an upload", err), f.Store.DropFile(ctx, protocol.FileID(id)))
	}
	return protocol.FileID(id), nil
}

func tooMuch(what string, most int64) error {
	return &protocol.Refusal{Code: protocol.TooLarge, Field: what, Most: most}
}

func newID() string { return strings.ToLower(rand.Text()) }

// Clean makes a file name of what a client calls one: no folders, nothing invisible, at most 255 bytes, its
// ending kept.
func Clean(name string) string {
	// Macs take Hangul apart; put together it is found by what people type, and read everywhere.
	name = norm.NFC.String(strings.ToValidUTF8(name, ""))
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) && r != '\u200d' {
			return -1 // also those that turn the direction, to hide what a file ends in
		}
		return r
	}, name))
	if name == "." || name == ".." || name == "/" {
		return ""
	}
	if end := path.Ext(name); len(name) > nameBytes && len(end) < 20 {
		return cut(strings.TrimSuffix(name, end), nameBytes-len(end)) + end
	}
	return cut(name, nameBytes)
}

const nameBytes = 255

func cut(s string, n int) string {
	for len(s) > n {
		_, w := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-w]
	}
	return s
}

// Mine returns an upload of user's and how many of its bytes are here.
func (f *Files) Mine(ctx context.Context, user protocol.UserID, id protocol.FileID) (store.File, int64, error) {
	file, err := f.Store.File(ctx, id)
	if err == nil && (file.Owner != user || file.State == store.FileGone) {
		err = store.ErrNoFile
	}
	if err != nil {
		return file, 0, refusal.By("look for an upload", err)
	}
	if file.State != store.FileOpen {
		return file, file.Size, nil
	}
	n, err := f.Blobs.Grown(ctx, file.Key)
	if errors.Is(err, blob.ErrMissing) {
		// Sealed, but the database has not heard of it.
		n, err = file.Size, nil
	}
	return file, n, refusal.By("look for an upload", err)
}

// ErrChecksum says that bytes were changed on their way. None of them is kept.
var ErrChecksum = protocol.RefuseField(protocol.BadRequest, "checksum")

// Untouched reports whether err is of a piece that had another sum and left nothing behind.
func Untouched(err error) bool {
	_, more := err.(interface{ Unwrap() []error }) //nolint:errorlint // what stands beside it is the question
	return errors.Is(err, ErrChecksum) && !more
}

// Append takes bytes of an upload from at on and returns how many stay. A sum, when given, is the SHA-256 of
// all that r gives.
func (f *Files) Append(ctx context.Context, file store.File, at int64, r io.Reader, sum []byte) (int64, error) {
	if err := f.Store.TouchFile(ctx, file.ID); err != nil {
		return 0, refusal.By("go on with an upload", err)
	}
	r = &going{Reader: r, at: time.Now(), say: func() {
		_ = f.Store.TouchFile(ctx, file.ID) // there will be a next time
	}}
	all := f.hashOf(file.ID, at)
	if all != nil {
		r = io.TeeReader(r, all)
	}
	piece := sumOf(sum)
	if piece != nil {
		defer piece.wait()
		r = io.TeeReader(r, piece)
	}
	n, err := f.Blobs.Append(ctx, file.Key, at, r)
	if err == nil && piece != nil && !piece.is(sum) {
		f.forget(file.ID)
		if err := f.Blobs.Cut(ctx, file.Key, at); err != nil {
			return 0, errors.Join(ErrChecksum, err)
		}
		return 0, ErrChecksum
	}
	if err != nil {
		f.forget(file.ID) // what was hashed may be more than what stayed
	} else if all != nil {
		f.keep(file.ID, all, at+n)
	}
	if err != nil && sum != nil && n > 0 {
		// Half a piece cannot be checked.
		return 0, errors.Join(refusal.By("take in bytes", err), f.Blobs.Cut(ctx, file.Key, at))
	}
	return n, refusal.By("take in bytes", err)
}

// going says now and then that an upload goes on: one piece of two gigabytes on a slow line may take longer than
// uploads that nobody goes on with stay.
type going struct {
	io.Reader
	at  time.Time
	say func()
}

func (g *going) Read(b []byte) (int, error) {
	if time.Since(g.at) > stale/8 {
		g.say()
		g.at = time.Now()
	}
	return g.Reader.Read(b)
}

// Drop ends an upload that was not sent.
func (f *Files) Drop(ctx context.Context, user protocol.UserID, id protocol.FileID) error {
	file, err := f.Store.File(ctx, id)
	if err == nil && file.Owner != user {
		err = store.ErrNoFile
	}
	if err == nil {
		f.unfinish(id) // or its small pictures would come after its bytes are gone
		err = f.Store.DropFile(ctx, id)
	}
	f.forget(id)
	return refusal.By("drop an upload", err)
}
