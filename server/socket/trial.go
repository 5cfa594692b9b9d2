package socket

import (
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// A trial carries one short frame each way.
const (
	trialFor   = 10 * time.Second
	trialBytes = 125
)

// trial upgrades, gives back the first frame that comes and closes: so a client without a WebSocket learns whether
// frames get through by now, without a second session that would end its first.
func (s *Server) trial(w http.ResponseWriter, r *http.Request) {
	c, err := s.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the upgrader has answered
	}
	defer func() { _ = c.Close() }()
	c.SetReadLimit(trialBytes)
	_ = c.SetReadDeadline(time.Now().Add(trialFor)) // fails only when the connection is closed
	_ = c.SetWriteDeadline(time.Now().Add(trialFor))
	kind, data, err := c.ReadMessage()
	if err != nil || c.WriteMessage(kind, data) != nil {
		return
	}
	_ = c.WriteMessage(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")) // a courtesy
}
