package files

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"

	"sendjay/server/blob"
	"sendjay/server/files/picture"
	"sendjay/server/refusal"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// Size is one of the sizes in which a file can be had.
type Size string

// The sizes: what was uploaded, and small pictures of it.
const (
	Original Size = ""
	Thumb    Size = ".thumb"
	Screen   Size = ".screen"
)

// Open opens a file that user sees in some message.
func (f *Files) Open(ctx context.Context, user protocol.UserID, id protocol.FileID, size Size) (store.File, *blob.Blob, error) {
	if !id.Valid() {
		return store.File{}, nil, protocol.Refuse(protocol.NotFound)
	}
	file, err := f.Store.SeenFile(ctx, user, id)
	if err != nil {
		return file, nil, refusal.By("look for a file", err)
	}
	if size == Original {
		b, err := f.Blobs.Open(ctx, file.Key)
		return file, b, refusal.By("open a file", err)
	}
	if !file.Facts.Thumb {
		return file, nil, protocol.Refuse(protocol.NotFound)
	}
	if max(file.Facts.Width, file.Facts.Height) <= picture.ThumbSide {
		size = Thumb // it was small enough
	}
	b, err := f.openSmall(ctx, file, size)
	return file, b, refusal.By("open a small picture", err)
}

// openSmall opens a small picture. One that is gone or broken, after a fault of the disk or a return of the files
// without it, is made anew of the original.
func (f *Files) openSmall(ctx context.Context, file store.File, size Size) (*blob.Blob, error) {
	b, err := f.unbroken(ctx, file.Key+string(size))
	if !errors.Is(err, blob.ErrMissing) {
		return b, err
	}
	healed := f.heal(ctx, file)
	if healed == nil {
		if b, err = f.unbroken(ctx, file.Key+string(size)); errors.Is(err, blob.ErrMissing) {
			f.giveUp(file.Key)
		}
	}
	if errors.Is(err, blob.ErrMissing) && size == Screen {
		b, err = f.unbroken(ctx, file.Key+string(Thumb)) // better than none
	}
	if errors.Is(err, blob.ErrMissing) && healed != nil {
		err = healed
	}
	return b, err
}

// unbroken opens a picture of our own making. One that has not all of its bytes counts as missing.
func (f *Files) unbroken(ctx context.Context, key string) (*blob.Blob, error) {
	b, err := f.Blobs.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	file, ours := b.ReadSeekCloser.(*os.File)
	if !ours && b.Size <= outBytes {
		// Asked for once and not once for each of its ends: a picture is small, and another machine far.
		raw, err := io.ReadAll(b)
		if err := errors.Join(err, b.Close()); err != nil {
			return nil, errors.Join(blob.ErrUnavailable, err)
		}
		held := &blob.Blob{ReadSeekCloser: kept{bytes.NewReader(raw)}, Size: int64(len(raw)), Modified: b.Modified}
		if !picture.Whole(bytes.NewReader(raw), held.Size) {
			return nil, blob.ErrMissing
		}
		return held, nil
	}
	if ours && !picture.Whole(file, b.Size) {
		return nil, errors.Join(blob.ErrMissing, b.Close())
	}
	return b, nil
}
