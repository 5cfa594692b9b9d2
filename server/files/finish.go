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

// Finish makes an upload whole once all its bytes are here: it is looked at, and from then on a message can
// show it. Called again it does nothing. A file that may not stay is dropped and refused.
func (f *Files) Finish(ctx context.Context, id protocol.FileID) (store.File, error) {
	done, first := f.alone(id)
	if !first {
		select {
		case <-done:
		case <-ctx.Done():
			return store.File{}, ctx.Err()
		}
	} else {
		defer f.end(id, done)
	}
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
	out, err := f.Store.WholeFile(ctx, id, facts)
	return out, refusal.By("finish an upload", err)
}

// alone lets one finish a file at a time; the others wait for it.
func (f *Files) alone(id protocol.FileID) (done chan struct{}, first bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if done = f.ending[id]; done != nil {
		return done, false
	}
	done = make(chan struct{})
	f.ending[id] = done
	return done, true
}

func (f *Files) end(id protocol.FileID, done chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.ending, id)
	close(done)
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
