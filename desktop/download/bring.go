package download

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/zeebo/blake3"

	"sendjay/shared/protocol"
)

const (
	firstWait, longestWait = time.Second, 30 * time.Second
	// idleMost is how long a line may bring nothing; triesMost how often in vain.
	idleMost  = 90 * time.Second
	triesMost = 20
	// tellEvery is how often a window hears how far a file is.
	tellEvery = 200 * time.Millisecond
)

// bring works on j until it is whole, has failed for good, or is stopped.
func (d *Downloads) bring(ctx context.Context, j *job) {
	wait := firstWait
	for vain := 0; ; {
		before := j.Done
		err := d.try(ctx, j)
		if err == nil || ctx.Err() != nil {
			return
		}
		if j.Done > before {
			vain, wait = 0, firstWait
		}
		if vain++; final(err) || vain >= triesMost {
			d.fail(j, err)
			return
		}
		d.Log.Info("a download goes on later", "error", err)
		if d.change(j, func() { j.State = protocol.DownloadWaiting }) != nil {
			return
		}
		d.mu.Lock()
		up := d.up
		d.mu.Unlock()
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-up:
		case <-ctx.Done():
		}
		timer.Stop()
		wait = min(2*wait, longestWait)
	}
}

// final reports whether another try would meet the same.
func final(err error) bool {
	if no, refused := errors.AsType[*protocol.Refusal](err); refused {
		return no.Code != protocol.Unavailable && no.Code != protocol.RateLimited && no.Code != protocol.Internal
	}
	_, disk := errors.AsType[*os.PathError](err)
	return disk || errors.Is(err, errChanged)
}

func (d *Downloads) fail(j *job, err error) {
	d.Log.Warn("a download failed", "error", err)
	why := string(protocol.CodeOf(err))
	if _, refused := errors.AsType[*protocol.Refusal](err); !refused {
		why = string(protocol.Unavailable)
	}
	if _, disk := errors.AsType[*os.PathError](err); disk {
		why = "disk"
	}
	if errors.Is(err, errChanged) {
		why = "checksum"
	}
	_ = d.change(j, func() { j.State, j.Why = protocol.DownloadFailed, why }) // dropped meanwhile: nobody asks any more
}

// try asks once, from where what is here ends.
func (d *Downloads) try(ctx context.Context, j *job) error {
	part, err := d.open(j)
	if err != nil {
		return err
	}
	defer part.Close()
	at, err := part.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if j.Tag == "" {
		at = 0 // nothing says that the rest would fit
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	resp, err := d.ask(ctx, j, at)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusPartialContent {
		at = 0
	}
	tag := resp.Header.Get("Etag")
	size := int64(0)
	if resp.ContentLength > 0 {
		size = at + resp.ContentLength
	}
	if err := d.change(j, func() { j.State, j.Tag, j.Size, j.Done, j.told = protocol.DownloadGoing, tag, size, at, time.Now() }); err != nil {
		return err
	}
	sum := sumFor(tag)
	if at > 0 {
		if _, err := part.Seek(0, io.SeekStart); err != nil {
			return err
		}
		if _, err := io.CopyN(sum, part, at); err != nil {
			return err
		}
	}
	if err := part.Truncate(at); err != nil {
		return err
	}
	if _, err := part.Seek(at, io.SeekStart); err != nil {
		return err
	}
	if err := d.copy(j, io.MultiWriter(part, sum), resp.Body, stop); err != nil {
		return err
	}
	if size > 0 && j.Done != size || !fits(sum, tag) {
		if err := part.Truncate(0); err != nil {
			return err
		}
		return errChanged
	}
	if err := part.Sync(); err != nil {
		return err
	}
	if err := part.Close(); err != nil {
		return err
	}
	return d.whole(j)
}

// open opens what is here so far, and makes it the first time: readable for this person alone, and nothing that runs.
func (d *Downloads) open(j *job) (*os.File, error) {
	if j.Part != "" {
		f, err := os.OpenFile(filepath.Join(j.Dir, j.Part), os.O_RDWR, 0)
		if err == nil || !errors.Is(err, os.ErrNotExist) {
			return f, err
		}
	}
	part := "." + j.ID + ".sendjay-part"
	f, err := os.OpenFile(filepath.Join(j.Dir, part), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	if err := d.change(j, func() { j.Part, j.Tag, j.Done = part, "", 0 }); err != nil {
		_ = f.Close()
		_ = os.Remove(f.Name())
		return nil, err
	}
	return f, nil
}

// ask sends the request; what is not a file is an error.
func (d *Downloads) ask(ctx context.Context, j *job, at int64) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, j.Path, http.NoBody)
	if err != nil {
		return nil, err
	}
	if at > 0 {
		r.Header.Set("Range", fmt.Sprintf("bytes=%d-", at))
		r.Header.Set("If-Range", j.Tag)
	}
	// What is packed on the way would have another length.
	r.Header.Set("Accept-Encoding", "identity")
	resp, err := d.Source.Do(r)
	if err != nil {
		return nil, wrap("ask for a file", err)
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return resp, nil
	case http.StatusPartialContent:
		if strings.HasPrefix(resp.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", at)) && resp.Header.Get("Etag") == j.Tag {
			return resp, nil
		}
	case http.StatusRequestedRangeNotSatisfiable:
		// All is here already: only the end was not noted.
		if total, ok := strings.CutPrefix(resp.Header.Get("Content-Range"), "bytes */"); ok && total == strconv.FormatInt(at, 10) {
			_ = resp.Body.Close()
			resp.Body, resp.StatusCode, resp.ContentLength = http.NoBody, http.StatusPartialContent, 0
			resp.Header.Set("Etag", j.Tag)
			return resp, nil
		}
	}
	defer func() { _ = resp.Body.Close() }()
	var no protocol.Refused
	if raw, err := io.ReadAll(io.LimitReader(resp.Body, 64<<10)); err != nil || json.Unmarshal(raw, &no) != nil || no.Error.Code == "" {
		return nil, fmt.Errorf("status %d", resp.StatusCode)
	}
	return nil, &protocol.Refusal{Code: no.Error.Code, Field: no.Error.Field, RetryAfter: no.Error.RetryAfter}
}

// copy writes what comes. A line that brings nothing for long is given up.
func (d *Downloads) copy(j *job, to io.Writer, from io.Reader, stop context.CancelFunc) error {
	quiet := time.AfterFunc(idleMost, stop)
	defer quiet.Stop()
	buf := make([]byte, 128<<10)
	for {
		n, err := from.Read(buf)
		quiet.Reset(idleMost)
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return err
			}
			if err := d.went(j, int64(n)); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// went counts bytes, and tells of them now and then.
func (d *Downloads) went(j *job, n int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.jobs[j.ID] != j {
		return context.Canceled
	}
	j.Done += n
	if now := time.Now(); now.Sub(j.told) >= tellEvery {
		j.told = now
		d.Changed(j.Download)
	}
	return nil
}

// sumFor is the hash with which a tag of the server's begins.
func sumFor(tag string) hash.Hash {
	if strings.HasPrefix(tag, `"`+protocol.FileSum) {
		return blake3.New()
	}
	return sha256.New()
}

// fits reports whether the bytes are those of the server: its tag begins with their sum. Other tags say nothing.
func fits(sum hash.Hash, tag string) bool {
	bare := strings.Trim(tag, `"`)
	hexed := strings.TrimPrefix(bare, protocol.FileSum)
	if strings.Trim(hexed, "0123456789abcdef") != "" || len(bare) != 32 {
		return true
	}
	return strings.HasPrefix(hex.EncodeToString(sum.Sum(nil)), hexed)
}

// whole gives the file its name: the one it has at the server, or with a number when there is one like it.
func (d *Downloads) whole(j *job) error {
	file, err := claim(j.Dir, j.want)
	if err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(j.Dir, j.Part), file); err != nil {
		_ = os.Remove(file)
		return err
	}
	fromElsewhere(file)
	name := filepath.Base(file)
	if err := d.change(j, func() {
		j.Name, j.State, j.Part, j.Opens = name, protocol.DownloadWhole, "", opens(name)
		j.Size = j.Done
	}); err != nil {
		return err
	}
	d.Whole(j.Download)
	return nil
}

// claim takes a free name by making an empty file of it, so that two who come at once get two names.
func claim(dir, name string) (string, error) {
	end := filepath.Ext(name)
	stem := strings.TrimSuffix(name, end)
	for n := range 10_000 {
		try := name
		if n > 0 {
			try = fmt.Sprintf("%s (%d)%s", stem, n, end)
		}
		file := filepath.Join(dir, try)
		f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			return file, f.Close()
		}
		if !errors.Is(err, os.ErrExist) {
			return "", err
		}
	}
	return "", &os.PathError{Op: "name", Path: dir, Err: os.ErrExist}
}
