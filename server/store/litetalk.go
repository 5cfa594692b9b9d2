package store

import (
	"context"
	"database/sql"
	"fmt"

	"sendjay/shared/protocol"
)

// afterCommit lets a test look at what is in mind.
var afterCommit func(*liteConn)

// begin holds on to the connection for the transaction, so that talk can use its statements and what it
// has in mind. It sets no time limit: with one, database/sql starts a goroutine for every statement.
func (d *lite) begin(s *Store) (context.Context, *sql.Tx, func(bool), error) {
	ctx := context.Background()
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	var tx *sql.Tx
	if err = conn.Raw(func(c any) error {
		d.conn = c.(*liteConn)
		return nil
	}); err == nil {
		tx, err = conn.BeginTx(ctx, nil)
	}
	end := func(well bool) {
		switch {
		case d.conn == nil:
		case !well:
			d.conn.heads.forgetAll()
		case afterCommit != nil:
			afterCommit(d.conn)
		}
		d.conn = nil
		_ = conn.Close() // back to the pool
	}
	if err != nil {
		end(false)
	}
	return ctx, tx, end, err
}

// loadTalk reads what is not in mind. Begun as immediate, the transaction is the only one that writes.
func (d *lite) loadTalk(_ context.Context, _ *Store, _ *sql.Tx, t *talking, all []op) error {
	c := d.conn
	if err := c.heads.current(c); err != nil {
		return err
	}
	for _, o := range all {
		var room protocol.RoomID
		var user protocol.UserID
		switch o := o.(type) {
		case *sendOp:
			room, user = o.in.Room, o.in.Sender
			if err := c.known(t, o.in.ID); err != nil {
				return err
			}
		case *readOp:
			room, user = o.room, o.user
		}
		r := t.rooms[room]
		if r == nil {
			var err error
			if r, err = c.head(room); err != nil {
				return err
			}
			t.rooms[room] = r
		}
		if err := c.cursor(r, user); err != nil {
			return err
		}
	}
	return nil
}

// known looks whether a message with this id is stored.
func (c *liteConn) known(t *talking, id protocol.MessageID) error {
	var v [5]any
	found, err := c.row(v[:], "SELECT "+knownColumns+" FROM A_MSGMST_TBL WHERE MSGID=?", string(id))
	if err != nil || !found {
		return err
	}
	var k knownMessage
	var room, sender, cdt string
	var seq, born int64
	if err := take(v[:], &room, &sender, &seq, &born, &cdt); err != nil {
		return err
	}
	k.room, k.sender, k.seq, k.rev, k.at = protocol.RoomID(room), protocol.UserID(sender), protocol.Seq(seq), protocol.Rev(born), instantOf(cdt)
	t.known[id] = k
	return nil
}

// head returns the room from mind or from its row; the room that is not there has an empty id.
func (c *liteConn) head(id protocol.RoomID) (*roomState, error) {
	if r := c.heads.rooms[id]; r != nil {
		return r, nil
	}
	r := &roomState{}
	var v [9]any
	found, err := c.row(v[:], "SELECT "+headColumns+", ROWID FROM A_ROOMMST_TBL WHERE ROOMID=?", string(id))
	if err != nil || !found {
		return r, err
	}
	var own, state, last string
	var seq, rev, members, moved, gone, row int64
	if err := take(v[:], &own, &seq, &rev, &members, &state, &last, &moved, &gone, &row); err != nil {
		return r, err
	}
	*r = stateOf(id, seq, rev, members, state, last, moved, gone)
	r.row = row
	c.heads.rooms[id] = r
	c.heads.kept++
	return r, nil
}

// cursor sees to it that r has the cursor of user, if he is a member.
func (c *liteConn) cursor(r *roomState, user protocol.UserID) error {
	if _, in := r.cursors[user]; in || r.id == "" {
		return nil
	}
	var v [1]any
	found, err := c.row(v[:], "SELECT READSEQ FROM A_ROOMDTL_TBL WHERE ROOMID=? AND USERID=? AND STATE=''", string(r.id), string(user))
	if err != nil || !found {
		return err
	}
	var at int64
	if err := take(v[:], &at); err != nil {
		return err
	}
	r.cursors[user] = protocol.Seq(at)
	if c.heads.rooms[r.id] == r {
		c.heads.kept++
	}
	return nil
}

// take sets dest from a row; SQLite keeps in a column what was put there, of whatever type.
func take(row []any, dest ...any) error {
	for i, v := range row {
		ok := true
		switch d := dest[i].(type) {
		case *string:
			*d, ok = v.(string)
		case *int64:
			*d, ok = v.(int64)
		}
		if !ok {
			return fmt.Errorf("column %d holds a %T", i, v)
		}
	}
	return nil
}

// saveTalk writes row by row with kept statements: a statement of many rows would be another for each number
// of rows, and preparing it costs more than it saves.
func (d *lite) saveTalk(_ context.Context, _ *Store, _ *sql.Tx, t *talking) error {
	c := d.conn
	for _, m := range t.messages {
		if err := c.exec(liteMessage, c.rows.message(m, t.stamp(m.At))...); err != nil {
			return err
		}
	}
	for p, rev := range t.moved {
		if err := c.exec("UPDATE A_ROOMDTL_TBL SET READSEQ=?, REV=? WHERE ROOMID=? AND USERID=?",
			int64(t.rooms[p.room].cursors[p.user]), int64(rev), string(p.room), string(p.user)); err != nil {
			return err
		}
	}
	for _, r := range t.rooms {
		if !r.touched {
			continue
		}
		r.touched = false
		// By the row's number, not by the room's id: that would be looked up once more.
		if err := c.exec("UPDATE A_ROOMMST_TBL SET SEQ=?, REV=?, LASTDT=?, UDT=? WHERE ROWID=?", c.rows.room(r, t.stamp(r.last))...); err != nil {
			return err
		}
		if c.Changed() != 1 {
			return fmt.Errorf("room %s does not stand in row %d", r.id, r.row)
		}
	}
	return nil
}

var liteMessage = messageInsert + marks(1, messageWidth)

// liteTalkRows are the places from which the rows of a commit are written, one after the other: packed into an interface,
// every value would be memory of its own.
type liteTalkRows struct {
	id, in, sender, name, body, reply, typ, at, mentions, forwarded, urgent string
	seq, rev, row                                                           int64

	messageArgs, roomArgs []any // the places in the order of the statements
}

func newLiteTalkRows() *liteTalkRows {
	w := &liteTalkRows{}
	w.messageArgs = []any{
		&w.id, &w.in, &w.sender, &w.name, &w.body, &w.reply, &w.typ, &w.at, &w.seq, &w.rev, &w.rev, &w.mentions, &w.forwarded, &w.urgent,
	}
	w.roomArgs = []any{&w.seq, &w.rev, &w.at, &w.at, &w.row}
	return w
}

func (w *liteTalkRows) message(m *protocol.Message, at string) []any {
	w.id, w.in, w.sender, w.name, w.body = string(m.ID), string(m.Room), string(m.Sender), m.SenderName, m.Body
	w.reply, w.typ, w.at, w.seq, w.rev = string(m.Reply), string(m.Type), at, int64(m.Seq), int64(m.Rev)
	w.mentions, w.forwarded, w.urgent = joinUsers(m.Mentions), yes(m.Forwarded), yes(m.Urgent)
	return w.messageArgs
}

func (w *liteTalkRows) room(r *roomState, last string) []any {
	w.seq, w.rev, w.at, w.row = int64(r.seq), int64(r.rev), last, r.row
	return w.roomArgs
}
