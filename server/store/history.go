package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"

	"sendjay/shared/protocol"
)

func messageColumns(alias string) string {
	out := ""
	for i, c := range []string{"MSGID", "ROOMID", "SEQ", "REV", "SENDERID", "SENDERNM", "TYP", "BODY", "REPLY", "STATE2", "CDT", "EDITDT", "MENTIONS", "FORWARDED", "URGENT", "REACTS"} {
		if i > 0 {
			out += ","
		}
		out += alias + "." + c
	}
	return out
}

// messageRow is messageColumns, all of them NULL where a join found nothing.
type messageRow struct {
	id, room, sender, name, typ, body, reply, state, cdt, edited, mentions, forwarded, urgent sql.NullString
	seq, rev, reacts                                                                          sql.NullInt64
}

func (m *messageRow) into() []any {
	return []any{&m.id, &m.room, &m.seq, &m.rev, &m.sender, &m.name, &m.typ, &m.body, &m.reply, &m.state, &m.cdt, &m.edited, &m.mentions, &m.forwarded, &m.urgent, &m.reacts}
}

func (m *messageRow) message() protocol.Message {
	out := protocol.Message{
		ID: protocol.MessageID(m.id.String), Room: protocol.RoomID(m.room.String), Seq: protocol.Seq(m.seq.Int64), Rev: protocol.Rev(m.rev.Int64),
		Sender: protocol.UserID(m.sender.String), SenderName: m.name.String, Type: protocol.MessageType(m.typ.String),
		Body: m.body.String, Reply: protocol.MessageID(m.reply.String), At: instantOf(m.cdt.String), Cancelled: m.state.String == "C",
	}
	switch {
	case out.Cancelled:
		out.Body, out.Reply = "", ""
	case !out.Type.System():
		out.Edited, out.Mentions, out.Forwarded = instantOf(m.edited.String), splitUsers(m.mentions.String), m.forwarded.String == "Y"
		out.Urgent = m.urgent.String == "Y"
	default:
		out.People = peopleOf(out.Type, out.Body, m.reply.String)
		out.Body, out.Reply = joinNames(out.People), ""
	}
	return out
}

// Messages returns a page of room as user may see it, ascending by seq: the newest, or those before or
// after a seq (exclusive).
func (s *Store) Messages(ctx context.Context, user protocol.UserID, room protocol.RoomID, before, after *protocol.Seq, limit int) (protocol.MessagesPage, error) {
	page := protocol.MessagesPage{Messages: []protocol.Message{}}
	mine, err := membershipOf(ctx, s.read, room, user)
	if err != nil {
		return page, s.d.translate(err)
	}
	low, high, order := mine.from, mine.seq+1, "DESC"
	if before != nil {
		high = min(high, *before)
	}
	if after != nil {
		low = max(low, *after)
		order = "ASC"
	}
	page.Messages, err = s.pick(ctx, user, room, mine.joined, "M.ROOMID=? AND M.SEQ>? AND M.SEQ<? AND X.MSGID IS NULL", fmt.Sprintf("M.SEQ %s LIMIT %d", order, limit+1), string(room), int64(low), int64(high))
	if err != nil {
		return page, s.d.translate(err)
	}
	if len(page.Messages) > limit {
		page.Messages, page.More = page.Messages[:limit], true
	}
	if order == "DESC" {
		slices.Reverse(page.Messages)
	}
	if err := s.attach(ctx, s.read, page.Messages); err != nil {
		return page, s.d.translate(err)
	}
	return page, s.d.translate(s.countUnread(ctx, s.read, room, page.Messages))
}

// pick reads messages of one room, whole, for user, who came after the seq joined; X is the row by which he has
// deleted one.
func (s *Store) pick(ctx context.Context, user protocol.UserID, room protocol.RoomID, joined protocol.Seq, where, order string, args ...any) ([]protocol.Message, error) {
	out := []protocol.Message{}
	reacts := map[protocol.MessageID]bool{}
	var m messageRow
	into := m.into()
	err := each(ctx, s.read, func(r row) error {
		if err := r.Scan(into...); err != nil {
			return err
		}
		out = append(out, m.message())
		if m.reacts.Int64 > 0 {
			reacts[out[len(out)-1].ID] = true
		}
		return nil
	}, "SELECT "+messageColumns("M")+" FROM A_MSGMST_TBL M LEFT JOIN A_MSGDTL_TBL X ON X.MSGID=M.MSGID AND X.ROOMID=M.ROOMID AND X.RECEIVERID=? AND X.STATE='D' WHERE "+where+" ORDER BY "+order,
		append([]any{string(user)}, args...)...)
	if err != nil {
		return out, err
	}
	return out, s.fill(ctx, s.read, room, user, joined, out, reacts)
}

// countUnread sets the unread numbers of a room's messages from the members' cursors, and from the rows of
// those whose state departs from theirs.
func (s *Store) countUnread(ctx context.Context, q queryer, room protocol.RoomID, messages []protocol.Message) error {
	if len(messages) == 0 {
		return nil
	}
	members, err := membersOf(ctx, q, room)
	if err != nil {
		return err
	}
	c := cursors{members: members}
	ids := make([]any, 0, len(messages)+1)
	ids = append(ids, string(room))
	for i := range messages {
		messages[i].Unread = c.unread(&messages[i])
		if messages[i].Unread > 0 {
			ids = append(ids, string(messages[i].ID))
		}
	}
	if len(ids) == 1 {
		return nil
	}
	read := make(map[protocol.UserID]protocol.Seq, len(members))
	return each(ctx, q, func(r row) error {
		var id protocol.MessageID
		var who protocol.UserID
		if err := r.Scan(&id, &who); err != nil {
			return err
		}
		if len(read) == 0 {
			for _, m := range members {
				if !m.Gone {
					read[m.ID] = max(m.Read, m.From)
				}
			}
		}
		for i := range messages {
			m := &messages[i]
			if at, member := read[who]; m.ID == id && member && at < m.Seq && who != m.Sender {
				m.Unread--
			}
		}
		return nil
	}, "SELECT MSGID, RECEIVERID FROM A_MSGDTL_TBL WHERE ROOMID=? AND MSGID IN "+marks(1, len(ids)-1), ids...)
}

// Changes returns the present state of what changed in room after since, oldest change first. It reads
// one moment of the database, so that Rev is true for all of it.
func (s *Store) Changes(ctx context.Context, user protocol.UserID, room protocol.RoomID, since protocol.Rev, limit int) (protocol.ChangesPage, error) {
	page := protocol.ChangesPage{Messages: []protocol.Message{}, Cursors: []protocol.Cursor{}, Members: []protocol.Member{}}
	tx, err := s.read.BeginTx(ctx, s.d.snapshot())
	if err != nil {
		return page, s.d.translate(err)
	}
	defer tx.Rollback() //nolint:errcheck // reading only
	return page, s.d.translate(s.changes(ctx, tx, user, room, since, limit, &page))
}

func (s *Store) changes(ctx context.Context, tx *sql.Tx, user protocol.UserID, room protocol.RoomID, since protocol.Rev, limit int, page *protocol.ChangesPage) error {
	mine, err := membershipOf(ctx, tx, room, user)
	if err != nil {
		return err
	}
	page.Rev, page.Seq, page.From, page.Room, page.Mine = mine.rev, mine.seq, mine.from, mine.wide, mine.mine
	// Also where nothing is new: who asks for what he deleted for himself would take a notice that is not named for
	// one that was taken down.
	if err := s.noticeNow(ctx, tx, room, user, page); err != nil {
		return err
	}
	if since >= mine.rev {
		return s.unreadOf(ctx, tx, room, user, &page.Unread)
	}
	reacts := map[protocol.MessageID]bool{}
	read := func(after, upto protocol.Rev, limit int) error {
		from, args, err := s.d.changed(ctx, tx, room, mine.from, after, upto, limit)
		if err != nil {
			return err
		}
		// A message hidden from this person is told as taken back, so that a copy of it goes away too.
		return each(ctx, tx, func(r row) error {
			var m messageRow
			var hidden sql.NullString
			if err := r.Scan(append(m.into(), &hidden)...); err != nil {
				return err
			}
			one := m.message()
			if one.Hidden = hidden.Valid; one.Hidden {
				one = protocol.Message{ID: one.ID, Room: one.Room, Seq: one.Seq, Rev: one.Rev, Sender: one.Sender, SenderName: one.SenderName, Type: one.Type, At: one.At, Cancelled: true, Hidden: true}
			}
			if m.reacts.Int64 > 0 {
				reacts[one.ID] = true
			}
			page.Messages = append(page.Messages, one)
			return nil
		}, "SELECT "+messageColumns("M")+", X.STATE FROM "+from+" LEFT JOIN A_MSGDTL_TBL X ON X.MSGID=M.MSGID AND X.ROOMID=M.ROOMID AND X.RECEIVERID=? AND X.STATE='D' ORDER BY M.REV",
			append(args, string(user))...)
	}
	if err := read(since, page.Rev, limit+1); err != nil {
		return err
	}
	if len(page.Messages) > limit {
		// An edit shares its rev with what quotes it: the page ends with all of one rev.
		page.Rev, page.More = page.Messages[limit-1].Rev, true
		page.Messages = slices.DeleteFunc(page.Messages, func(m protocol.Message) bool { return m.Rev >= page.Rev })
		if err := read(page.Rev-1, page.Rev, math.MaxInt32); err != nil {
			return err
		}
	}
	if err := s.fill(ctx, tx, room, user, mine.joined, page.Messages, reacts); err != nil {
		return err
	}
	if err := each(ctx, tx, func(r row) error {
		var m protocol.Member
		var state string
		var born protocol.Rev
		if err := r.Scan(&m.ID, &m.Name, &m.Read, &m.From, &m.Gone, &state, &born); err != nil {
			return err
		}
		m.Left = state != stateMember
		if !m.Left {
			page.Cursors = append(page.Cursors, protocol.Cursor{User: m.ID, Seq: m.Read})
		}
		page.Members = append(page.Members, m)
		return nil
	}, "SELECT USERID, USERNM, READSEQ, "+joinedAt("")+", "+goneSQL+", STATE, REV FROM A_ROOMDTL_TBL WHERE ROOMID=? AND REV>? AND REV<=? ORDER BY REV", string(room), int64(since), int64(page.Rev)); err != nil {
		return err
	}
	if err := s.attach(ctx, tx, page.Messages); err != nil {
		return err
	}
	if err := s.countUnread(ctx, tx, room, page.Messages); err != nil {
		return err
	}
	return s.unreadOf(ctx, tx, room, user, &page.Unread)
}

func (s *Store) unreadOf(ctx context.Context, q queryer, room protocol.RoomID, user protocol.UserID, n *int) error {
	return q.QueryRowContext(ctx, "SELECT "+unreadSQL+" FROM A_ROOMDTL_TBL D WHERE D.ROOMID=? AND D.USERID=?", string(room), string(user)).Scan(n)
}

// noticeNow sets what user sees pinned on top of the room.
func (s *Store) noticeNow(ctx context.Context, q queryer, room protocol.RoomID, user protocol.UserID, page *protocol.ChangesPage) error {
	var id protocol.MessageID
	if err := q.QueryRowContext(ctx, "SELECT NOTICE, NOTICEREV FROM A_ROOMMST_TBL WHERE ROOMID=?", string(room)).Scan(&id, &page.NoticeRev); err != nil || id == "" {
		return err
	}
	one := []protocol.Room{{ID: room, Notice: &protocol.Notice{ID: id}}}
	err := s.fillNotices(ctx, q, user, one)
	page.Notice = one[0].Notice
	return err
}
