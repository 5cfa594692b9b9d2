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
)

// personal names, in rooms of which a person wants to hear little, the newest unread message that he wants to hear of
// nevertheless: one that speaks to him or answers one of his.
func (s *Store) personal(ctx context.Context, user protocol.UserID, rooms []protocol.UnreadRoom) error {
	at := map[protocol.RoomID]*protocol.UnreadRoom{}
	in := []any{personalBack, personalBack, string(user)}
	for i := range rooms {
		if r := &rooms[i]; (r.Notify == protocol.NotifyNone || r.Notify == protocol.NotifyMentions) && len(at) < personalRooms {
			at[r.ID] = r
			in = append(in, string(r.ID))
		}
	}
	if len(at) == 0 {
		return nil
	}
	// A statement for each number of rooms would not stay prepared.
	full := 1
	for full < len(at) {
		full *= 2
	}
	for range full - len(at) {
		in = append(in, "")
	}
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
