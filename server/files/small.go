package files

import (
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
	select {
	case f.work <- struct{}{}:
		defer func() { <-f.work }()
	case <-ctx.Done():
		return
	}
	var err error
	if protocol.Picture(facts.Kind) {
		err = f.pictures(ctx, file.Key, b, facts)
	} else {
		err = f.poster(ctx, file.Key, b, facts)
	}
	if err != nil {
		f.Log.Info("no small picture", "kind", facts.Kind, "err", err)
	}
}

func (f *Files) pictures(ctx context.Context, key string, r io.ReadSeeker, facts *store.FileFacts) error {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	p, err := picture.Read(r)
	if p.Animated && p.Width > 0 {
		// Browsers play it; a still may not be had.
		facts.Width, facts.Height = p.Width, p.Height
	}
	if err != nil {
		return err
	}
	facts.Width, facts.Height = p.Width, p.Height
	return f.keepSmall(ctx, key, p, facts)
}

// keepSmall stores both sizes of p.
func (f *Files) keepSmall(ctx context.Context, key string, p picture.Picture, facts *store.FileFacts) error {
	for _, size := range []struct {
		size Size
		side int
	}{{Screen, picture.ScreenSide}, {Thumb, picture.ThumbSide}} {
		if size.size == Screen && max(p.Width, p.Height) <= picture.ThumbSide {
			continue
		}
		pr, pw := io.Pipe()
		go func() { pw.CloseWithError(p.Write(pw, size.side)) }()
		_, err := f.Blobs.Put(ctx, key+string(size.size), pr)
		_ = pr.Close()
		if err != nil {
			return err
		}
	}
	facts.Thumb = true
	return nil
}
