package store

import (
	"context"
	"database/sql"
	"errors"

	"sendjay/shared/protocol"
)

// place is one person in one room.
type place struct {
	room protocol.RoomID
	user protocol.UserID
}

// talking is the part of a commit that sends and reads: what it found, and what it is going to write.
type talking struct {
	now   protocol.Instant
	rooms map[protocol.RoomID]*roomState
	// quotes and from are asked for only where somebody replies: what to, and after which seq he sees messages.
	quotes map[protocol.MessageID]*protocol.Quote
	from   map[place]protocol.Seq
	known  map[protocol.MessageID]knownMessage
	// messages are the rows to insert; moved are the cursors to write, by their rev.
	messages []*protocol.Message
	replies  []any
	moved    map[place]protocol.Rev
	// stamped is how stampedAt is written: most of a commit is of one moment.
	stamped   string
	stampedAt protocol.Instant
	fileTalk
}

// stamp is how a moment is written; that of the last message of a room without one is "".
func (t *talking) stamp(at protocol.Instant) string {
	if at == 0 {
		return ""
	}
	if at != t.stampedAt {
		t.stamped, t.stampedAt = stampOf(at), at
	}
	return t.stamped
}

// A new message: the start of the statement, and how many columns it names.
const (
	messageInsert = "INSERT INTO A_MSGMST_TBL (MSGID, ROOMID, SENDERID, SENDERNM, BODY, REPLY, TYP, CDT, SEQ, REV, BORN, MENTIONS, FORWARDED, URGENT) VALUES "
	messageWidth  = 14
)

// talk sends and reads for many with a handful of statements. Ops take effect in order.
func (s *Store) talk(ctx context.Context, tx *sql.Tx, all []op) error {
	t := &talking{
		now:   protocol.At(s.now()),
		rooms: make(map[protocol.RoomID]*roomState, len(all)),
		known: make(map[protocol.MessageID]knownMessage, len(all)),
		moved: map[place]protocol.Rev{},

		messages: make([]*protocol.Message, 0, len(all)),
	}
	// From here on nobody else changes these rooms or their members.
	if err := s.d.loadTalk(ctx, s, tx, t, all); err != nil {
		return err
	}
	if err := t.loadQuotes(ctx, s, tx, all); err != nil {
		return err
	}
	var err error
	if t.fileTalk, err = s.loadFiles(ctx, tx, all); err != nil {
		return err
	}
	for _, o := range all {
		switch o := o.(type) {
		case *sendOp:
			o.out, o.err = Stored{}, nil
			if err := s.talkSend(ctx, tx, t, o); err != nil {
				return err
			}
		case *readOp:
			o.out, o.err = Moved{}, nil
			t.read(o)
		}
	}
	if err := s.d.saveTalk(ctx, s, tx, t); err != nil {
		return err
	}
	if len(t.replies) > 0 {
		if _, err := tx.ExecContext(ctx, "INSERT INTO S_REPLY_TBL (ROOMID, REPLY, MSGID) VALUES "+marks(len(t.replies)/3, 3), t.replies...); err != nil {
			return err
		}
	}
	return s.saveFiles(ctx, tx, &t.fileTalk)
}

// loadTalk reads by one statement for each kind of thing, and locks the rooms first. Whether an id is known is asked
// only where it may well be: else the writing finds out, and then the commit begins again and asks.
func (d maria) loadTalk(ctx context.Context, s *Store, tx *sql.Tx, t *talking, all []op) error {
	roomIDs, places, ids := make([]any, 0, len(all)), make([]any, 0, 2*len(all)), make([]any, 0, len(all))
	asked := make(map[place]struct{}, len(all))
	wary := s.wary > 0
	if wary {
		s.wary--
	}
	for _, o := range all {
		var p place
		switch o := o.(type) {
		case *sendOp:
			p = place{o.in.Room, o.in.Sender}
			// A file that was sent by this very message is not there to be sent again, nor may one too many be urgent.
			if wary || o.in.File != "" || o.in.Urgent {
				ids = append(ids, string(o.in.ID))
			}
		case *readOp:
			p = place{o.room, o.user}
		}
		if t.rooms[p.room] == nil {
			t.rooms[p.room] = &roomState{}
			roomIDs = append(roomIDs, string(p.room))
		}
		if _, twice := asked[p]; !twice {
			asked[p] = struct{}{}
			places = append(places, string(p.room), string(p.user))
		}
	}
	if err := s.loadRooms(ctx, tx, t.rooms, roomIDs); err != nil {
		return err
	}
	if err := each(ctx, tx, func(r row) error {
		var p place
		var at protocol.Seq
		err := r.Scan(&p.room, &p.user, &at)
		if room := t.rooms[p.room]; room.cursors != nil {
			room.cursors[p.user] = at
		}
		return err
	}, "SELECT ROOMID, USERID, READSEQ FROM A_ROOMDTL_TBL"+d.atPlaces(len(places)/2)+" AND STATE=''", places...); err != nil {
		return err
	}
	if len(ids) == 0 {
		return nil
	}
	return each(ctx, tx, func(r row) error {
		var id protocol.MessageID
		var k knownMessage
		var cdt string
		err := r.Scan(&id, &k.room, &k.sender, &k.seq, &k.rev, &cdt)
		k.at = instantOf(cdt)
		t.known[id] = k
		return err
	}, "SELECT MSGID, "+knownColumns+" FROM A_MSGMST_TBL WHERE MSGID IN "+marks(1, len(ids)), ids...)
}

// knownColumns are what is asked of a message whose id came before.
const knownColumns = "ROOMID, SENDERID, SEQ, BORN, CDT"

// saveTalk writes by one statement for each table: a statement for each row would be a way to the database
// and back for each.
func (d maria) saveTalk(ctx context.Context, _ *Store, tx *sql.Tx, t *talking) error {
	if len(t.messages) > 0 {
		rows := make([]any, 0, messageWidth*len(t.messages))
		for _, m := range t.messages {
			rows = append(rows, string(m.ID), string(m.Room), string(m.Sender), m.SenderName, m.Body, string(m.Reply), string(m.Type), t.stamp(m.At),
				int64(m.Seq), int64(m.Rev), int64(m.Rev), joinUsers(m.Mentions), yes(m.Forwarded), yes(m.Urgent))
		}
		if _, err := tx.ExecContext(ctx, messageInsert+marks(len(t.messages), messageWidth), rows...); err != nil {
			if d.double(err) {
				return errTwice
			}
			return err
		}
		if err := d.alone(ctx, tx, t.messages); err != nil {
			return err
		}
	}
	if len(t.moved) > 0 {
		rows := make([]any, 0, 5*len(t.moved))
		for p, rev := range t.moved {
			rows = append(rows, string(p.room), string(p.user), "", int64(t.rooms[p.room].cursors[p.user]), int64(rev))
		}
		if _, err := tx.ExecContext(ctx, "INSERT INTO A_ROOMDTL_TBL (ROOMID, USERID, USERNM, READSEQ, REV) VALUES "+marks(len(t.moved), 5)+
			d.upsert("ROOMID, USERID", "READSEQ", "REV"), rows...); err != nil {
			return err
		}
	}
	var rows []any
	for _, r := range t.rooms {
		if r.touched {
			last := t.stamp(r.last)
			rows = append(rows, string(r.id), int64(r.seq), int64(r.rev), last, last)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, "INSERT INTO A_ROOMMST_TBL (ROOMID, SEQ, REV, LASTDT, UDT) VALUES "+marks(len(rows)/5, 5)+
		d.upsert("ROOMID", "SEQ", "REV", "LASTDT", "UDT"), rows...)
	return err
}

// errTwice is met where an id to be written stands there already: the commit begins again, and is wary.
var errTwice = errors.New("store: an id is there already")

// waryCommits is for how many commits the ids are asked for before they are written, once one was there already: whoever
// lost a line sends again what was not answered, and is not the only one.
const waryCommits = 64

// alone makes sure that no id of these new rows stands in another room too. The original's key is id and room, so
// the database refuses nothing by itself. The look comes behind our writing and waits for whoever wrote before us: of
// two servers that store one id in two rooms at once, one sees the other, or they are in each other's way and the
// database has one of them begin again.
func (maria) alone(ctx context.Context, tx *sql.Tx, messages []*protocol.Message) error {
	ids := make([]any, 0, len(messages))
	for _, m := range messages {
		ids = append(ids, string(m.ID))
	}
	var n int
	if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM A_MSGMST_TBL FORCE INDEX (A_MSGMST_IDX0) WHERE MSGID IN "+marks(1, len(ids))+" LOCK IN SHARE MODE", ids...).Scan(&n); err != nil {
		return err
	}
	if n != len(ids) {
		return errTwice
	}
	return nil
}

func (s *Store) talkSend(ctx context.Context, tx *sql.Tx, t *talking, o *sendOp) error {
	m, room := o.in, t.rooms[o.in.Room]
	_, member := room.cursors[m.Sender]
	k, seen := t.known[m.ID]
	switch {
	case room.id == "":
		o.err = ErrNoRoom
		return nil
	case !member:
		o.err = ErrNotMember
		return nil
	case seen && (k.room != m.Room || k.sender != m.Sender):
		o.err = ErrTaken
		return nil
	case seen:
		o.out = Stored{Repeat: true, Message: protocol.Message{ID: m.ID, Room: m.Room, Sender: m.Sender, Seq: k.seq, Rev: k.rev, At: k.at}}
		return nil
	}
	if m.Urgent {
		if err := s.mayUrge(ctx, tx, m.Sender, m.UrgentMost, max(t.now, room.last)); err != nil {
			if !refusal(err) {
				return err
			}
			o.err = err
			return nil
		}
	}
	typ := protocol.Talk
	var file *File
	if m.File != "" {
		var err error
		if typ, file, err = s.take(ctx, tx, &t.fileTalk, m); err != nil {
			if !refusal(err) {
				return err
			}
			o.err = err
			return nil
		}
	}
	if room.sleepers {
		revived, err := s.wake(ctx, tx, room)
		if err != nil {
			return err
		}
		o.out.Revived, o.out.Members = revived, room.members
	}
	at := max(t.now, room.last)
	room.seq++
	room.rev++
	room.last, room.touched = at, true
	o.out.Message = protocol.Message{
		ID: m.ID, Room: m.Room, Seq: room.seq, Rev: room.rev, Sender: m.Sender, SenderName: m.SenderName,
		Type: typ, Body: m.Body, Reply: m.Reply, At: at, Unread: room.members - room.gone - 1, Mentions: m.Mentions, Forwarded: m.Forwarded, Urgent: m.Urgent,
	}
	if file != nil {
		o.out.Message.File = file.Info(t.now)
		t.links = append(t.links, string(file.ID), string(m.Room), int64(room.seq), string(m.ID))
	}
	if m.Urgent {
		if err := s.urge(ctx, tx, o.out.Message); err != nil {
			return err
		}
	}
	o.out.MembersAt = room.moved
	t.known[m.ID] = knownMessage{m.Room, m.Sender, room.seq, room.rev, at}
	t.quote(&o.out.Message)
	t.messages = append(t.messages, &o.out.Message)
	return nil
}

// read moves a cursor: to the end of the room at most, and never back.
func (t *talking) read(o *readOp) {
	p := place{o.room, o.user}
	room := t.rooms[o.room]
	at, member := room.cursors[o.user]
	if room.id == "" || !member {
		o.err = ErrNotMember
		return
	}
	to := min(o.seq, room.seq)
	o.out = Moved{Room: o.room, Cursor: protocol.Cursor{User: o.user, Seq: max(at, to)}, Rev: room.rev}
	if to <= at {
		return
	}
	room.rev++
	room.touched = true
	room.cursors[o.user], t.moved[p] = to, room.rev
	o.out.Rev, o.out.Changed, o.out.MembersAt = room.rev, true, room.moved
}
