package link

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/shared/protocol"
)

// wire carries frames both ways, over a WebSocket or without one.
type wire interface {
	// read waits for the next frame. An *ending says with which code the server closed.
	read() ([]byte, error)
	// write sends frames in their order.
	write(frames [][]byte) error
	// greeted is called after the hello: from now on silence is judged by the heartbeat.
	greeted()
	close()
}

// ending is the server's close code.
type ending struct{ code protocol.CloseCode }

func (e *ending) Error() string { return "closed by the server" }

// socketWire is a WebSocket.
type socketWire struct {
	ws      *websocket.Conn
	writing sync.Mutex
}

// newSocketWire calls heard when the server asks for a sign of life, which is given.
func newSocketWire(ws *websocket.Conn, heard func()) *socketWire {
	w := &socketWire{ws: ws}
	pinged := ws.PingHandler()
	ws.SetPingHandler(func(s string) error {
		heard()
		err := pinged(s)
		if w.writing.TryLock() { // else whoever is writing does it, and needs its limit until then
			w.unlimit()
			w.writing.Unlock()
		}
		return err
	})
	return w
}

func (w *socketWire) read() ([]byte, error) {
	_, frame, err := w.ws.ReadMessage()
	if closed, ok := errors.AsType[*websocket.CloseError](err); ok && closed.Code != websocket.CloseAbnormalClosure {
		return nil, &ending{protocol.CloseCode(closed.Code)}
	}
	return frame, err
}

func (w *socketWire) write(frames [][]byte) error {
	w.writing.Lock()
	defer w.writing.Unlock()
	defer w.unlimit()
	for _, f := range frames {
		_ = w.ws.SetWriteDeadline(time.Now().Add(writeWithin))
		if err := w.ws.WriteMessage(websocket.TextMessage, f); err != nil {
			return err
		}
	}
	return nil
}

// unlimit takes away the time limit of what was written: one that stays behind wakes the program up when it is over.
func (w *socketWire) unlimit() { _ = w.ws.NetConn().SetWriteDeadline(time.Time{}) }

func (w *socketWire) greeted() { _ = w.ws.SetReadDeadline(time.Time{}) }
func (w *socketWire) close()   { _ = w.ws.Close() }

// knock is what became of an attempt to open a WebSocket.
type knock struct {
	ws     *websocket.Conn
	err    error
	status int
	// ours is set when the server itself refused; reached when there was somebody at all.
	ours, reached bool
}

// upgrade asks for a WebSocket at path.
func (l *Link) upgrade(ctx context.Context, server, path, token string) (k knock) {
	at, err := url.Parse(server)
	if err != nil {
		return knock{err: err}
	}
	d := websocket.Dialer{HandshakeTimeout: dialWithin, EnableCompression: true, ReadBufferSize: 4 << 10, WriteBufferSize: 4 << 10}
	d.NetDialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return l.around.reach(ctx, at) }
	d.TLSClientConfig = l.around.secure.Clone()
	d.TLSClientConfig.NextProtos = []string{"http/1.1"}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { k.reached = true }})
	ws, resp, err := d.DialContext(ctx, "ws"+strings.TrimPrefix(server, "http")+path, http.Header{"Authorization": {"Bearer " + token}, "User-Agent": {l.Agent}})
	k.ws, k.err = ws, err
	if err != nil && resp != nil {
		defer func() { _ = resp.Body.Close() }()
		k.status = resp.StatusCode
		raw, _ := io.ReadAll(resp.Body) // the dialer has read and bounded it
		var no protocol.Refused
		k.ours = json.Unmarshal(raw, &no) == nil && no.Error.Code != ""
	}
	return k
}

// dial opens a WebSocket for a session.
func (l *Link) dial(ctx context.Context, server, token string, heard func()) (wire, over) {
	k := l.upgrade(ctx, server, "/ws", token)
	if k.err != nil {
		return nil, over{err: k.err, status: k.status, ours: k.ours, reached: k.reached}
	}
	// What we send is short: compressing it would cost a compressor's memory for nothing.
	k.ws.EnableWriteCompression(false)
	k.ws.SetReadLimit(frameBytes)
	w := newSocketWire(k.ws, heard)
	_ = k.ws.SetReadDeadline(time.Now().Add(helloWithin))
	return w, over{reached: true}
}
