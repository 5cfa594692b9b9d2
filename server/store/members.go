package store

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"sendjay/shared/protocol"
)

// MembersMoved is what an invitation, a leave or a kick did.
type MembersMoved struct {
	Room protocol.RoomID
	Rev  protocol.Rev
	// Members are those who came, and those who left (Left set).
	Members []protocol.Member
	Count   int
	// Master is the master afterwards.
	Master protocol.UserID
	// By is who invited, left or made somebody leave.
	By protocol.UserID
	// Line is the line in the room, nil where the change is silent.
	Line *protocol.Message
	// Audience must hear of it: the members afterwards and those who left.
	Audience []protocol.UserID
}

// Invite brings people into room; those in it already are passed over. When nobody is new nothing is
// written and then is not called. It returns those who are new.
func (s *Store) Invite(ctx context.Context, room protocol.RoomID, by protocol.UserID, people []protocol.UserID, then func(MembersMoved)) (MembersMoved, []protocol.UserID, error) {
	ids := slices.Clone(people)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	var out MembersMoved
	var added []protocol.UserID
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out, added = MembersMoved{Room: room, By: by}, nil
		r, states, err := s.openRoom(ctx, tx, room, by)
		if err != nil {
			return err
		}
		// Who is a member already stays one, also with an account that is closed.
		invited, err := activePeople(ctx, tx, slices.DeleteFunc(slices.Clone(ids), func(id protocol.UserID) bool {
			st, was := states[id]
			return was && st.state == stateMember
		}))
		if err != nil {
			return err
		}
		out.Rev, out.Master = r.rev, r.wide.Master
		if len(invited) == 0 {
			return nil
		}
		if r.members+len(invited) > protocol.Limits.RoomMembers {
			return ErrTooMany
		}
		now := stampOf(protocol.At(s.now()))
		from, rev := r.seq, r.rev+1
		var fresh []protocol.Person
		for _, p := range invited {
			added = append(added, p.ID)
			out.Members = append(out.Members, protocol.Member{ID: p.ID, Name: p.Name, Read: from, From: from})
			if _, was := states[p.ID]; !was {
				fresh = append(fresh, p)
				continue
			}
			if _, err := tx.ExecContext(ctx, "UPDATE A_ROOMDTL_TBL SET STATE='', USERNM=?, FROMSEQ=?, READSEQ=?, REV=?, UDT=? WHERE ROOMID=? AND USERID=?",
				p.Name, int64(from), int64(from), int64(rev), now, string(room), string(p.ID)); err != nil {
				return err
			}
		}
		if len(fresh) > 0 {
			if err := addMembers(ctx, tx, room, fresh, from, rev, now); err != nil {
				return err
			}
		}
		return s.line(ctx, tx, r, &out, protocol.Invite, protocol.Person{ID: by, Name: states[by].name}, invited, "")
	}, func() {
		if then != nil && len(added) > 0 {
			then(out)
		}
	})
	return out, added, err
}

// Leave takes user out of room. A pair is left silently and comes back with the next message.
func (s *Store) Leave(ctx context.Context, room protocol.RoomID, user protocol.UserID, then func(MembersMoved)) (MembersMoved, error) {
	return s.depart(ctx, room, user, user, then)
}

// Kick takes user out of room by the master's right: ErrNotMaster for anybody else, for oneself, and where only
// two are left, neither of whom is put out by the other; ErrNoUser for somebody who is not in it.
func (s *Store) Kick(ctx context.Context, room protocol.RoomID, by, user protocol.UserID, then func(MembersMoved)) (MembersMoved, error) {
	return s.depart(ctx, room, by, user, then)
}

func (s *Store) depart(ctx context.Context, room protocol.RoomID, by, user protocol.UserID, then func(MembersMoved)) (MembersMoved, error) {
	var out MembersMoved
	kicked := by != user
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = MembersMoved{Room: room, By: by}
		r, states, err := s.openRoom(ctx, tx, room, by)
		if err != nil {
			return err
		}
		goner, ok := states[user]
		if kicked && r.wide.Master != by {
			return ErrNotMaster
		}
		if !ok || goner.state != stateMember {
			return ErrNoUser
		}
		if kicked && present(states) <= 2 {
			return ErrNotMaster
		}
		now := stampOf(protocol.At(s.now()))
		state := stateLeft
		pair := len(states) == 2 && !kicked
		if pair {
			state = stateAsleep
		}
		rev := r.rev + 1
		if _, err := tx.ExecContext(ctx, "UPDATE A_ROOMDTL_TBL SET STATE=?, PINNED=0, READSEQ=?, REV=?, UDT=? WHERE ROOMID=? AND USERID=?",
			state, int64(r.seq), int64(rev), now, string(room), string(user)); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM A_MSGDTL_TBL WHERE ROOMID=? AND RECEIVERID=?", string(room), string(user)); err != nil {
			return err
		}
		out.Members = []protocol.Member{{ID: user, Name: goner.name, Read: r.seq, Left: true}}
		if out.Master = r.wide.Master; out.Master == user {
			if out.Master, err = inherit(ctx, tx, room, user); err != nil {
				return err
			}
		}
		if pair || len(states) == 1 {
			out.Rev, out.Count = rev, r.members-1
			out.Audience = []protocol.UserID{user}
			for id, st := range states {
				if id != user && st.state == stateMember {
					out.Audience = append(out.Audience, id)
				}
			}
			return s.recount(ctx, tx, room, rev)
		}
		gone := ""
		if kicked {
			gone = string(user)
		}
		return s.line(ctx, tx, r, &out, protocol.Leave, protocol.Person{ID: by, Name: states[by].name}, []protocol.Person{{ID: user, Name: goner.name}}, gone)
	}, func() {
		if then != nil {
			then(out)
		}
	})
	return out, err
}

// inherit makes the member who has been there longest the master, when the master goes.
func inherit(ctx context.Context, tx *sql.Tx, room protocol.RoomID, from protocol.UserID) (protocol.UserID, error) {
	var id, name string
	err := tx.QueryRowContext(ctx, "SELECT USERID, USERNM FROM A_ROOMDTL_TBL WHERE ROOMID=? AND STATE='' AND USERID<>? ORDER BY CDT, USERID LIMIT 1",
		string(room), string(from)).Scan(&id, &name)
	if errors.Is(err, sql.ErrNoRows) {
		return from, nil
	}
	if err != nil {
		return from, err
	}
	_, err = tx.ExecContext(ctx, "UPDATE A_ROOMMST_TBL SET MASTERID=?, MASTERNM=? WHERE ROOMID=?", id, name, string(room))
	return protocol.UserID(id), err
}

type memberState struct {
	name  string
	state string
}

type openedRoom struct {
	roomState
	wide protocol.RoomWide
}

// openRoom locks a room for a change by one of its members and returns all who ever were in it.
func (s *Store) openRoom(ctx context.Context, tx *sql.Tx, room protocol.RoomID, by protocol.UserID) (*openedRoom, map[protocol.UserID]memberState, error) {
	rooms := map[protocol.RoomID]*roomState{room: {}}
	if err := s.loadRooms(ctx, tx, rooms, []any{string(room)}); err != nil {
		return nil, nil, err
	}
	if rooms[room].id == "" {
		return nil, nil, ErrNoRoom
	}
	o := &openedRoom{roomState: *rooms[room]}
	if err := tx.QueryRowContext(ctx, "SELECT NICKNM, MASTERID FROM A_ROOMMST_TBL WHERE ROOMID=?", string(room)).Scan(&o.wide.Name, &o.wide.Master); err != nil {
		return nil, nil, err
	}
	states := map[protocol.UserID]memberState{}
	if err := each(ctx, tx, func(r row) error {
		var id protocol.UserID
		var m memberState
		if err := r.Scan(&id, &m.name, &m.state); err != nil {
			return err
		}
		states[id] = m
		return nil
	}, "SELECT USERID, USERNM, STATE FROM A_ROOMDTL_TBL WHERE ROOMID=?", string(room)); err != nil {
		return nil, nil, err
	}
	if st, ok := states[by]; !ok || st.state != stateMember {
		return nil, nil, ErrNotMember
	}
	return o, states, nil
}

// line stores the line of the room that tells of a change of members, and finishes the change.
func (s *Store) line(ctx context.Context, tx *sql.Tx, r *openedRoom, out *MembersMoved, t protocol.MessageType, by protocol.Person, people []protocol.Person, reply string) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	at := max(protocol.At(s.now()), r.last)
	m := &protocol.Message{
		ID: protocol.MessageID(id.String()), Room: r.id, Seq: r.seq + 1, Rev: r.rev + 1, Sender: by.ID, SenderName: by.Name,
		Type: t, At: at, People: people, Body: joinNames(people),
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO A_MSGMST_TBL (MSGID, ROOMID, SENDERID, SENDERNM, BODY, REPLY, TYP, CDT, SEQ, REV, BORN) VALUES "+marks(1, 11),
		string(m.ID), string(m.Room), string(by.ID), by.Name, legacyLine(t, people, by.Name), reply, string(t), stampOf(at), int64(m.Seq), int64(m.Rev), int64(m.Rev)); err != nil {
		return err
	}
	if err := s.recount(ctx, tx, r.id, m.Rev); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE A_ROOMMST_TBL SET SEQ=?, LASTDT=?, UDT=? WHERE ROOMID=?", int64(m.Seq), stampOf(at), stampOf(at), string(r.id)); err != nil {
		return err
	}
	var members []protocol.UserID
	m.Unread = 0
	if err := each(ctx, tx, func(x row) error {
		var id protocol.UserID
		var gone bool
		err := x.Scan(&id, &gone)
		members = append(members, id)
		if id != by.ID && !gone {
			m.Unread++
		}
		return err
	}, "SELECT USERID, "+goneSQL+" FROM A_ROOMDTL_TBL WHERE ROOMID=? AND STATE=''", string(r.id)); err != nil {
		return err
	}
	if err := s.rehash(ctx, tx, r.id, members); err != nil {
		return err
	}
	out.Rev, out.Line, out.Count = m.Rev, m, len(members)
	out.Audience = members
	for _, gone := range out.Members {
		if gone.Left {
			out.Audience = append(out.Audience, gone.ID)
		}
	}
	return nil
}

// rehash sets the same-members key after a change; where an older room has it already, this one goes without.
func (s *Store) rehash(ctx context.Context, tx *sql.Tx, room protocol.RoomID, members []protocol.UserID) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM A_ROOMMEM_TBL WHERE ROOMID=?", string(room)); err != nil {
		return err
	}
	slices.Sort(members)
	hash, joined := sameMembers(members)
	if hash == nil || len(members) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, s.d.insertIgnore()+" INTO A_ROOMMEM_TBL (ROOMID, MEMBERS, CDT, HASH) VALUES (?,?,?,?)",
		string(room), joined, stampOf(protocol.At(s.now())), hash)
	return err
}

func joinNames(people []protocol.Person) string {
	names := make([]string, len(people))
	for i, p := range people {
		names[i] = p.Name
	}
	return cutRunes(strings.Join(names, ", "), 1000)
}

// legacyLine is the body of a line as the original writes it: names~~ids~~inviter, or the name of who left.
// Names and ids are cut together where they would not fit the column.
func legacyLine(t protocol.MessageType, people []protocol.Person, by string) string {
	if t == protocol.Leave {
		return people[0].Name + "~~" + string(people[0].ID)
	}
	var names, ids []string
	size := len([]rune(by)) + 8
	for _, p := range people {
		size += len([]rune(p.Name)) + len(p.ID) + 2
		if size > protocol.Limits.TextRunes {
			break
		}
		names, ids = append(names, strings.ReplaceAll(p.Name, "/", " ")), append(ids, string(p.ID))
	}
	return strings.Join(names, "/") + "~~" + strings.Join(ids, "/") + "~~" + by
}

// peopleOf reads legacyLine back, and what the original itself has written.
func peopleOf(t protocol.MessageType, body, reply string) []protocol.Person {
	parts := strings.Split(body, "~~")
	if t == protocol.Leave {
		if len(parts) > 1 {
			return []protocol.Person{{ID: protocol.UserID(parts[1]), Name: parts[0]}}
		}
		return []protocol.Person{{ID: protocol.UserID(reply), Name: strings.TrimSuffix(body, " 퇴장")}}
	}
	if len(parts) < 2 {
		return nil
	}
	names, ids := strings.Split(parts[0], "/"), strings.Split(parts[1], "/")
	var out []protocol.Person
	for i := range min(len(names), len(ids)) {
		out = append(out, protocol.Person{ID: protocol.UserID(ids[i]), Name: names[i]})
	}
	return out
}

func cutRunes(s string, n int) string {
	if len(s) <= n {
		return s
	}
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n])
}

// present counts those who are in a room now.
func present(states map[protocol.UserID]memberState) int {
	n := 0
	for _, st := range states {
		if st.state == stateMember {
			n++
		}
	}
	return n
}
