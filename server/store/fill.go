package store

import (
	"context"
	"fmt"

	"sendjay/shared/protocol"
)

// fill completes messages of one room for user, who came after the seq joined: what they quote, unless that was said
// before, and the emoji under them. It costs a query each, and none where there is nothing to ask.
func (s *Store) fill(ctx context.Context, q queryer, room protocol.RoomID, user protocol.UserID, joined protocol.Seq, messages []protocol.Message, reacts map[protocol.MessageID]bool) error {
	quoting := map[protocol.MessageID][]int{}
	index := map[protocol.MessageID]*protocol.Message{}
	var reacted []any
	for i := range messages {
		m := &messages[i]
		if m.Cancelled || m.Hidden {
			continue
		}
		if m.Reply != "" {
			quoting[m.Reply] = append(quoting[m.Reply], i)
		}
		if reacts[m.ID] {
			index[m.ID] = m
			reacted = append(reacted, string(m.ID))
		}
	}
	if len(quoting) > 0 {
		ids := make([]protocol.MessageID, 0, len(quoting))
		for id := range quoting {
			ids = append(ids, id)
		}
		quotes, err := s.quotesOf(ctx, q, room, ids)
		if err != nil {
			return err
		}
		for id, at := range quoting {
			quote := quotes[id]
			if quote == nil || quote.Seq <= joined {
				continue
			}
			for _, i := range at {
				messages[i].Quote = quote
			}
		}
	}
	if len(reacted) == 0 {
		return nil
	}
	found, err := reactionsOf(ctx, q, room, user, reacted)
	for id, r := range found {
		index[id].Reactions = r
	}
	return err
}

// quotesOf returns messages of room as others quote them.
func (s *Store) quotesOf(ctx context.Context, q queryer, room protocol.RoomID, ids []protocol.MessageID) (map[protocol.MessageID]*protocol.Quote, error) {
	out := make(map[protocol.MessageID]*protocol.Quote, len(ids))
	var showing []any // those with files
	args := []any{string(room)}
	for _, id := range ids {
		args = append(args, string(id))
	}
	err := each(ctx, q, func(r row) error {
		var x protocol.Quote
		var state string
		if err := r.Scan(&x.ID, &x.Seq, &x.Sender, &x.SenderName, &x.Type, &x.Body, &state); err != nil {
			return err
		}
		if x.Cancelled = state == "C"; x.Cancelled {
			x.Body = ""
		}
		x.Body = cutRunes(x.Body, protocol.Limits.QuoteRunes)
		if !x.Cancelled && carries(x.Type) {
			showing = append(showing, string(x.ID))
		}
		out[x.ID] = &x
		return nil
	}, "SELECT MSGID, SEQ, SENDERID, SENDERNM, TYP, BODY, STATE2 FROM A_MSGMST_TBL WHERE ROOMID=? AND MSGID IN "+marks(1, len(ids))+" AND TYP NOT IN ('invite','leave')", args...)
	if err != nil {
		return out, err
	}
	return out, s.infosOf(ctx, q, showing, func(id protocol.MessageID, f *protocol.FileInfo) { out[id].File = f })
}

// reactionsOf returns the emoji under messages, the oldest first, with the first people of each.
func reactionsOf(ctx context.Context, q queryer, room protocol.RoomID, user protocol.UserID, ids []any) (map[protocol.MessageID][]protocol.Reaction, error) {
	out := map[protocol.MessageID][]protocol.Reaction{}
	args := append([]any{string(room)}, ids...)
	args = append(args, string(user))
	err := each(ctx, q, func(r row) error {
		var id protocol.MessageID
		var who protocol.UserID
		var x protocol.Reaction
		var n int
		if err := r.Scan(&id, &x.Emoji, &who, &n, &x.Count); err != nil {
			return err
		}
		all := out[id]
		if len(all) == 0 || all[len(all)-1].Emoji != x.Emoji {
			all = append(all, x)
		}
		last := &all[len(all)-1]
		if n <= protocol.Limits.ReactionUsers {
			last.Users = append(last.Users, who)
		}
		last.Mine = last.Mine || who == user
		out[id] = all
		return nil
	}, fmt.Sprintf(`SELECT MSGID, EMOJI, USERID, N, C FROM (
 SELECT MSGID, EMOJI, USERID, ATMS, ROW_NUMBER() OVER (PARTITION BY MSGID, EMOJI ORDER BY ATMS, USERID) AS N,
 COUNT(*) OVER (PARTITION BY MSGID, EMOJI) AS C, MIN(ATMS) OVER (PARTITION BY MSGID, EMOJI) AS BEGAN
 FROM S_REACTION_TBL WHERE ROOMID=? AND MSGID IN %s) T WHERE N<=%d OR USERID=? ORDER BY MSGID, BEGAN, EMOJI, N`, marks(1, len(ids)), protocol.Limits.ReactionUsers), args...)
	return out, err
}

// fillNotices completes what is pinned on top of rooms, of which only the id is known, and takes down what was said
// before user came.
func (s *Store) fillNotices(ctx context.Context, q queryer, user protocol.UserID, rooms []protocol.Room) error {
	ids := []any{string(user)}
	for _, r := range rooms {
		if r.Notice != nil {
			ids = append(ids, string(r.Notice.ID))
		}
	}
	if len(ids) == 1 {
		return nil
	}
	found := map[protocol.RoomID]*protocol.Notice{}
	if err := each(ctx, q, func(r row) error {
		var room protocol.RoomID
		var x protocol.Notice
		var at string
		if err := r.Scan(&room, &x.ID, &x.Seq, &x.Sender, &x.SenderName, &x.Type, &x.Body, &x.By, &x.ByName, &at); err != nil {
			return err
		}
		x.Body, x.At = cutRunes(x.Body, protocol.Limits.NoticeRunes), instantOf(at)
		found[room] = &x
		return nil
	}, `SELECT M.ROOMID, M.MSGID, M.SEQ, M.SENDERID, M.SENDERNM, M.TYP, M.BODY, R.NOTICEBY, R.NOTICEBYNM, R.NOTICEDT
 FROM A_MSGMST_TBL M JOIN A_ROOMMST_TBL R ON R.ROOMID=M.ROOMID AND R.NOTICE=M.MSGID
 JOIN A_ROOMDTL_TBL D ON D.ROOMID=M.ROOMID AND D.USERID=? WHERE M.STATE2='' AND M.SEQ>`+joinedAt("D.")+" AND M.MSGID IN "+marks(1, len(ids)-1), ids...); err != nil {
		return err
	}
	for i := range rooms {
		rooms[i].Notice = found[rooms[i].ID]
	}
	return nil
}
