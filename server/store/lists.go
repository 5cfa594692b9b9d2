package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"sendjay/shared/protocol"
)

const roomColumns = `R.ROOMID, R.ROOMNM, R.NICKNM, D.NICKNM, R.MASTERID, R.MEMCNT, R.SEQ, R.REV, D.READSEQ, D.FROMSEQ, D.NOTI, D.PINNED, D.DISPMEM, D.MINEVER, R.LASTDT, R.CDT, R.NOTICE, R.NOTICEREV, D.HIDES, `

// Members returns the people of room, in name order, with their cursors.
func (s *Store) Members(ctx context.Context, room protocol.RoomID) ([]protocol.Member, error) {
	out, err := membersOf(ctx, s.read, room)
	return out, s.d.translate(err)
}

func membersOf(ctx context.Context, q queryer, room protocol.RoomID) ([]protocol.Member, error) {
	out := []protocol.Member{}
	err := each(ctx, q, func(r row) error {
		var m protocol.Member
		if err := r.Scan(&m.ID, &m.Name, &m.Read, &m.From, &m.Gone); err != nil {
			return err
		}
		out = append(out, m)
		return nil
	}, "SELECT USERID, USERNM, READSEQ, "+joinedAt("")+", "+goneSQL+" FROM A_ROOMDTL_TBL WHERE ROOMID=? AND STATE='' ORDER BY USERNM, USERID", string(room))
	return out, err
}

// IsMember reports whether user is in room now.
func (s *Store) IsMember(ctx context.Context, room protocol.RoomID, user protocol.UserID) (bool, error) {
	_, err := membershipOf(ctx, s.read, room, user)
	if errors.Is(err, ErrNotMember) {
		return false, nil
	}
	return err == nil, s.d.translate(err)
}

type membership struct {
	read, from, seq protocol.Seq
	joined          protocol.Seq // before which nothing is his to see, not in what others quote or pin either
	rev             protocol.Rev
	wide            protocol.RoomWide
	mine            protocol.RoomMine
}

func membershipOf(ctx context.Context, q queryer, room protocol.RoomID, user protocol.UserID) (membership, error) {
	var m membership
	var mine mineRow
	found, err := first(ctx, q, append([]any{&m.read, &m.from, &m.joined, &m.seq, &m.rev, &m.wide.Name, &m.wide.Master}, mine.into()...), "SELECT D.READSEQ, D.FROMSEQ, "+joinedAt("D.")+", R.SEQ, R.REV, R.NICKNM, R.MASTERID, "+mineFields+" FROM A_ROOMDTL_TBL D JOIN A_ROOMMST_TBL R ON R.ROOMID=D.ROOMID WHERE D.ROOMID=? AND D.USERID=? AND D.STATE=''",
		string(room), string(user))
	m.mine = mine.mine()
	if err == nil && !found {
		return m, ErrNotMember
	}
	return m, err
}

// The order of a person's rooms: the pinned ones by their place, then the one with the newest message first.
const (
	placed = "CASE WHEN D.PINNED>0 THEN D.PINNED ELSE 1000000 END"
	listed = "CASE WHEN R.LASTDT='' THEN R.CDT ELSE R.LASTDT END"
)

// Rooms returns a page of user's rooms, the pinned ones in their order, then the one with the newest message
// first; with q, those alone whose name, or the name of another member, holds it. A room without a message is
// listed for its master alone. The cursor is opaque; ErrNoRoom for one that is not ours.
func (s *Store) Rooms(ctx context.Context, user protocol.UserID, q, cursor string, limit int) (protocol.RoomsPage, error) {
	page := protocol.RoomsPage{Rooms: []protocol.Room{}}
	where, args := "", []any{string(user)}
	if q != "" {
		where = " AND " + named
		for range strings.Count(named, "?") {
			args = append(args, holds(q))
		}
	}
	if cursor != "" {
		place, rest, _ := strings.Cut(cursor, "~")
		at, id, ok := strings.Cut(rest, "~")
		n, bad := strconv.Atoi(place)
		if _, err := parseStamp(at); err != nil || bad != nil || !ok || !protocol.RoomID(id).Valid() {
			return page, ErrNoRoom
		}
		where += " AND (" + placed + ">? OR (" + placed + "=? AND (" + listed + "<? OR (" + listed + "=? AND R.ROOMID<?))))"
		args = append(args, n, n, at, at, id)
	}
	var at []string
	var apart []bool
	// The page is picked first, so that only its rooms are counted.
	query := "SELECT " + roomColumns + tallied + ", P.PLACE, P.LISTDT, " + messageColumns("M") + " FROM (SELECT R.ROOMID, " + placed + " AS PLACE, " + listed + ` AS LISTDT
  FROM A_ROOMDTL_TBL D JOIN A_ROOMMST_TBL R ON R.ROOMID=D.ROOMID WHERE D.USERID=? AND D.STATE='' AND (R.SEQ>0 OR R.MASTERID=D.USERID)` + where +
		fmt.Sprintf(" ORDER BY PLACE, LISTDT DESC, R.ROOMID DESC LIMIT %d) P", limit+1) + `
 JOIN A_ROOMMST_TBL R ON R.ROOMID=P.ROOMID JOIN A_ROOMDTL_TBL D ON D.ROOMID=P.ROOMID AND D.USERID=?
 LEFT JOIN A_MSGMST_TBL M ON M.ROOMID=R.ROOMID AND M.SEQ=R.SEQ AND R.SEQ>D.FROMSEQ
 ORDER BY P.PLACE, P.LISTDT DESC, P.ROOMID DESC`
	args = append(args, string(user))
	if err := each(ctx, s.read, func(r row) error {
		var place int
		var listedAt string
		var m messageRow
		var alone bool
		room, err := scanRoom(r, append([]any{&alone, &place, &listedAt}, m.into()...)...)
		if err != nil {
			return err
		}
		if m.id.Valid {
			last := m.message()
			room.LastMessage = &last
		}
		at = append(at, fmt.Sprint(place, "~", listedAt))
		page.Rooms, apart = append(page.Rooms, room), append(apart, alone)
		return nil
	}, query, args...); err != nil {
		return page, s.d.translate(err)
	}
	if len(page.Rooms) > limit {
		page.Rooms = page.Rooms[:limit]
		page.Next = at[limit-1] + "~" + string(page.Rooms[limit-1].ID)
	}
	// Three questions that know nothing of each other and fill in fields of their own.
	g, together := errgroup.WithContext(ctx)
	g.Go(func() error { return s.countAll(together, user, page.Rooms, apart) })
	g.Go(func() error { return s.fillMembers(together, page.Rooms, user, "READSEQ, "+joinedAt("")+", "+goneSQL) })
	g.Go(func() error { return s.fillHidden(together, page.Rooms, user) })
	if err := g.Wait(); err != nil {
		return page, s.d.translate(err)
	}
	if err := s.attachLast(ctx, s.read, page.Rooms); err != nil {
		return page, s.d.translate(err)
	}
	if err := s.fillLastUnread(ctx, page.Rooms); err != nil {
		return page, s.d.translate(err)
	}
	return page, s.d.translate(s.fillNotices(ctx, s.read, user, page.Rooms))
}

// fillLastUnread sets the unread numbers of the last messages: from the members where all are at hand.
func (s *Store) fillLastUnread(ctx context.Context, rooms []protocol.Room) error {
	index := map[protocol.RoomID]*protocol.Message{}
	var large []any
	for i := range rooms {
		r := &rooms[i]
		switch {
		case r.LastMessage == nil || r.LastMessage.Cancelled:
		case len(r.Members) == r.MemberCount:
			c := cursors{members: r.Members}
			r.LastMessage.Unread = c.unread(r.LastMessage)
		default:
			index[r.ID] = r.LastMessage
			large = append(large, string(r.LastMessage.ID))
		}
	}
	if len(large) == 0 {
		return nil
	}
	return each(ctx, s.read, func(r row) error {
		var id protocol.RoomID
		var n int
		if err := r.Scan(&id, &n); err != nil {
			return err
		}
		index[id].Unread = n
		return nil
	}, `SELECT D.ROOMID, COUNT(*) FROM A_ROOMDTL_TBL D JOIN A_MSGMST_TBL M ON M.ROOMID=D.ROOMID
 WHERE D.STATE='' AND D.GONE='' AND D.READSEQ<M.SEQ AND D.FROMSEQ<M.SEQ AND D.USERID<>M.SENDERID AND M.MSGID IN `+marks(1, len(large))+" GROUP BY D.ROOMID", large...)
}

// scanRoom reads roomColumns, the unread number and more.
func scanRoom(r row, more ...any) (protocol.Room, error) {
	var room protocol.Room
	var notice protocol.MessageID
	var legacy, mine, noti, panel, last, born string
	err := r.Scan(append([]any{
		&room.ID, &legacy, &room.Name, &mine, &room.Master, &room.MemberCount, &room.Seq, &room.Rev,
		&room.Read, &room.From, &noti, &room.Pinned, &panel, &room.MineVersion, &last, &born, &notice, &room.NoticeRev, &room.Hides, &room.Unread,
	}, more...)...)
	if notice != "" {
		room.Notice = &protocol.Notice{ID: notice} // fillNotices adds the rest
	}
	room.Members = []protocol.Member{}
	room.Title = cmp.Or(mine, room.Name)
	room.Named, room.Own = room.Title != "", mine != ""
	room.Notify, room.PanelHidden = notifyOf(noti), panel == "X"
	room.Muted = room.Notify == protocol.NotifyNone
	room.At = instantOf(cmp.Or(last, born))
	return room, err
}

// fillMembers adds the first members of all rooms, and the titles made of their names. Rooms of which all
// are listed take a plain query; those of the larger ones are picked by the database. Cursors are what of a
// member does not stand in the index by name: "0, 0, 0" where only names matter.
func (s *Store) fillMembers(ctx context.Context, rooms []protocol.Room, me protocol.UserID, cursors string) error {
	index := make(map[protocol.RoomID]*protocol.Room, len(rooms))
	var small, large []any
	for i := range rooms {
		r := &rooms[i]
		index[r.ID] = r
		if r.MemberCount <= protocol.Limits.ListedMembers {
			small = append(small, string(r.ID))
		} else {
			large = append(large, string(r.ID))
		}
	}
	add := func(r row) error {
		var id protocol.RoomID
		var m protocol.Member
		if err := r.Scan(&id, &m.ID, &m.Name, &m.Read, &m.From, &m.Gone); err != nil {
			return err
		}
		room := index[id]
		if len(room.Members) == 0 {
			room.Members = make([]protocol.Member, 0, min(room.MemberCount, protocol.Limits.ListedMembers))
		}
		room.Members = append(room.Members, m)
		return nil
	}
	if len(small) > 0 {
		if err := each(ctx, s.read, add, "SELECT ROOMID, USERID, USERNM, "+cursors+" FROM A_ROOMDTL_TBL WHERE STATE='' AND ROOMID IN "+marks(1, len(small)), small...); err != nil {
			return err
		}
	}
	if len(large) > 0 {
		if err := each(ctx, s.read, add, s.d.firstMembers(len(large), protocol.Limits.ListedMembers), large...); err != nil {
			return err
		}
	}
	for i := range rooms {
		m := rooms[i].Members
		slices.SortFunc(m, func(a, b protocol.Member) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(string(a.ID), string(b.ID)))
		})
		rooms[i].Members = m[:min(len(m), protocol.Limits.ListedMembers)]
	}
	return s.fillTitles(ctx, rooms, me)
}

// fillHidden takes away a last message that this person may not see, and shows the newest he may.
func (s *Store) fillHidden(ctx context.Context, rooms []protocol.Room, me protocol.UserID) error {
	var ids []any
	index := map[protocol.MessageID]*protocol.Room{}
	for i := range rooms {
		if m := rooms[i].LastMessage; m != nil {
			ids = append(ids, string(m.ID))
			index[m.ID] = &rooms[i]
		}
	}
	if len(ids) == 0 {
		return nil
	}
	hidden, err := list[protocol.MessageID](ctx, s.read, "SELECT MSGID FROM A_MSGDTL_TBL WHERE STATE='D' AND MSGID IN "+marks(1, len(ids))+" AND RECEIVERID=?", append(ids, string(me))...)
	if err != nil {
		return err
	}
	if len(hidden) == 0 {
		return nil
	}
	args, at := []any{string(me)}, map[protocol.RoomID]*protocol.Room{}
	for _, id := range hidden {
		room := index[id]
		room.LastMessage = nil
		args, at[room.ID] = append(args, string(room.ID)), room
	}
	return each(ctx, s.read, func(r row) error {
		var m messageRow
		if err := r.Scan(m.into()...); err != nil {
			return err
		}
		last := m.message()
		at[last.Room].LastMessage = &last
		return nil
	}, "SELECT "+messageColumns("M")+` FROM A_ROOMDTL_TBL D JOIN A_MSGMST_TBL M ON M.ROOMID=D.ROOMID AND M.SEQ=(SELECT N.SEQ FROM A_MSGMST_TBL N
 LEFT JOIN A_MSGDTL_TBL X ON X.MSGID=N.MSGID AND X.ROOMID=N.ROOMID AND X.RECEIVERID=D.USERID AND X.STATE='D'
 WHERE N.ROOMID=D.ROOMID AND N.SEQ>D.FROMSEQ AND X.MSGID IS NULL ORDER BY N.SEQ DESC LIMIT 1)
 WHERE D.USERID=? AND D.STATE='' AND D.ROOMID IN `+marks(1, len(args)-1), args...)
}

// Room returns one room as user sees it, with all its members.
func (s *Store) Room(ctx context.Context, user protocol.UserID, id protocol.RoomID) (protocol.Room, error) {
	var out protocol.Room
	found := false
	if err := each(ctx, s.read, func(r row) error {
		var err error
		found = true
		out, err = scanRoom(r)
		return err
	}, "SELECT "+roomColumns+unreadSQL+" FROM A_ROOMDTL_TBL D JOIN A_ROOMMST_TBL R ON R.ROOMID=D.ROOMID WHERE D.ROOMID=? AND D.USERID=? AND D.STATE=''",
		string(id), string(user)); err != nil {
		return out, s.d.translate(err)
	}
	if !found {
		return out, ErrNotMember
	}
	var err error
	if out.Members, err = membersOf(ctx, s.read, id); err != nil {
		return out, s.d.translate(err)
	}
	rooms := []protocol.Room{out}
	if err := s.fillTitles(ctx, rooms, user); err != nil {
		return out, s.d.translate(err)
	}
	if err := s.fillNotices(ctx, s.read, user, rooms); err != nil {
		return out, s.d.translate(err)
	}
	out = rooms[0]
	page, err := s.Messages(ctx, user, id, nil, nil, 1)
	if err != nil {
		return out, err
	}
	if len(page.Messages) == 1 {
		out.LastMessage = &page.Messages[0]
	}
	return out, nil
}

// Unread returns user's rooms with something to read, newest first.
func (s *Store) Unread(ctx context.Context, user protocol.UserID) (protocol.UnreadPage, error) {
	page := protocol.UnreadPage{Rooms: []protocol.UnreadRoom{}}
	var rooms, unnamed []protocol.Room
	var apart []bool
	untouched := map[protocol.RoomID]bool{}
	if err := each(ctx, s.read, func(r row) error {
		var room protocol.Room
		var alone bool
		var mine, noti string
		var from protocol.Seq
		err := r.Scan(&room.ID, &room.Name, &mine, &room.MemberCount, &room.Seq, &room.Rev, &room.Read, &from, &noti, &room.Unread, &alone)
		room.Title = cmp.Or(mine, room.Name)
		room.Notify = notifyOf(noti)
		untouched[room.ID] = room.Read == from
		rooms, apart = append(rooms, room), append(apart, alone)
		return err
	}, "SELECT R.ROOMID, R.NICKNM, D.NICKNM, R.MEMCNT, R.SEQ, R.REV, D.READSEQ, D.FROMSEQ, D.NOTI, "+tallied+` FROM A_ROOMDTL_TBL D JOIN A_ROOMMST_TBL R ON R.ROOMID=D.ROOMID
 WHERE D.USERID=? AND D.STATE='' AND R.SEQ>D.READSEQ ORDER BY R.LASTDT DESC LIMIT 1000`, string(user)); err != nil {
		return page, s.d.translate(err)
	}
	if err := s.countAll(ctx, user, rooms, apart); err != nil {
		return page, s.d.translate(err)
	}
	at := map[protocol.RoomID]int{}
	var quiet []protocol.RoomID
	for _, r := range rooms {
		if r.Unread == 0 && untouched[r.ID] && len(quiet) < invitedRooms {
			quiet = append(quiet, r.ID)
		}
	}
	var err error
	if page.Invited, err = s.invited(ctx, user, quiet); err != nil {
		return page, s.d.translate(err)
	}
	rooms = slices.DeleteFunc(rooms, func(r protocol.Room) bool { return r.Unread == 0 })
	for i, r := range rooms {
		if r.Title == "" {
			at[r.ID], unnamed = i, append(unnamed, r)
		}
	}
	// Only a room without a name is called after its members.
	if err := s.fillMembers(ctx, unnamed, user, "0, 0, 0"); err != nil {
		return page, s.d.translate(err)
	}
	for _, r := range unnamed {
		rooms[at[r.ID]].Title = r.Title
	}
	for _, r := range rooms {
		page.Rooms = append(page.Rooms, protocol.UnreadRoom{ID: r.ID, Title: r.Title, Unread: r.Unread, Seq: r.Seq, Rev: r.Rev, Notify: r.Notify, Muted: r.Notify == protocol.NotifyNone})
		if r.Notify != protocol.NotifyNone {
			page.Total += r.Unread
		}
	}
	if err := s.personal(ctx, user, page.Rooms); err != nil {
		return page, s.d.translate(err)
	}
	return page, s.d.translate(s.urgentUnread(ctx, user, page.Rooms))
}

// cursors counts how many of a room's members have yet to read a message.
type cursors struct {
	members []protocol.Member
	ordered bool
	reads   []protocol.Seq
}

// unread counts the members who could read m and have not, without its sender and those whose accounts are closed.
// webui/src/state/unread.ts counts the same.
func (c *cursors) unread(m *protocol.Message) int {
	if m.Cancelled {
		return 0
	}
	if !c.ordered {
		c.ordered = true
		for _, p := range c.members {
			if !p.Gone {
				c.reads = append(c.reads, max(p.Read, p.From))
			}
		}
		sort.Slice(c.reads, func(i, j int) bool { return c.reads[i] < c.reads[j] })
	}
	n := sort.Search(len(c.reads), func(i int) bool { return c.reads[i] >= m.Seq })
	for _, p := range c.members {
		if p.ID == m.Sender {
			if !p.Gone && max(p.Read, p.From) < m.Seq {
				n--
			}
			break
		}
	}
	return n
}
