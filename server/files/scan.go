package files

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"sendjay/server/blob"
	"sendjay/shared/protocol"
)

// The bounds of a scan. One that hangs is given up soon, and one that works on a large file is not: clamd itself ends
// what takes it two minutes.
const (
	scanTime = 10 * time.Minute
	scanRest = 150 * time.Second
	scanDial = 5 * time.Second
)

// scan hands a file to clamd, by its INSTREAM command. Without an answer the file is not let in: whoever sets
// up a scanner wants nothing unseen.
func (f *Files) scan(ctx context.Context, b *blob.Blob) error {
	if _, err := b.Seek(0, io.SeekStart); err != nil {
		return err
	}
	answer, err := ask(ctx, f.Scanner, b, cmp.Or(f.ScanRest, scanRest))
	switch {
	case err != nil:
		return fmt.Errorf("virus scanner: %w: %w", &protocol.Refusal{Code: protocol.Unavailable, Field: "scanner", RetryAfter: 10}, err)
	case strings.HasSuffix(answer, " FOUND"):
		f.Log.Warn("virus found", "answer", answer)
		return protocol.RefuseField(protocol.Forbidden, "virus")
	case !strings.HasSuffix(answer, " OK"):
		return fmt.Errorf("virus scanner: %w: said %q", &protocol.Refusal{Code: protocol.Unavailable, Field: "scanner", RetryAfter: 10}, answer)
	}
	return nil
}

func ask(ctx context.Context, scanner string, r io.Reader, rest time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, scanTime)
	defer cancel()
	network, address := "tcp", scanner
	if path, unix := strings.CutPrefix(scanner, "unix:"); unix {
		network, address = "unix", path
	}
	c, err := (&net.Dialer{Timeout: min(rest, scanDial)}).DialContext(ctx, network, address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	defer stop()
	c = moving{c, rest}
	if _, err := io.WriteString(c, "zINSTREAM\x00"); err != nil {
		return "", err
	}
	_, sent := io.CopyBuffer(pieces{c}, struct{ io.Reader }{r}, make([]byte, 64<<10))
	if sent == nil {
		_, sent = c.Write(make([]byte, 4))
	}
	// Over its limit clamd answers before it has heard everything, and closes.
	answer, err := io.ReadAll(io.LimitReader(c, 4<<10))
	if err == nil && len(answer) == 0 {
		err = errors.Join(sent, io.ErrUnexpectedEOF)
	}
	return strings.TrimRight(string(answer), "\x00\n"), err
}

// pieces writes each piece behind its length.
type pieces struct{ w io.Writer }

func (p pieces) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	if _, err := p.w.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b)))); err != nil { //nolint:gosec // a buffer of 64 KiB
		return 0, err
	}
	return p.w.Write(b)
}

// moving is a connection on which something has to move every so often.
type moving struct {
	net.Conn
	rest time.Duration
}

func (c moving) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.rest)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

func (c moving) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.rest)); err != nil {
		return 0, err
	}
	return c.Conn.Read(b)
}
