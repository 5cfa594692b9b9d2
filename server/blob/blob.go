// Package blob keeps bytes under keys: in a folder, or in an S3-compatible store.
// It does not know names, rights or expiry, and never holds a whole blob in memory.
// A blob is there whole or not at all: while it grows, only Append, Grown and Drop see it.
package blob

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"
)

// The errors that callers tell apart.
var (
	ErrMissing     = errors.New("no such blob")
	ErrFull        = errors.New("no room for more bytes")
	ErrUnavailable = errors.New("the file store does not answer")
	ErrOffset      = errors.New("the blob has not grown to this place")
	ErrKey         = errors.New("not a key")
)

// Blob is an open blob. Reading starts at its beginning.
type Blob struct {
	io.ReadSeekCloser
	Size     int64
	Modified time.Time
}

// Info is a line of a listing.
type Info struct {
	Key      string
	Size     int64
	Modified time.Time
	// Growing is set for what was begun and not sealed.
	Growing bool
}

// Store keeps blobs. Its methods may be called from many goroutines; a growing blob has one writer at a time.
type Store interface {
	// Put stores everything that r gives, durably, in place of what stood there.
	Put(ctx context.Context, key string, r io.Reader) (int64, error)
	// Lay is Put for what can be made again, and waits for no disk: a power cut may leave nothing of it, or a part.
	Lay(ctx context.Context, key string, r io.Reader) (int64, error)
	Open(ctx context.Context, key string) (*Blob, error)
	// Remove takes a blob away, growing or whole; it is no error when there is none.
	Remove(ctx context.Context, key string) error
	// Append adds what r gives to a growing blob of exactly at bytes and returns how many of them stay,
	// also when r fails in between. At 0 it may begin one.
	Append(ctx context.Context, key string, at int64, r io.Reader) (int64, error)
	// Grown is how many bytes a growing blob has; ErrMissing when there is none.
	Grown(ctx context.Context, key string) (int64, error)
	// Cut shortens a growing blob to size, at most what it has.
	Cut(ctx context.Context, key string, size int64) error
	// Seal makes a growing blob whole, durably. Sealed once more, it is no error.
	Seal(ctx context.Context, key string) error
	// List hands every blob to each until it returns an error.
	List(ctx context.Context, each func(Info) error) error
	// Tidy removes what was left before then of a Put or Lay that ended with its program.
	Tidy(ctx context.Context, before time.Time) error
	// Ping asks for a sign of life, a folder also whether there is room in it: ErrFull when not.
	Ping(ctx context.Context) error
	Close() error
}

// Config says where blobs are kept.
type Config struct {
	// Where is a folder, or s3://bucket/prefix?endpoint=https://host:port&region=name.
	Where string
	// Key and Secret are the credentials of an S3 store.
	Key, Secret string
	// Spool is the folder in which parts on their way to an S3 store wait; "" is the system's.
	Spool string
	Log   *slog.Logger
}

// Open opens a store, a folder being made when it is not there.
func Open(ctx context.Context, c Config) (Store, error) {
	if strings.HasPrefix(c.Where, "s3://") {
		return openS3(ctx, c)
	}
	return openFolder(c.Where)
}

// keyed refuses what cannot be a key: small letters, digits, points, dashes, not beginning with a point.
func keyed(key string) error {
	if len(key) < 4 || len(key) > 100 || key[0] == '.' {
		return ErrKey
	}
	for _, c := range []byte(key) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '-' {
			return ErrKey
		}
	}
	return nil
}
