package blob

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"

	"github.com/minio/minio-go/v7"
)

// grownParts is what a growing blob has: parts that stay, and a tail.
type grownParts struct {
	id    string
	parts []minio.CompletePart
	bytes int64 // in the parts
	tail  int64
	begun bool
}

func (g grownParts) size() int64 { return g.bytes + g.tail }

func (s *s3) grown(ctx context.Context, key string) (grownParts, error) {
	var g grownParts
	var err error
	if g.id, err = s.upload(ctx, key); err != nil {
		return g, err
	}
	for marker := 0; g.id != ""; {
		page, err := s.core.ListObjectParts(ctx, s.bucket, s.name(key), g.id, marker, 1000)
		if err := heard(err); errors.Is(err, ErrMissing) {
			s.remember(key, "") // another node has sealed or dropped it
			g.id = ""
			break
		} else if err != nil {
			return g, err
		}
		g.begun = true
		for _, p := range page.ObjectParts {
			g.parts = append(g.parts, minio.CompletePart{PartNumber: p.PartNumber, ETag: p.ETag})
			g.bytes += p.Size
		}
		if !page.IsTruncated {
			break
		}
		marker = page.NextPartNumberMarker
	}
	st, err := s.core.StatObject(ctx, s.bucket, s.name(key)+tailOf, minio.StatObjectOptions{})
	switch err = heard(err); {
	case err == nil:
		g.begun, g.tail = true, st.Size
	case !errors.Is(err, ErrMissing):
		return g, err
	}
	return g, nil
}

func (s *s3) Grown(ctx context.Context, key string) (int64, error) {
	if err := keyed(key); err != nil {
		return 0, err
	}
	g, err := s.grown(ctx, key)
	if err == nil && !g.begun {
		err = ErrMissing
	}
	return g.size(), err
}

func (s *s3) Append(ctx context.Context, key string, at int64, r io.Reader) (int64, error) {
	if err := keyed(key); err != nil {
		return 0, err
	}
	g, err := s.grown(ctx, key)
	if err == nil && g.size() != at {
		err = ErrOffset
	}
	if err != nil {
		return 0, err
	}
	file, drop, err := s.spoolFile()
	if err != nil {
		return 0, err
	}
	defer drop()
	if err := s.fetchTail(ctx, key, g, file); err != nil {
		return 0, err
	}
	for have := g.tail; ; have = 0 {
		n, cut := pour(ctx, file, io.LimitReader(r, partBytes-have))
		have += n
		if have < partBytes || cut != nil {
			// What has come is kept, whatever cut it off; the caller's time may be up already.
			if err := s.putFile(context.WithoutCancel(ctx), s.name(key)+tailOf, file, have); err != nil {
				return max(0, g.bytes-at), err
			}
			return g.bytes + have - at, told(cut)
		}
		if err := s.addPart(ctx, key, &g, file, have); err != nil {
			return max(0, g.bytes-at), err
		}
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return g.bytes - at, err
		}
		if err := file.Truncate(0); err != nil {
			return g.bytes - at, told(err)
		}
	}
}

// fetchTail fills an empty file with the tail.
func (s *s3) fetchTail(ctx context.Context, key string, g grownParts, file *os.File) error {
	if g.tail == 0 {
		return nil
	}
	tail, _, _, err := s.core.GetObject(ctx, s.bucket, s.name(key)+tailOf, minio.GetObjectOptions{})
	if err != nil {
		return heard(err)
	}
	defer tail.Close()
	_, err = pour(ctx, file, tail)
	return heard(told(err))
}

// addPart sends file as the next part. The tail that began it goes first: cut off in between, the blob is
// shorter by it, never longer.
func (s *s3) addPart(ctx context.Context, key string, g *grownParts, file *os.File, n int64) error {
	if g.id == "" {
		id, err := s.core.NewMultipartUpload(ctx, s.bucket, s.name(key), minio.PutObjectOptions{ContentType: "application/octet-stream"})
		if err != nil {
			return heard(err)
		}
		g.id = id
		s.remember(key, id)
	}
	if g.tail > 0 {
		if err := s.dropTail(ctx, key); err != nil {
			return err
		}
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	number := 1
	if len(g.parts) > 0 {
		number = g.parts[len(g.parts)-1].PartNumber + 1
	}
	p, err := s.core.PutObjectPart(ctx, s.bucket, s.name(key), g.id, number, lent{file, file}, n, minio.PutObjectPartOptions{DisableContentSha256: true})
	if err != nil {
		return heard(err)
	}
	g.parts = append(g.parts, minio.CompletePart{PartNumber: number, ETag: p.ETag})
	g.bytes, g.tail = g.bytes+n, 0
	return nil
}

func (s *s3) dropTail(ctx context.Context, key string) error {
	err := heard(s.core.RemoveObject(ctx, s.bucket, s.name(key)+tailOf, minio.RemoveObjectOptions{}))
	if errors.Is(err, ErrMissing) {
		return nil
	}
	return err
}

// Cut can shorten the tail alone: parts are fixed once they are sent. What has to go from them begins anew.
func (s *s3) Cut(ctx context.Context, key string, size int64) error {
	if err := keyed(key); err != nil {
		return err
	}
	g, err := s.grown(ctx, key)
	switch {
	case err != nil:
		return err
	case size >= g.size():
		return nil
	case size < g.bytes:
		return s.Remove(ctx, key)
	}
	file, drop, err := s.spoolFile()
	if err != nil {
		return err
	}
	defer drop()
	if err := s.fetchTail(ctx, key, g, file); err != nil {
		return err
	}
	if err := file.Truncate(size - g.bytes); err != nil {
		return err
	}
	return s.putFile(ctx, s.name(key)+tailOf, file, size-g.bytes)
}

func (s *s3) Seal(ctx context.Context, key string) error {
	if err := keyed(key); err != nil {
		return err
	}
	g, err := s.grown(ctx, key)
	if err != nil {
		return err
	}
	if !g.begun {
		_, err := s.core.StatObject(ctx, s.bucket, s.name(key), minio.StatObjectOptions{})
		return heard(err)
	}
	file, drop, err := s.spoolFile()
	if err != nil {
		return err
	}
	defer drop()
	if err := s.fetchTail(ctx, key, g, file); err != nil {
		return err
	}
	if len(g.parts) == 0 {
		if err := s.putFile(ctx, s.name(key), file, g.tail); err != nil {
			return err
		}
		return s.dropTail(ctx, key)
	}
	if g.tail > 0 {
		if err := s.addPart(ctx, key, &g, file, g.tail); err != nil {
			return err
		}
	}
	slices.SortFunc(g.parts, func(a, b minio.CompletePart) int { return a.PartNumber - b.PartNumber })
	if _, err := s.core.CompleteMultipartUpload(ctx, s.bucket, s.name(key), g.id, g.parts, minio.PutObjectOptions{ContentType: "application/octet-stream"}); err != nil {
		return heard(err)
	}
	s.remember(key, "")
	return nil
}
