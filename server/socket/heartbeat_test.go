package socket

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"sendjay/server/command"
	"sendjay/server/session"
	"sendjay/shared/protocol"
)

// pipe hands the upgrader one end of a pipe, so that a test's time can be synctest's.
type pipe struct {
	http.ResponseWriter
	end net.Conn
}

func (p pipe) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return p.end, bufio.NewReadWriter(bufio.NewReader(p.end), bufio.NewWriter(p.end)), nil
}

// far is the other side of a pipe.
type far struct {
	net.Conn
	r *bufio.Reader
}

// throughPipe opens a session over a pipe and reads its hello.
func throughPipe(t *testing.T, s *Server) far {
	t.Helper()
	ours, theirs := net.Pipe()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/ws", nil)
	for k, v := range map[string]string{
		"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
	} {
		r.Header.Set(k, v)
	}
	go s.ServeHTTP(pipe{httptest.NewRecorder(), ours}, r)
	f := far{theirs, bufio.NewReader(theirs)}
	resp, err := http.ReadResponse(f.r, r)
	if err == nil {
		_ = resp.Body.Close() // there is none
	}
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%v, %v", resp, err)
	}
	if first, _ := f.frame(t); first != textFrame {
		t.Fatalf("the first frame is %#x", first)
	}
	return f
}

// frame reads one unmasked frame.
func (f far) frame(t *testing.T) (first byte, data []byte) {
	t.Helper()
	head := make([]byte, 2)
	if _, err := io.ReadFull(f.r, head); err != nil {
		t.Fatal(err)
	}
	n := int(head[1])
	if n == 126 {
		size := make([]byte, 2)
		if _, err := io.ReadFull(f.r, size); err != nil {
			t.Fatal(err)
		}
		n = int(binary.BigEndian.Uint16(size))
	}
	data = make([]byte, n)
	if _, err := io.ReadFull(f.r, data); err != nil {
		t.Fatal(err)
	}
	return head[0], data
}

// send writes one frame masked with zeros.
func (f far) send(t *testing.T, first byte, data string) {
	t.Helper()
	b := append([]byte{first, 0x80 | byte(len(data)), 0, 0, 0, 0}, data...)
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
}

func alone() *Server {
	sessions := session.NewRegistry(session.Config{})
	return New(Config{
		Auth: func(*http.Request) (Caller, error) {
			return Caller{Who: session.Who{User: protocol.User{ID: "kim"}, Device: protocol.Web}}, nil
		},
		Commands: command.New(command.Config{Sessions: sessions}),
		Sessions: sessions,
	})
}

func TestHeartbeat(t *testing.T) {
	t.Run("a silent session is pinged after 25 s and closed with 4008 after 35", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := alone()
			f := throughPipe(t, s)
			defer f.Close()
			began := time.Now()
			if first, _ := f.frame(t); first != pingFrame || time.Since(began) != pingAfter {
				t.Errorf("%#x after %v", first, time.Since(began))
			}
			first, data := f.frame(t)
			if first != closeFrame || binary.BigEndian.Uint16(data) != 4008 || time.Since(began) != silentAfter {
				t.Errorf("%#x %v after %v", first, data, time.Since(began))
			}
			synctest.Wait()
			if s.Sessions.Count() != 0 {
				t.Error("the session is still there")
			}
			s.Shutdown(t.Context())
		})
	})
	t.Run("whoever answers stays, for days", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := alone()
			f := throughPipe(t, s)
			began := time.Now()
			for time.Since(began) < 48*time.Hour {
				if first, _ := f.frame(t); first != pingFrame {
					t.Fatalf("%#x after %v", first, time.Since(began))
				}
				f.send(t, pongFrame, "")
			}
			f.Close()
			s.Shutdown(t.Context())
		})
	})
	t.Run("whoever speaks is not asked", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := alone()
			f := throughPipe(t, s)
			for range 100 {
				time.Sleep(20 * time.Second)
				f.send(t, textFrame, `{"id":1,"op":"ping"}`)
				if first, _ := f.frame(t); first != textFrame {
					t.Fatalf("%#x", first)
				}
			}
			f.Close()
			s.Shutdown(t.Context())
		})
	})
	t.Run("who never hangs up after the close is cut off", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := alone()
			f := throughPipe(t, s)
			defer f.Close()
			s.Sessions.EndUser("kim")
			if first, data := f.frame(t); first != closeFrame || binary.BigEndian.Uint16(data) != 4002 {
				t.Errorf("%#x %v", first, data)
			}
			began := time.Now()
			s.Shutdown(t.Context())
			if took := time.Since(began); took > byeTime {
				t.Errorf("took %v", took)
			}
		})
	})
}

// Frames a server must not choke on, whatever they hold.
func FuzzFrames(f *testing.F) {
	f.Add([]byte{0x81, 0x80, 0, 0, 0, 0})
	f.Add([]byte("\x81\x94\x00\x00\x00\x00{\"id\":1,\"op\":\"ping\"}"))
	f.Add([]byte{0xc1, 0x82, 1, 2, 3, 4, 5, 6})
	f.Add([]byte{0x88, 0x82, 0, 0, 0, 0, 3, 0xe8})
	f.Add([]byte{0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4})
	f.Add([]byte{0x01, 0x81, 0, 0, 0, 0, '{', 0x80, 0x81, 0, 0, 0, 0, '}'})
	f.Fuzz(func(t *testing.T, b []byte) {
		synctest.Test(t, func(t *testing.T) {
			s := alone()
			p := throughPipe(t, s)
			go func() { _, _ = io.Copy(io.Discard, p.r) }() // until we hang up
			_ = p.SetWriteDeadline(time.Now().Add(time.Minute))
			_, _ = p.Write(b) // the server may have hung up already
			synctest.Wait()
			p.Close()
			s.Shutdown(t.Context())
			if s.Sessions.Count() != 0 {
				t.Error("the session is still there")
			}
		})
	})
}
