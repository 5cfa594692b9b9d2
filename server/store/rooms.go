package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"sendjay/shared/protocol"
)

// The states of a member and, asleep, of a room in which somebody is.
const (
	stateMember = ""
	stateLeft   = "L"
	stateAsleep = "2"
)

// RoomMade is the answer to CreateRoom.
type RoomMade struct {
	Room    protocol.RoomID
	Existed bool
	Members []protocol.UserID
	Rev     protocol.Rev
	// Back is who asked, where he had left the pair that was found; nil where he was in it.
	Back *MembersMoved
}

// CreateRoom makes a room of the creator and members, or finds the one with exactly these people when
// they are at most Limits.SameMembers. ErrNoUser when one of them is unknown or deactivated.
func (s *Store) CreateRoom(ctx context.Context, creator protocol.UserID, members []protocol.UserID, title string, then func(RoomMade)) (RoomMade, error) {
	all := slices.Clone(members)
	all = append(all, creator)
	slices.Sort(all)
	all = slices.Compact(all)
	if len(all) > protocol.Limits.RoomMembers {
		return RoomMade{}, ErrTooMany
	}
	var out RoomMade
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = RoomMade{Members: all, Rev: 1}
		people, err := activePeople(ctx, tx, all)
		if err != nil {
			return err
		}
		hash, joined := sameMembers(all)
		if hash != nil {
			err := tx.QueryRowContext(ctx, "SELECT ROOMID FROM A_ROOMMEM_TBL WHERE HASH=?"+s.d.lockRows(), hash).Scan(&out.Room)
			if err == nil {
				out.Existed = true
				out.Back, err = s.comeBack(ctx, tx, out.Room, creator)
				return err
			}
			if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		out.Room = protocol.RoomID(id.String())
		now := stampOf(protocol.At(s.now()))
		if _, err := tx.ExecContext(ctx, "INSERT INTO A_ROOMMST_TBL (ROOMID, ROOMNM, MASTERID, MASTERNM, NICKNM, MEMCNT, CDT, UDT, SEQ, REV) VALUES (?,?,?,?,?,?,?,?,0,1)",
			string(out.Room), legacyTitle(people), string(creator), nameOf(people, creator), title, len(all), now, now); err != nil {
			return err
		}
		if err := addMembers(ctx, tx, out.Room, people, 0, 1, now); err != nil {
			return err
		}
		if hash == nil {
			return nil
		}
		// On MySQL a second creator at the same instant fails here on the unique hash, and tries again.
		_, err = tx.ExecContext(ctx, "INSERT INTO A_ROOMMEM_TBL (ROOMID, MEMBERS, CDT, HASH) VALUES (?,?,?,?)", string(out.Room), joined, now, hash)
		return err
	}, func() {
		if then != nil {
			then(out)
		}
	})
	return out, err
}

// comeBack lets somebody who had left a pair see it again, from now on. It returns nil for who is in it.
func (s *Store) comeBack(ctx context.Context, tx *sql.Tx, room protocol.RoomID, user protocol.UserID) (*MembersMoved, error) {
	rooms := map[protocol.RoomID]*roomState{room: {}}
	if err := s.loadRooms(ctx, tx, rooms, []any{string(room)}); err != nil {
		return nil, err
	}
	r := rooms[room]
	var state string
	back := protocol.Member{ID: user, Read: r.seq, From: r.seq}
	err := tx.QueryRowContext(ctx, "SELECT STATE, USERNM FROM A_ROOMDTL_TBL WHERE ROOMID=? AND USERID=?", string(room), string(user)).Scan(&state, &back.Name)
	if err != nil || state == stateMember {
		return nil, err
	}
	out := &MembersMoved{Room: room, Rev: r.rev + 1, By: user, Members: []protocol.Member{back}, Count: r.members + 1}
	if _, err := tx.ExecContext(ctx, "UPDATE A_ROOMDTL_TBL SET STATE='', FROMSEQ=?, READSEQ=?, REV=? WHERE ROOMID=? AND USERID=?",
		int64(r.seq), int64(r.seq), int64(out.Rev), string(room), string(user)); err != nil {
		return nil, err
	}
	if err := s.recount(ctx, tx, room, out.Rev); err != nil {
		return nil, err
	}
	out.Audience, err = list[protocol.UserID](ctx, tx, "SELECT USERID FROM A_ROOMDTL_TBL WHERE ROOMID=? AND STATE=''", string(room))
	return out, err
}

// recount sets what a room's row says of its members, and its rev.
func (s *Store) recount(ctx context.Context, tx *sql.Tx, room protocol.RoomID, rev protocol.Rev) error {
	var people []protocol.Person
	asleep, away := false, 0
	if err := each(ctx, tx, func(r row) error {
		var p protocol.Person
		var state string
		var gone bool
		if err := r.Scan(&p.ID, &p.Name, &state, &gone); err != nil {
			return err
		}
		asleep = asleep || state == stateAsleep
		if state == stateMember {
			people = append(people, p)
			if gone {
				away++
			}
		}
		return nil
	}, "SELECT USERID, USERNM, STATE, "+goneSQL+" FROM A_ROOMDTL_TBL WHERE ROOMID=? AND STATE IN ('','2') ORDER BY USERNM", string(room)); err != nil {
		return err
	}
	state := ""
	if asleep {
		state = stateAsleep
	}
	_, err := tx.ExecContext(ctx, "UPDATE A_ROOMMST_TBL SET MEMCNT=?, GONECNT=?, STATE=?, ROOMNM=?, REV=?, MEMREV=? WHERE ROOMID=?",
		len(people), away, state, legacyTitle(people), int64(rev), int64(rev), string(room))
	return err
}

// activePeople returns ids with their names, in name order.
func activePeople(ctx context.Context, tx *sql.Tx, ids []protocol.UserID) ([]protocol.Person, error) {
	var out []protocol.Person
	for part := range slices.Chunk(ids, 500) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = string(id)
		}
		if err := each(ctx, tx, func(r row) error {
			var p protocol.Person
			if err := r.Scan(&p.ID, &p.Name); err != nil {
				return err
			}
			out = append(out, p)
			return nil
		}, "SELECT USER_ID, USER_NM FROM Z_USER_TBL WHERE ACTIVE='Y' AND USER_ID IN "+marks(1, len(args)), args...); err != nil {
			return nil, err
		}
	}
	if len(out) != len(ids) {
		return nil, ErrNoUser
	}
	slices.SortFunc(out, func(a, b protocol.Person) int {
		if c := strings.Compare(a.Name, b.Name); c != 0 {
			return c
		}
		return strings.Compare(string(a.ID), string(b.ID))
	})
	return out, nil
}

func addMembers(ctx context.Context, tx *sql.Tx, room protocol.RoomID, people []protocol.Person, from protocol.Seq, rev protocol.Rev, now string) error {
	for part := range slices.Chunk(people, 500) {
		args := make([]any, 0, 8*len(part))
		for _, p := range part {
			args = append(args, string(room), string(p.ID), p.Name, int64(from), int64(from), int64(rev), now, now)
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO A_ROOMDTL_TBL (ROOMID, USERID, USERNM, FROMSEQ, READSEQ, REV, CDT, UDT) VALUES "+marks(len(part), 8), args...); err != nil {
			return err
		}
	}
	return nil
}

// sameMembers is the key by which a room with the same people is found: nil for more than the rule covers.
// ids are sorted. The original's joined form is kept beside it as far as its column reaches.
func sameMembers(ids []protocol.UserID) (hash any, joined string) {
	if len(ids) > protocol.Limits.SameMembers {
		return nil, ""
	}
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = string(id)
	}
	joined = strings.Join(parts, ";")
	sum := sha256.Sum256([]byte(joined))
	if len([]rune(joined)) > 1000 {
		joined = ""
	}
	return hex.EncodeToString(sum[:]), joined
}

// legacyTitle is the default name as the original stores it: up to four names and ids in JSON.
func legacyTitle(people []protocol.Person) string {
	names, ids := []string{}, []string{}
	for i, p := range people {
		if i == 4 {
			names, ids = append(names, "more.."), append(ids, "more..")
			break
		}
		names, ids = append(names, p.Name), append(ids, string(p.ID))
	}
	b, _ := json.Marshal(struct {
		Name string `json:"roomnm"`
		IDs  string `json:"userid"`
	}{strings.Join(names, "/"), strings.Join(ids, "/")})
	return string(b)
}

func nameOf(people []protocol.Person, id protocol.UserID) string {
	for _, p := range people {
		if p.ID == id {
			return p.Name
		}
	}
	return ""
}
