package store

import (
	"context"
	"slices"

	"sendjay/shared/protocol"
)

const (
	// personalRooms and personalBack bound the search: the newest rooms, and in each the newest messages.
	personalRooms = 64
	personalBack  = 500
	// invitedRooms bounds how many invitations are told of at once.
	invitedRooms = 64
)

// padded returns the arguments for a list of rooms, and how many marks it takes: a statement for each number of rooms
// would not stay prepared.
func padded(args []any, rooms []protocol.RoomID) ([]any, int) {
	full := 1
	for full < len(rooms) {
		full *= 2
	}
	for _, id := range rooms {
		args = append(args, string(id))
	}
	for range full - len(rooms) {
		args = append(args, "")
	}
	return args, full
}

// invited returns which of these rooms, in which a person has read nothing yet, begin for him with the line that says
// that he was brought in.
func (s *Store) invited(ctx context.Context, user protocol.UserID, rooms []protocol.RoomID) (all []protocol.Invitation, err error) {
	if len(rooms) == 0 {
		return nil, nil
	}
	args, full := padded([]any{string(user)}, rooms)
	err = each(ctx, s.read, func(r row) error {
		var in protocol.Invitation
		var body string
		if err := r.Scan(&in.ID, &in.Seq, &body); err != nil {
			return err
		}
		if slices.ContainsFunc(peopleOf(protocol.Invite, body, ""), func(p protocol.Person) bool { return p.ID == user }) {
			all = append(all, in)
		}
		return nil
	}, `SELECT M.ROOMID, M.SEQ, M.BODY FROM A_ROOMDTL_TBL D JOIN A_MSGMST_TBL M ON M.ROOMID=D.ROOMID AND M.SEQ=D.READSEQ+1
 WHERE D.USERID=? AND D.ROOMID IN `+marks(1, full)+` AND M.TYP='invite'`, args...)
	return all, err
}

// personal names, in rooms of which a person wants to hear little, the newest unread message that he wants to hear of
// nevertheless: one that speaks to him or answers one of his.
func (s *Store) personal(ctx context.Context, user protocol.UserID, rooms []protocol.UnreadRoom) error {
	at := map[protocol.RoomID]*protocol.UnreadRoom{}
	var ids []protocol.RoomID
	for i := range rooms {
		if r := &rooms[i]; (r.Notify == protocol.NotifyNone || r.Notify == protocol.NotifyMentions) && len(at) < personalRooms {
			at[r.ID] = r
			ids = append(ids, r.ID)
		}
	}
	if len(at) == 0 {
		return nil
	}
	in, full := padded([]any{personalBack, personalBack, string(user)}, ids)
	return each(ctx, s.read, func(r row) error {
		var id protocol.RoomID
		var seq protocol.Seq
		var mentions, answered string
		if err := r.Scan(&id, &seq, &mentions, &answered); err != nil {
			return err
		}
		room, named := at[id], splitUsers(mentions)
		if answered == string(user) || slices.Contains(named, user) ||
			room.Notify == protocol.NotifyMentions && slices.Contains(named, protocol.Everybody) {
			room.Personal = max(room.Personal, seq)
		}
		return nil
	}, `SELECT M.ROOMID, M.SEQ, COALESCE(M.MENTIONS,''), COALESCE(Q.SENDERID,'') FROM A_ROOMDTL_TBL D JOIN A_ROOMMST_TBL R ON R.ROOMID=D.ROOMID
 JOIN A_MSGMST_TBL M ON M.ROOMID=D.ROOMID AND M.SEQ>CASE WHEN D.READSEQ>R.SEQ-? THEN D.READSEQ ELSE R.SEQ-? END
 LEFT JOIN A_MSGMST_TBL Q ON Q.MSGID=M.REPLY AND Q.ROOMID=M.ROOMID
 WHERE D.USERID=? AND D.ROOMID IN `+marks(1, full)+` AND M.SENDERID<>D.USERID AND `+countsSQL+` AND (M.MENTIONS<>'' OR M.REPLY<>'')
 AND NOT EXISTS (SELECT 1 FROM A_MSGDTL_TBL X WHERE X.MSGID=M.MSGID AND X.ROOMID=M.ROOMID AND X.RECEIVERID=D.USERID)`, in...)
}
