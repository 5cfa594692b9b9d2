package files

import (
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

// scanTime bounds one scan.
const scanTime = 5 * time.Minute

// scan hands a file to clamd, by its INSTREAM command. Without an answer the file is not let in: whoever sets
// up a scanner wants nothing unseen.
func (f *Files) scan(ctx context.Context, b *blob.Blob) error {
	if _, err := b.Seek(0, io.SeekStart); err != nil {
		return err
	}
	answer, err := ask(ctx, f.Scanner, b)
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

func ask(ctx context.Context, scanner string, r io.Reader) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, scanTime)
	defer cancel()
	network, address := "tcp", scanner
	if path, unix := strings.CutPrefix(scanner, "unix:"); unix {
		network, address = "unix", path
	}
	c, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return "", err
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Now()) })
	defer stop()
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
