package files

import (
	"bytes"
	"context"
	"io"
	"strings"
	"time"

	"sendjay/server/blob"
	"sendjay/server/files/picture"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// smallTime bounds the making of small pictures. A file without any is still a file.
const smallTime = time.Minute

// small makes the small pictures of a picture, a film or a document, when there is a way. What cannot be read
// is shown as a file, so its faults are only noted.
func (f *Files) small(ctx context.Context, file store.File, b *blob.Blob, facts *store.FileFacts) {
	film := strings.HasPrefix(facts.Kind, "video/") || strings.HasPrefix(facts.Kind, "audio/")
	if !protocol.Picture(facts.Kind) && !film && facts.Kind != "application/pdf" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, smallTime)
	defer cancel()
	if err := f.makeSmall(ctx, file, b, facts); err != nil {
		f.Log.Info("no small picture", "kind", facts.Kind, "err", err)
	}
}

// makeSmall makes and keeps the small pictures of a file of a kind that has some.
func (f *Files) makeSmall(ctx context.Context, file store.File, b *blob.Blob, facts *store.FileFacts) error {
	done, err := f.hand(ctx)
	if err != nil {
		return err
	}
	defer done()
	if protocol.Picture(facts.Kind) {
		return f.pictures(ctx, file.Key, b, facts)
	}
	return f.poster(ctx, file.Key, b, facts)
}

// hand waits until one of those that make small pictures is free, and returns what frees it again.
func (f *Files) hand(ctx context.Context) (func(), error) {
	select {
	case f.hands <- struct{}{}:
		return func() { <-f.hands }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// pictures makes the small sizes of a picture: by a program of its own where there is one, so that whoever writes at the
// same time does not wait for it.
func (f *Files) pictures(ctx context.Context, key string, b *blob.Blob, facts *store.FileFacts) error {
	if _, err := b.Seek(0, io.SeekStart); err != nil {
		return err
	}
	sizes, err := sizesOf(ctx, f.Small, b)
	if err == nil || sizes.Animated && sizes.Width > 0 {
		// Browsers play what moves; a still of it may not be had.
		facts.Width, facts.Height = sizes.Width, sizes.Height
	}
	if err != nil {
		return err
	}
	return f.keepSmall(ctx, key, sizes, facts)
}

// sizesOf makes the small sizes of a picture, by that program where there is one.
func sizesOf(ctx context.Context, program []string, b *blob.Blob) (picture.Sizes, error) {
	if len(program) == 0 {
		return picture.Make(b)
	}
	file, done, err := local(b)
	if err != nil {
		return picture.Sizes{}, err
	}
	defer done()
	said, err := run(ctx, file, program[0], program[1:]...)
	if err != nil {
		return picture.Sizes{}, err
	}
	return picture.Told(said)
}

// keepSmall stores both sizes. They are made anew when a power cut takes them, so that nobody waits for the disk.
func (f *Files) keepSmall(ctx context.Context, key string, sizes picture.Sizes, facts *store.FileFacts) error {
	if sizes.Screen != nil {
		if _, err := f.Blobs.Lay(ctx, key+string(Screen), bytes.NewReader(sizes.Screen)); err != nil {
			return err
		}
	}
	if _, err := f.Blobs.Lay(ctx, key+string(Thumb), bytes.NewReader(sizes.Thumb)); err != nil {
		return err
	}
	facts.Thumb = true
	return nil
}
