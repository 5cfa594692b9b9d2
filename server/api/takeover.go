package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	tus "github.com/tus/tusd/v2/pkg/handler"
	"github.com/tus/tusd/v2/pkg/memorylocker"
)

// oneAtATime lets one request at a time touch an upload. Another one that wants it ends the reading of the first and
// waits until that has kept what came. The library would end it as well, but through a field that the first may be
// writing at that moment.
type oneAtATime struct{ of *memorylocker.MemoryLocker }

func newOneAtATime() oneAtATime { return oneAtATime{memorylocker.New()} }

func (l oneAtATime) NewLock(id string) (tus.Lock, error) {
	lock, err := l.of.NewLock(id)
	return givingWay{lock}, err
}

type givingWay struct{ of tus.Lock }

func (l givingWay) Lock(ctx context.Context, _ func()) error {
	return l.of.Lock(ctx, uploadOf(ctx).body.giveWay)
}

func (l givingWay) Unlock() error { return l.of.Unlock() }

// uploadBody is what a request brings of an upload. It knows whether all of it came.
type uploadBody struct {
	io.ReadCloser
	line *http.ResponseController

	mu    sync.Mutex // guards the fields below
	taken bool       // another request wants the upload
	whole bool       // all has come
	cut   bool       // the rest stayed out
	over  bool       // the request is answered
}

func bodyOf(w http.ResponseWriter, r *http.Request) *uploadBody {
	return &uploadBody{ReadCloser: r.Body, line: http.NewResponseController(w), whole: r.ContentLength == 0}
}

// Read ends as it does on a silent line once another request wants the upload.
func (b *uploadBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	taken := b.taken
	b.mu.Unlock()
	n, err := 0, os.ErrDeadlineExceeded
	if !taken {
		n, err = b.ReadCloser.Read(p)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.whole = b.whole || errors.Is(err, io.EOF)
	b.cut = b.cut || err != nil && !b.whole
	return n, err
}

// giveWay ends the reading, also one that waits. The line is left alone where nothing is read any more: it may be
// serving the next request.
func (b *uploadBody) giveWay() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.taken = true
	if !b.whole && !b.over {
		_ = b.line.SetReadDeadline(time.Now()) // a line without deadlines is waited for
	}
}

// end says that the request is answered, and reports whether its line is to serve no other one.
func (b *uploadBody) end() (spent bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.over = true
	return b.taken
}

// broken reports whether the rest of the body stayed out.
func (b *uploadBody) broken() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cut
}
