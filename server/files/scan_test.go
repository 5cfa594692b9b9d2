package files

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// clamd answers like the scanner, by its own protocol, and says what it was sent.
func clamd(t *testing.T, answer func(sent []byte) string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				command := make([]byte, len("zINSTREAM\x00"))
				if _, err := io.ReadFull(c, command); err != nil || string(command) != "zINSTREAM\x00" {
					return
				}
				var sent bytes.Buffer
				for {
					var n uint32
					if binary.Read(c, binary.BigEndian, &n) != nil {
						return
					}
					if n == 0 {
						break
					}
					if _, err := io.CopyN(&sent, c, int64(n)); err != nil {
						return
					}
				}
				_, _ = io.WriteString(c, answer(sent.Bytes())+"\x00")
			}()
		}
	}()
	return l.Addr().String()
}

func TestAVirusIsNotLetIn(t *testing.T) {
	scanner := clamd(t, func(sent []byte) string {
		if bytes.Contains(sent, []byte("EICAR")) {
			return "stream: Eicar-Signature FOUND"
		}
		return "stream: OK"
	})
	h := open(t, func(c *Config) { c.Scanner = scanner })
	_, err := h.put(t, "a.txt", strings.Repeat("x", 200_000)+"EICAR")
	if r, ok := errors.AsType[*protocol.Refusal](err); !ok || r.Code != protocol.Forbidden || r.Field != "virus" {
		t.Fatal(err)
	}
	if err := h.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if names := left(t, h.dir); len(names) > 0 {
		t.Errorf("left %v", names)
	}
	if file, err := h.put(t, "b.txt", "harmless"); err != nil || file.State != store.FileWhole {
		t.Errorf("%+v, %v", file, err)
	}
}

func TestWithoutTheScannersAnswerAFileWaits(t *testing.T) {
	var up atomic.Bool
	scanner := clamd(t, func([]byte) string {
		if up.Load() {
			return "stream: OK"
		}
		return "INSTREAM size limit exceeded. ERROR"
	})
	h := open(t, func(c *Config) { c.Scanner = scanner })
	file, err := h.put(t, "a.txt", "hello")
	if r, ok := errors.AsType[*protocol.Refusal](err); !ok || r.Code != protocol.Unavailable || r.Field != "scanner" {
		t.Fatal(err)
	}
	up.Store(true)
	if file, err = h.Finish(t.Context(), file.ID); err != nil || file.State != store.FileWhole {
		t.Errorf("%+v, %v", file, err)
	}
}

func TestAScannerThatHangsOrDiesHoldsNobodyUpAndTheFileComesAfterwards(t *testing.T) {
	for name, trouble := range map[string]func(c net.Conn){
		"it takes nothing":        func(net.Conn) {},
		"it takes all and is mum": func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		"it dies in the middle":   func(c net.Conn) { _, _ = io.CopyN(io.Discard, c, 1000); _ = c.Close() },
		"it says half a word":     func(c net.Conn) { _, _ = io.WriteString(c, "stream: O"); _ = c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			var conns sync.Map
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					conns.Store(c, true) // or the garbage collector would close it
					go trouble(c)
				}
			}()
			t.Cleanup(func() {
				_ = l.Close()
				conns.Range(func(c, _ any) bool { return c.(net.Conn).Close() == nil || true })
			})
			h := open(t, func(c *Config) {
				c.MaxFile = 8 << 20
				c.Scanner, c.ScanRest = l.Addr().String(), 50*time.Millisecond
			})
			file, err := h.put(t, "a.txt", strings.Repeat("harmless", 1<<19)) // more than the system takes for it
			if r, ok := errors.AsType[*protocol.Refusal](err); !ok || r.Code != protocol.Unavailable || r.Field != "scanner" {
				t.Fatal(err)
			}
			if _, err := h.db.SeenFile(t.Context(), "kim", file.ID); !errors.Is(err, store.ErrNoFile) {
				t.Errorf("it is seen: %v", err)
			}
			h.Scanner, h.ScanRest = clamd(t, func([]byte) string { return "stream: OK" }), time.Minute
			if file, err = h.Finish(t.Context(), file.ID); err != nil || file.State != store.FileWhole {
				t.Errorf("%+v, %v", file, err)
			}
		})
	}
}
