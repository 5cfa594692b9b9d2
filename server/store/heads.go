package store

import (
	"fmt"

	"sendjay/shared/protocol"
)

// headsKept bounds the rooms and cursors in mind, some 20 MB.
const headsKept = 100_000

// dataVersion tells by another number that another connection, of this process or of another, has changed
// the database.
const dataVersion = "PRAGMA data_version"

// heads are the rooms that the committer keeps in mind between commits, so that a send reads nothing but
// whether its id is taken. Only a database that one process writes to allows that: SQLite.
//
// What is in mind is what the transaction under way would read. Nobody has to see to that:
//   - every statement on the committer's connection that changes rooms or members, whoever wrote it, lets
//     go of those rooms (liteConn, touches);
//   - a transaction that did not happen lets go of all;
//   - so does a change by another connection, as by the command line beside the server (dataVersion).
type heads struct {
	rooms   map[protocol.RoomID]*roomState
	kept    int
	version int64
}

func newHeads() *heads { return &heads{rooms: map[protocol.RoomID]*roomState{}} }

// forget lets go of the rooms that a statement changes.
func (h *heads) forget(t touch, args []any) {
	switch t.kind {
	case touchNone:
		return
	case touchNamed:
		if t.at >= len(args) || t.each > 0 && len(args)%t.each != 0 {
			break
		}
		for at := t.at; at < len(args); at += t.each {
			id, ok := args[at].(string)
			if !ok {
				h.forgetAll()
				return
			}
			h.drop(protocol.RoomID(id))
			if t.each == 0 {
				return
			}
		}
		return
	}
	h.forgetAll()
}

func (h *heads) drop(id protocol.RoomID) {
	if r := h.rooms[id]; r != nil {
		h.kept -= 1 + len(r.cursors)
		delete(h.rooms, id)
	}
}

func (h *heads) forgetAll() {
	clear(h.rooms)
	h.kept = 0
}

// current lets go of all when another connection has changed the database since the last transaction, or
// when there is too much. It is asked within the transaction, which nobody else can change any more.
func (h *heads) current(c *liteConn) error {
	var v [1]any
	if _, err := c.row(v[:], dataVersion); err != nil {
		return err
	}
	version, ok := v[0].(int64)
	if !ok {
		return fmt.Errorf("data version %v", v[0])
	}
	if version != h.version || h.kept > headsKept {
		h.version = version
		h.forgetAll()
	}
	return nil
}
