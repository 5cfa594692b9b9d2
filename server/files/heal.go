package files

import (
	"context"
	"errors"
	"time"

	"sendjay/server/blob"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// How long what could not be made anew is not tried again, and how much of it is remembered.
const (
	vainTime = 10 * time.Minute
	vainMost = 10_000
)

// healing is the making of small pictures that were lost.
type healing struct {
	done chan struct{} // closed when err is set
	err  error
}

// heal makes the small pictures of a file anew, once for all who ask meanwhile. It goes on when they are gone: the next
// one has them then.
func (f *Files) heal(ctx context.Context, file store.File) error {
	f.mu.Lock()
	h := f.healing[file.Key]
	switch {
	case h != nil:
	case f.life.Err() != nil:
		f.mu.Unlock()
		return store.ErrClosed
	case time.Since(f.vain[file.Key]) < vainTime:
		f.mu.Unlock()
		return protocol.Refuse(protocol.NotFound)
	default:
		h = &healing{done: make(chan struct{})}
		f.healing[file.Key] = h
		f.work.Go(func() { f.healed(file, h) })
	}
	f.mu.Unlock()
	select {
	case <-h.done:
		return h.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// healed does the work of heal.
func (f *Files) healed(file store.File, h *healing) {
	ctx, stop := context.WithTimeout(f.life, smallTime)
	defer stop()
	err := f.anew(ctx, file)
	switch {
	case err == nil:
		f.Log.Info("small pictures were lost and are made anew", "kind", file.Facts.Kind)
	case ctx.Err() != nil:
		err = busy(err)
	case errors.Is(err, blob.ErrFull), errors.Is(err, blob.ErrUnavailable), errors.Is(err, store.ErrUnavailable):
	default:
		f.Log.Warn("small pictures are lost and cannot be made anew", "kind", file.Facts.Kind, "err", err)
		f.giveUp(file.Key)
		err = errors.Join(protocol.Refuse(protocol.NotFound), err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	h.err = err
	delete(f.healing, file.Key)
	close(h.done)
}

// giveUp lets nobody try again for a while.
func (f *Files) giveUp(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.vain) >= vainMost {
		clear(f.vain)
	}
	f.vain[key] = time.Now()
}

// anew makes and keeps the small pictures of a file that is whole.
func (f *Files) anew(ctx context.Context, file store.File) error {
	b, err := f.Blobs.Open(ctx, file.Key)
	if err != nil {
		return err
	}
	defer b.Close()
	facts := file.Facts
	if err := f.makeSmall(ctx, file, b, &facts); err != nil {
		return err
	}
	// Whoever let the bytes go meanwhile may have removed them before these came.
	left, err := f.Store.KeepsBytes(ctx, file)
	if err != nil || left {
		return err
	}
	for _, size := range []Size{Thumb, Screen} {
		err = errors.Join(err, f.Blobs.Remove(ctx, file.Key+string(size)))
	}
	return errors.Join(blob.ErrMissing, err)
}
