package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// s3 keeps each blob as an object. A growing blob is a multipart upload whose last piece, while it is too
// short to be a part, stands beside it as an object: any node can go on where another was cut off.
// Parts wait on the disk, not in memory, because their length has to be known before they go.
type s3 struct {
	core   *minio.Core
	bucket string
	prefix string
	spool  string
	log    *slog.Logger

	mu      sync.Mutex        // guards the field below
	uploads map[string]string // key → multipart upload, for those this node has seen
}

// partBytes is how long a part is; S3 wants 5 MiB at least and 10,000 parts at most.
const partBytes = 16 << 20

const tailOf = ".tail"

func openS3(ctx context.Context, c Config) (Store, error) {
	u, err := url.Parse(c.Where)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%q: want s3://bucket/prefix?endpoint=https://host", c.Where)
	}
	end, err := url.Parse(u.Query().Get("endpoint"))
	if err != nil {
		return nil, err
	}
	host := end.Host
	if host == "" {
		host, end.Scheme = "s3.amazonaws.com", "https"
	}
	core, err := minio.NewCore(host, &minio.Options{
		Creds: credentials.NewStaticV4(c.Key, c.Secret, ""), Secure: end.Scheme == "https",
		Region: u.Query().Get("region"), MaxRetries: 3,
	})
	if err != nil {
		return nil, err
	}
	s := &s3{core: core, bucket: u.Host, prefix: strings.Trim(u.Path, "/"), spool: c.Spool, log: c.Log, uploads: map[string]string{}}
	if s.prefix != "" {
		s.prefix += "/"
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	// A store that is away at the start comes back; one that does not know us, or the bucket, does not.
	if err := s.Ping(ctx); err != nil && !errors.Is(err, ErrUnavailable) {
		return nil, fmt.Errorf("bucket %s at %s: %w", s.bucket, host, err)
	}
	return s, nil
}

func (s *s3) name(key string) string { return s.prefix + key }

func (s *s3) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	there, err := s.core.BucketExists(ctx, s.bucket)
	if err == nil && !there {
		return ErrMissing
	}
	return heard(err)
}

func (s *s3) Put(ctx context.Context, key string, r io.Reader) (int64, error) {
	if err := keyed(key); err != nil {
		return 0, err
	}
	return s.putAll(ctx, s.name(key), r)
}

// Lay is Put: whether an object is on a disk is the store's business.
func (s *s3) Lay(ctx context.Context, key string, r io.Reader) (int64, error) {
	return s.Put(ctx, key, r)
}

// putAll stores an object of unknown length by way of the disk.
func (s *s3) putAll(ctx context.Context, name string, r io.Reader) (int64, error) {
	file, drop, err := s.spoolFile()
	if err != nil {
		return 0, err
	}
	defer drop()
	n, err := pour(ctx, file, r)
	if err != nil {
		return 0, told(err)
	}
	return n, s.putFile(ctx, name, file, n)
}

// putFile sends a file plainly: some stores count the signs between signed pieces among the bytes. Whether
// they came over well shows the hash of the whole.
func (s *s3) putFile(ctx context.Context, name string, file *os.File, n int64) error {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, err := s.core.Client.PutObject(ctx, s.bucket, name, lent{file, file}, n, minio.PutObjectOptions{
		ContentType: "application/octet-stream", PartSize: partBytes, NumThreads: 1,
		DisableContentSha256: true,
	})
	return heard(err)
}

// lent is a file that whoever sends it must not close.
type lent struct {
	io.ReadSeeker
	io.ReaderAt
}

func (s *s3) spoolFile() (*os.File, func(), error) {
	file, err := os.CreateTemp(s.spool, "sendjay-part-*")
	if err != nil {
		return nil, nil, told(err)
	}
	// Without its name it goes with the program too; where a system holds on to the name it goes at the end.
	_ = os.Remove(file.Name())
	return file, func() { _ = file.Close(); _ = os.Remove(file.Name()) }, nil
}

func (s *s3) Open(ctx context.Context, key string) (*Blob, error) {
	if err := keyed(key); err != nil {
		return nil, err
	}
	o, err := s.core.Client.GetObject(ctx, s.bucket, s.name(key), minio.GetObjectOptions{})
	if err != nil {
		return nil, heard(err)
	}
	st, err := o.Stat()
	if err != nil {
		return nil, errors.Join(heard(err), o.Close())
	}
	return &Blob{o, st.Size, st.LastModified}, nil
}

func (s *s3) Remove(ctx context.Context, key string) error {
	if err := keyed(key); err != nil {
		return err
	}
	id, err := s.upload(ctx, key)
	if err != nil {
		return err
	}
	if id != "" {
		if err := heard(s.core.AbortMultipartUpload(ctx, s.bucket, s.name(key), id)); err != nil && !errors.Is(err, ErrMissing) {
			return err
		}
		s.remember(key, "")
	}
	for _, name := range []string{s.name(key), s.name(key) + tailOf} {
		if err := heard(s.core.RemoveObject(ctx, s.bucket, name, minio.RemoveObjectOptions{})); err != nil && !errors.Is(err, ErrMissing) {
			return err
		}
	}
	return nil
}

func (s *s3) remember(key, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id == "" {
		delete(s.uploads, key)
		return
	}
	s.uploads[key] = id
}

// upload finds the multipart upload of a growing blob, "" when it has none.
func (s *s3) upload(ctx context.Context, key string) (string, error) {
	s.mu.Lock()
	id := s.uploads[key]
	s.mu.Unlock()
	if id != "" {
		return id, nil
	}
	found, err := s.core.ListMultipartUploads(ctx, s.bucket, s.name(key), "", "", "", 10)
	if err := heard(err); err != nil && !errors.Is(err, ErrMissing) {
		return "", err
	}
	for _, u := range found.Uploads {
		if u.Key == s.name(key) {
			s.remember(key, u.UploadID)
			return u.UploadID, nil
		}
	}
	return "", nil
}

func (s *s3) List(ctx context.Context, each func(Info) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for o := range s.core.Client.ListObjects(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix, Recursive: true}) {
		if o.Err != nil {
			return heard(o.Err)
		}
		key, tail := strings.CutSuffix(strings.TrimPrefix(o.Key, s.prefix), tailOf)
		if err := each(Info{Key: key, Size: o.Size, Modified: o.LastModified, Growing: tail}); err != nil {
			return err
		}
	}
	for u := range s.core.ListIncompleteUploads(ctx, s.bucket, s.prefix, true) {
		if err := heard(u.Err); errors.Is(err, ErrMissing) {
			return nil // there is none
		} else if err != nil {
			return err
		}
		if err := each(Info{Key: strings.TrimPrefix(u.Key, s.prefix), Modified: u.Initiated, Growing: true}); err != nil {
			return err
		}
	}
	return nil
}

// Tidy has nothing to do: an object is there whole or not at all.
func (s *s3) Tidy(context.Context, time.Time) error { return nil }

func (s *s3) Close() error { return nil }

// heard turns what an S3 store says, or that it says nothing, into one of our errors where we have one.
func heard(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	said := minio.ToErrorResponse(err)
	_, netErr := errors.AsType[net.Error](err)
	switch {
	case said.Code == "NoSuchKey", said.Code == "NoSuchUpload", said.Code == "NoSuchBucket", said.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%w: %w", ErrMissing, err)
	case said.Code == "XMinioStorageFull", said.Code == "QuotaExceeded", said.StatusCode == http.StatusInsufficientStorage:
		return fmt.Errorf("%w: %w", ErrFull, err)
	case said.StatusCode == http.StatusForbidden, said.StatusCode == http.StatusUnauthorized:
		// A key that was taken back, or rights that are not enough: the operator's to mend, as a store that is down.
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	case netErr, said.StatusCode >= 500, errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	return err
}
