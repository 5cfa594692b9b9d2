package files

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/gabriel-vasile/mimetype"

	"sendjay/server/blob"
	"sendjay/server/refusal"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// finishTime bounds the work on one file whose bytes are all here.
const finishTime = 15 * time.Minute

// ending is the work on one upload whose bytes are all here.
type ending struct {
	stop context.CancelFunc
	done chan struct{} // closed when the fields below are set
	file store.File
	err  error
}

// Finish makes an upload whole once all its bytes are here: it is looked at, and from then on a message can
// show it. Called again it does nothing. A file that may not stay is dropped and refused.
//
// The work goes on when whoever asked for it is cut off: a proxy that waits for a minute would otherwise have a long
// look at a large file begun anew for ever.
func (f *Files) Finish(ctx context.Context, id protocol.FileID) (store.File, error) {
	f.mu.Lock()
	e := f.ending[id]
	if e == nil {
		if f.life.Err() != nil {
			f.mu.Unlock()
			return store.File{}, refusal.By("finish an upload", store.ErrClosed)
		}
		alone, stop := context.WithTimeout(f.life, finishTime)
		e = &ending{stop: stop, done: make(chan struct{})}
		f.ending[id] = e
		f.work.Go(func() { f.end(alone, id, e) })
	}
	f.mu.Unlock()
	select {
	case <-e.done:
		return e.file, e.err
	case <-ctx.Done():
		return store.File{}, ctx.Err()
	}
}

// end finishes an upload, once for all who ask meanwhile.
func (f *Files) end(ctx context.Context, id protocol.FileID, e *ending) {
	defer e.stop()
	e.file, e.err = f.finish(ctx, id)
	if e.err != nil && f.life.Err() != nil {
		e.err = errors.Join(refusal.By("finish an upload", store.ErrClosed), e.err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.ending, id)
	close(e.done)
}

// unfinish ends the work on an upload, and waits until it has ended.
func (f *Files) unfinish(id protocol.FileID) {
	f.mu.Lock()
	e := f.ending[id]
	f.mu.Unlock()
	if e != nil {
		e.stop()
		<-e.done
	}
}

// Stop ends the work on files whose bytes are all here, and waits for it; who asks again has it begun again.
func (f *Files) Stop() {
	f.mu.Lock()
	f.stop()
	f.mu.Unlock()
	f.work.Wait()
}

func (f *Files) finish(ctx context.Context, id protocol.FileID) (store.File, error) {
	file, err := f.Store.File(ctx, id)
	switch {
	case err != nil:
		return file, refusal.By("finish an upload", err)
	case file.State == store.FileGone:
		return file, refusal.By("finish an upload", store.ErrNoFile)
	case file.State != store.FileOpen:
		return file, nil
	}
	began := f.hashOf(id, file.Size)
	if err := f.Blobs.Seal(ctx, file.Key); err != nil {
		return file, refusal.By("finish an upload", err)
	}
	facts, err := f.look(ctx, file)
	if err == nil {
		if began != nil && file.Size > 0 {
			facts.Hash = named(began)
		} else {
			facts.Hash, err = f.hash(ctx, file.Key)
		}
	}
	if err != nil {
		if protocol.CodeOf(err) == protocol.Forbidden {
			err = errors.Join(err, f.Store.DropFile(ctx, id))
		}
		return file, refusal.By("look at a file", err)
	}
	mended, err := f.mend(ctx, file, facts.Hash)
	if err != nil {
		return file, refusal.By("finish an upload", err)
	}
	out, err := f.Store.WholeFile(ctx, id, facts)
	if mended != "" && err == nil && out.Key == file.Key {
		// All who had those bytes let them go meanwhile, and nobody will come back to that key.
		err = f.Blobs.Remove(ctx, mended)
	}
	return out, refusal.By("finish an upload", err)
}

// mend brings back the bytes that this file is going to share with others, when a fault of the disk has taken them: what
// came is thrown away afterwards. It returns the key that it has mended.
func (f *Files) mend(ctx context.Context, file store.File, hash string) (string, error) {
	key, err := f.Store.BytesOf(ctx, hash)
	if err != nil || key == "" || key == file.Key {
		return "", err
	}
	b, err := f.Blobs.Open(ctx, key)
	if err == nil {
		size := b.Size
		if err := b.Close(); err != nil || size == file.Size {
			return "", err
		}
	} else if !errors.Is(err, blob.ErrMissing) {
		return "", err
	}
	if b, err = f.Blobs.Open(ctx, file.Key); err != nil {
		return "", err
	}
	defer b.Close()
	if _, err := f.Blobs.Put(ctx, key, b); err != nil {
		return "", err
	}
	f.Log.Warn("bytes that were lost came back with somebody who sent them again", "kind", file.Facts.Kind)
	return key, nil
}

func (f *Files) hash(ctx context.Context, key string) (string, error) {
	b, err := f.Blobs.Open(ctx, key)
	if err != nil {
		return "", err
	}
	defer b.Close()
	return hashAll(b)
}

// look finds out what a file is, and refuses what may not stay.
func (f *Files) look(ctx context.Context, file store.File) (store.FileFacts, error) {
	var facts store.FileFacts
	b, err := f.Blobs.Open(ctx, file.Key)
	if err != nil {
		return facts, err
	}
	defer b.Close()
	if b.Size != file.Size {
		return facts, protocol.RefuseField(protocol.Conflict, "size")
	}
	kind, err := mimetype.DetectReader(io.LimitReader(b, 1<<20))
	if err != nil {
		return facts, err
	}
	facts.Kind, _, _ = strings.Cut(kind.String(), ";")
	if facts.Kind == "image/apng" {
		facts.Kind = "image/png" // a PNG that moves where it is understood, and is called so everywhere
	}
	if !f.permits(kind) {
		return facts, protocol.RefuseField(protocol.Forbidden, "kind")
	}
	if f.Scanner != "" {
		if err := f.scan(ctx, b); err != nil {
			return facts, err
		}
	}
	f.small(ctx, file, b, &facts)
	return facts, nil
}

// permits says whether a kind may be uploaded. What a kind is built on counts too: who blocks zip blocks jar.
func (f *Files) permits(kind *mimetype.MIME) bool {
	allowed := len(f.Allowed) == 0
	for k := kind; k != nil; k = k.Parent() {
		name, _, _ := strings.Cut(k.String(), ";")
		if matches(f.Blocked, name) {
			return false
		}
		allowed = allowed || matches(f.Allowed, name)
	}
	return allowed
}

func matches(patterns []string, kind string) bool {
	for _, p := range patterns {
		group, all := strings.CutSuffix(p, "*")
		if p == kind || all && strings.HasPrefix(kind, group) {
			return true
		}
	}
	return false
}

// How long an upload that nobody goes on with stays: as in the original.
const stale = 4 * time.Hour

// Sweep lets expired and given-up files go, and removes the bytes that nobody needs any more.
func (f *Files) Sweep(ctx context.Context) error {
	f.forgetOld(time.Now().Add(-time.Hour))
	if err := f.Blobs.Tidy(ctx, time.Now().Add(-stale)); err != nil {
		return err
	}
	for {
		n, err := f.Store.EndFiles(ctx, protocol.At(time.Now().Add(-stale)), sweepBunch)
		if err != nil {
			return err
		}
		if n < sweepBunch {
			break
		}
	}
	for {
		keys, err := f.Store.Trash(ctx, sweepBunch)
		if err != nil || len(keys) == 0 {
			return err
		}
		for _, key := range keys {
			for _, size := range []Size{Original, Thumb, Screen} {
				if err := f.Blobs.Remove(ctx, key+string(size)); err != nil && !errors.Is(err, blob.ErrKey) {
					return err
				}
			}
		}
		if err := f.Store.Emptied(ctx, keys); err != nil {
			return err
		}
	}
}

const sweepBunch = 100
