package node

import (
	"time"

	"sendjay/server/chat"
	"sendjay/server/config"
	"sendjay/server/files"
	"sendjay/server/session"
	"sendjay/server/store"
	"sendjay/shared/protocol"
	"sendjay/webui"
)

// tuned is the topic of limits that were changed.
const tuned = "limits"

// tune hands the limits that hold to the parts that keep them.
func (n *Node) tune(c config.Config) {
	n.files.SetLimits(files.Limits{MaxFile: c.MaxFile, Space: store.FileLimits{Live: c.LiveFiles, Person: c.PersonSpace, InRooms: c.RoomSpace}})
	n.talk.SetLimits(chat.Limits{CancelWindow: c.CancelWindow, EditWindow: c.EditWindow, SearchWindow: c.SearchWindow, FileLife: c.FileLife, Urgent: c.Urgent})
	n.previews.Store(c.Previews)
	n.Auth.SetRefreshLife(c.RefreshLife)
	n.sessions.SetPerKind(c.PerKind)
	n.hello.Store(&protocol.Server{
		Version: protocol.Version, Node: n.name, UI: webui.Build(),
		CancelWindow: int(c.CancelWindow / time.Second), EditWindow: int(c.EditWindow / time.Second), Transcripts: c.Transcripts,
		Urgent: c.Urgent,
	})
}

// retune does so while people are here, and tells them and the other nodes. Those read again what is true.
func (n *Node) retune(c config.Config) {
	n.tune(c)
	if n.bus != nil {
		n.bus.Publish(tuned, []byte("{}"))
	}
	f := session.NewFrame(protocol.Push{Ev: protocol.EvLimits, Data: protocol.LimitsChanged{
		CancelWindow: int(c.CancelWindow / time.Second), EditWindow: int(c.EditWindow / time.Second), Urgent: c.Urgent,
	}})
	for _, s := range n.sessions.Of(nil, n.sessions.Users()) {
		if s.Put(f) {
			s.Flush()
		}
	}
	n.log.Info("limits changed")
}
