package store

import (
	"context"

	"sendjay/shared/protocol"
)

// Message returns one message as user may see it; ErrNoMessage for one that is not his to see.
func (s *Store) Message(ctx context.Context, user protocol.UserID, room protocol.RoomID, id protocol.MessageID) (protocol.Message, error) {
	mine, err := membershipOf(ctx, s.read, room, user)
	if err != nil {
		return protocol.Message{}, s.d.translate(err)
	}
	found, err := s.pick(ctx, user, room, mine.joined, "M.MSGID=? AND M.ROOMID=? AND M.SEQ>? AND X.MSGID IS NULL", "M.SEQ", string(id), string(room), int64(mine.from))
	if err != nil {
		return protocol.Message{}, s.d.translate(err)
	}
	if len(found) == 0 {
		return protocol.Message{}, ErrNoMessage
	}
	if err := s.attach(ctx, s.read, found); err != nil {
		return protocol.Message{}, s.d.translate(err)
	}
	if err := s.countUnread(ctx, s.read, room, found); err != nil {
		return protocol.Message{}, s.d.translate(err)
	}
	return found[0], nil
}

// Readers returns who has read a message and who has not, in name order, without its sender and those who came later.
// Nobody waits for somebody whose account is closed.
func (s *Store) Readers(ctx context.Context, user protocol.UserID, room protocol.RoomID, id protocol.MessageID) (protocol.ReadersPage, error) {
	page := protocol.ReadersPage{Read: []protocol.Person{}, Unread: []protocol.Person{}}
	m, err := s.Message(ctx, user, room, id)
	if err != nil {
		return page, err
	}
	if m.Cancelled || m.Type.System() {
		return page, ErrNoMessage
	}
	err = each(ctx, s.read, func(r row) error {
		var p protocol.Person
		var read int
		var gone bool
		if err := r.Scan(&p.ID, &p.Name, &read, &gone); err != nil {
			return err
		}
		switch {
		case read == 1:
			page.Read = append(page.Read, p)
		case !gone:
			page.Unread = append(page.Unread, p)
		}
		return nil
	}, `SELECT D.USERID, D.USERNM, CASE WHEN D.READSEQ>=? OR X.MSGID IS NOT NULL THEN 1 ELSE 0 END, D.GONE='Y' FROM A_ROOMDTL_TBL D
 LEFT JOIN A_MSGDTL_TBL X ON X.MSGID=? AND X.ROOMID=D.ROOMID AND X.RECEIVERID=D.USERID
 WHERE D.ROOMID=? AND D.STATE='' AND D.USERID<>? AND `+joinedAt("D.")+`<? ORDER BY D.USERNM, D.USERID`,
		int64(m.Seq), string(id), string(room), string(m.Sender), int64(m.Seq))
	return page, s.d.translate(err)
}
