package edge

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"sendjay/shared/protocol"
)

const (
	// A window that does not take what is sent is closed before this waits for it.
	windowFrames = 1000
	windowBytes  = 4 << 20
	// atOnce bounds the commands of one window that wait for an answer.
	atOnce = 64
	// badFrames is how many frames that cannot be read a window may send.
	badFrames   = 100
	writeWithin = 10 * time.Second
)

// window is one page: its reader is the goroutine of the request, its writer another.
type window struct {
	edge *Edge
	id   int64
	room protocol.RoomID // the one that it shows and nothing else, "" for a main window
	lang string
	ws   *websocket.Conn
	wake chan struct{}
	down chan struct{}
	once sync.Once

	watches []protocol.UserID // whom it watches; e.mu guards it

	mu    sync.Mutex // guards the fields below
	queue [][]byte
	bytes int
	code  protocol.CloseCode // set when the writer shall say goodbye
}

// socket answers /ws with the frames of the server.
func (e *Edge) socket(w http.ResponseWriter, r *http.Request) {
	if e.Me() == nil {
		fail(w, r, protocol.Refuse(protocol.Unauthenticated))
		return
	}
	up := websocket.Upgrader{
		ReadBufferSize: 4 << 10, WriteBufferSize: 4 << 10,
		CheckOrigin: func(*http.Request) bool { return true }, // the guard has
		Error: func(w http.ResponseWriter, r *http.Request, status int, _ error) {
			refuse(w, r, status, protocol.Refuse(protocol.BadRequest))
		},
	}
	ws, err := up.Upgrade(w, r, nil)
	if err != nil {
		return // answered
	}
	ws.SetReadLimit(protocol.Limits.FrameBytes)
	room := protocol.RoomID(r.URL.Query().Get("room"))
	if !room.Valid() {
		room = ""
	}
	win := &window{edge: e, room: room, lang: r.Header.Get("Accept-Language"), ws: ws, wake: make(chan struct{}, 1), down: make(chan struct{})}
	e.enter(win)
	var writer sync.WaitGroup
	writer.Go(win.write)
	win.read()
	e.leave(win)
	win.close()
	writer.Wait()
}

// enter takes a window in. Its hello goes out before any event: both are queued under the same lock.
func (e *Edge) enter(w *window) {
	e.mu.Lock()
	e.next++
	w.id = e.next
	if hello := e.helloFrame(e.Link.State()); hello != nil {
		w.put(hello)
	}
	e.windows[w] = struct{}{}
	stopping := e.ctx.Err() != nil
	e.mu.Unlock()
	if e.Downloads != nil {
		e.Downloads.Each(func(d protocol.Download) { w.put(protocol.Push{Ev: protocol.EvDownload, Data: d}.Encode()) })
	}
	if stopping {
		w.end(protocol.CloseRestart)
		return
	}
	e.hurry()
}

// hurry ends the wait for the next attempt, because somebody is there who wants the line.
func (e *Edge) hurry() {
	if e.Link.State().State == protocol.Offline {
		e.Link.Wake()
	}
}

func (e *Edge) leave(w *window) {
	e.mu.Lock()
	delete(e.windows, w)
	e.mu.Unlock()
	e.Attention.Gone(w.id)
}

// put queues a frame; a window that takes nothing is closed.
func (w *window) put(frame []byte) {
	w.mu.Lock()
	if w.code == 0 {
		w.queue = append(w.queue, frame)
		w.bytes += len(frame)
		if len(w.queue) > windowFrames || w.bytes > windowBytes {
			w.queue, w.code = nil, protocol.CloseSlow
		}
	}
	w.mu.Unlock()
	w.nudge()
}

// end sends what is queued, and then a close code.
func (w *window) end(code protocol.CloseCode) {
	w.mu.Lock()
	if w.code == 0 {
		w.code = code
	}
	w.mu.Unlock()
	w.nudge()
}

func (w *window) nudge() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

func (w *window) close() {
	w.once.Do(func() {
		close(w.down)
		_ = w.ws.Close()
	})
}

func (w *window) write() {
	defer w.close()
	for {
		w.mu.Lock()
		frames, code := w.queue, w.code
		w.queue, w.bytes = nil, 0
		w.mu.Unlock()
		for _, f := range frames {
			_ = w.ws.SetWriteDeadline(time.Now().Add(writeWithin))
			if w.ws.WriteMessage(websocket.TextMessage, f) != nil {
				return
			}
		}
		if code != 0 {
			bye := websocket.FormatCloseMessage(int(code), "")
			_ = w.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second))
			return
		}
		select {
		case <-w.wake:
		case <-w.down:
			return
		}
	}
}

func (w *window) answer(re int64, data json.RawMessage, err error) {
	a := protocol.Answer{Re: re}
	if err != nil {
		a.Error = fault(asRefusal(err), w.lang)
	} else if a.Data = data; len(data) == 0 {
		a.Data = json.RawMessage(`{}`)
	}
	w.put(a.Encode())
}

// read takes commands until the window is gone.
func (w *window) read() {
	var waiting sync.WaitGroup
	defer waiting.Wait()
	slots := make(chan struct{}, atOnce)
	bad := 0
	for {
		kind, frame, err := w.ws.ReadMessage()
		if errors.Is(err, websocket.ErrReadLimit) {
			return // gorilla has sent 1009
		}
		if err != nil {
			return
		}
		ask, err := protocol.ReadAsk(frame)
		if err != nil || kind != websocket.TextMessage {
			if bad++; bad > badFrames {
				w.end(websocket.ClosePolicyViolation)
				continue // until the writer has closed
			}
			w.put(protocol.Answer{Unread: true, Error: fault(protocol.Refuse(protocol.BadRequest), w.lang)}.Encode())
			continue
		}
		switch ask.Op {
		case protocol.OpPing:
			w.answer(ask.ID, nil, nil)
			continue
		case protocol.OpAttention:
			w.answer(ask.ID, nil, w.attend(ask.Data))
			continue
		case protocol.OpWatch:
			if ask.Data, err = w.watch(ask.Data); err != nil {
				w.answer(ask.ID, nil, err)
				continue
			}
		}
		select {
		case slots <- struct{}{}:
		case <-w.down:
			return
		}
		// The next command is read when this one has its place in the order.
		placed := make(chan struct{})
		waiting.Go(func() {
			defer func() { <-slots }()
			w.do(ask, func() { close(placed) })
		})
		<-placed
	}
}

func (w *window) attend(data json.RawMessage) error {
	r, err := protocol.ReadRequest(protocol.OpAttention, data)
	if err != nil {
		return err
	}
	if a, ok := r.(protocol.Attention); ok {
		w.edge.Attention.Report(w.id, a)
	}
	return nil
}

// watch notes whom this window watches and returns the question for all windows together: they share one
// session, and the server knows one list of it.
func (w *window) watch(data json.RawMessage) (json.RawMessage, error) {
	r, err := protocol.ReadRequest(protocol.OpWatch, data)
	if err != nil {
		return nil, err
	}
	e := w.edge
	e.mu.Lock()
	defer e.mu.Unlock()
	w.watches = r.(protocol.WatchPresence).Users
	all := slices.Clone(w.watches)
	for other := range e.windows {
		if other != w {
			all = append(all, other.watches...)
		}
	}
	seen := map[protocol.UserID]bool{}
	all = slices.DeleteFunc(all, func(u protocol.UserID) bool {
		twice := seen[u]
		seen[u] = true
		return twice
	})
	return json.Marshal(protocol.WatchPresence{Users: all[:min(len(all), protocol.Limits.Watched)]})
}

// do carries out a command. It ends when the window is told, whatever becomes of the window.
func (w *window) do(ask protocol.Ask, placed func()) {
	e := w.edge
	reply, err := e.outbox.Do(e.ctx, ask.Op, ask.Data, placed)
	w.answer(ask.ID, reply, err)
	if ask.Op == protocol.OpWhy {
		w.because(ask.Data)
	}
	if ask.Op != protocol.OpMessageSend {
		return
	}
	if err != nil {
		e.hurry()
		return
	}
	var sent protocol.MessageSent
	if json.Unmarshal(reply, &sent) == nil && sent.Seq > 0 {
		e.sent(sent, w)
	}
}
