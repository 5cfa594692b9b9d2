package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"sendjay/shared/protocol"
)

// The cards of links. S_PREVIEW_TBL is what was found behind an address, also when that was nothing, and
// S_MSGPREVIEW_TBL the message that shows it. A sender who takes the card away leaves a row behind, so that it does
// not come back.

func (m *migrator) previews(ctx context.Context) error {
	for _, t := range []string{
		`S_PREVIEW_TBL (PREVIEWID VARCHAR(40) NOT NULL PRIMARY KEY, HASH CHAR(64) NOT NULL, URL VARCHAR(2000) NOT NULL, TITLE VARCHAR(600) NOT NULL, ABOUT VARCHAR(1200) NOT NULL,
 SITE VARCHAR(240) NOT NULL, BLOBKEY VARCHAR(100) NOT NULL, WIDTH BIGINT NOT NULL, HEIGHT BIGINT NOT NULL, ATMS BIGINT NOT NULL)`,
		`S_MSGPREVIEW_TBL (ROOMID VARCHAR(40) NOT NULL, SEQ BIGINT NOT NULL, PREVIEWID VARCHAR(40) NOT NULL, PRIMARY KEY (ROOMID, SEQ))`,
	} {
		if err := m.exec(ctx, m.s.d.ddl("CREATE TABLE IF NOT EXISTS "+t)); err != nil {
			return err
		}
	}
	have, err := m.s.d.indexes(ctx, m.q, "S_PREVIEW_TBL")
	if err == nil && !have["S_PREVIEW_HASH"] {
		err = m.exec(ctx, "CREATE INDEX S_PREVIEW_HASH ON S_PREVIEW_TBL (HASH)")
	}
	return err
}

// shownBy finds the messages that show a card.
func (m *migrator) shownBy(ctx context.Context) error {
	have, err := m.s.d.indexes(ctx, m.q, "S_MSGPREVIEW_TBL")
	if err == nil && !have["S_MSGPREVIEW_CARD"] {
		err = m.exec(ctx, "CREATE INDEX S_MSGPREVIEW_CARD ON S_MSGPREVIEW_TBL (PREVIEWID)")
	}
	return err
}

// Found is what was found behind an address. Without a title there is nothing to show.
type Found struct {
	protocol.Preview
	// Hash is that of the address, by which it is found again.
	Hash string
	// Key is where the picture is, "" for none.
	Key string
	At  protocol.Instant
}

const foundColumns = "P.PREVIEWID, P.HASH, P.URL, P.TITLE, P.ABOUT, P.SITE, P.BLOBKEY, P.WIDTH, P.HEIGHT, P.ATMS"

func (f *Found) into() []any {
	return []any{&f.ID, &f.Hash, &f.URL, &f.Title, &f.About, &f.Site, &f.Key, &f.Width, &f.Height, &f.At}
}

// ErrNoPreview says that nothing is known of an address, or that there is no such card.
var ErrNoPreview = errors.New("no such preview")

func foundOf(ctx context.Context, q queryer, where string, args ...any) (Found, error) {
	var f Found
	err := q.QueryRowContext(ctx, "SELECT "+foundColumns+" FROM S_PREVIEW_TBL P WHERE "+where, args...).Scan(f.into()...)
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNoPreview
	}
	return f, err
}

// SeenPreview returns a card that user sees under some message.
func (s *Store) SeenPreview(ctx context.Context, user protocol.UserID, id protocol.PreviewID) (Found, error) {
	f, err := foundOf(ctx, s.read, "P.PREVIEWID=? AND EXISTS (SELECT 1 FROM S_MSGPREVIEW_TBL L"+seenBy+"L.PREVIEWID=P.PREVIEWID)", string(id), string(user))
	return f, s.d.translate(err)
}

// FoundBehind returns what was last found behind an address.
func (s *Store) FoundBehind(ctx context.Context, hash string) (Found, error) {
	f, err := foundOf(ctx, s.read, "P.HASH=? ORDER BY P.ATMS DESC LIMIT 1", hash)
	return f, s.d.translate(err)
}

// KeepFound keeps what was found behind an address.
func (s *Store) KeepFound(ctx context.Context, f Found) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO S_PREVIEW_TBL (PREVIEWID, HASH, URL, TITLE, ABOUT, SITE, BLOBKEY, WIDTH, HEIGHT, ATMS) VALUES (?,?,?,?,?,?,?,?,?,?)",
			string(f.ID), f.Hash, f.URL, f.Title, f.About, f.Site, f.Key, f.Width, f.Height, int64(protocol.At(s.now())))
		return err
	}, nil)
}

// LosePicture lets a card be without the picture that could not be kept.
func (s *Store) LosePicture(ctx context.Context, id protocol.PreviewID) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE S_PREVIEW_TBL SET BLOBKEY='', WIDTH=0, HEIGHT=0 WHERE PREVIEWID=?", string(id))
		return err
	}, nil)
}

// Shown is a message that shows another card now, or none.
type Shown struct {
	Room    protocol.RoomID
	ID      protocol.MessageID
	Seq     protocol.Seq
	Rev     protocol.Rev
	Preview protocol.Preview
	Changed bool
}

// ShowPreview puts a card under a message that has none and never had one, and still holds the address.
func (s *Store) ShowPreview(ctx context.Context, room protocol.RoomID, id protocol.MessageID, card protocol.PreviewID, then func(Shown)) error {
	var out Shown
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = Shown{Room: room, ID: id}
		f, err := foundOf(ctx, tx, "P.PREVIEWID=?", string(card))
		if err != nil {
			return err
		}
		out.Preview = f.Preview
		var had int
		var body string
		if out.Rev, out.Seq, err = s.revOf(ctx, tx, room, id, ""); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM S_MSGPREVIEW_TBL WHERE ROOMID=? AND SEQ=?", string(room), int64(out.Seq)).Scan(&had); err != nil || had > 0 {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT BODY FROM A_MSGMST_TBL WHERE MSGID=? AND ROOMID=?", string(id), string(room)).Scan(&body); err != nil || !strings.Contains(body, f.URL) {
			return err
		}
		out.Changed = true
		if _, err := tx.ExecContext(ctx, "INSERT INTO S_MSGPREVIEW_TBL (ROOMID, SEQ, PREVIEWID) VALUES (?,?,?)", string(room), int64(out.Seq), string(card)); err != nil {
			return err
		}
		return s.turnMessage(ctx, tx, room, id, &out.Rev)
	}, func() {
		if then != nil && out.Changed {
			then(out)
		}
	})
}

// DropPreview takes the card of a message away for good. It is the sender's right.
func (s *Store) DropPreview(ctx context.Context, room protocol.RoomID, user protocol.UserID, id protocol.MessageID, then func(Shown)) error {
	var out Shown
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = Shown{Room: room, ID: id}
		if _, _, err := s.openRoom(ctx, tx, room, user); err != nil {
			return err
		}
		var err error
		if out.Rev, out.Seq, err = s.revOf(ctx, tx, room, id, user); err != nil {
			return err
		}
		done, err := tx.ExecContext(ctx, "UPDATE S_MSGPREVIEW_TBL SET PREVIEWID='' WHERE ROOMID=? AND SEQ=? AND PREVIEWID<>''", string(room), int64(out.Seq))
		if err != nil {
			return err
		}
		n, err := done.RowsAffected()
		if err != nil || n == 0 {
			return err
		}
		out.Changed = true
		return s.turnMessage(ctx, tx, room, id, &out.Rev)
	}, func() {
		if then != nil && out.Changed {
			then(out)
		}
	})
}

// loseCard lets a message be as if it never had a card, and reports whether it showed one.
func (s *Store) loseCard(ctx context.Context, tx *sql.Tx, room protocol.RoomID, seq protocol.Seq) (bool, error) {
	var shown int
	if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM S_MSGPREVIEW_TBL WHERE ROOMID=? AND SEQ=? AND PREVIEWID<>''", string(room), int64(seq)).Scan(&shown); err != nil {
		return false, err
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM S_MSGPREVIEW_TBL WHERE ROOMID=? AND SEQ=?", string(room), int64(seq))
	return shown > 0, err
}

// revOf locks a room and returns its rev and the seq of a message that stands in it; of sender's alone, unless he is "".
func (s *Store) revOf(ctx context.Context, tx *sql.Tx, room protocol.RoomID, id protocol.MessageID, sender protocol.UserID) (protocol.Rev, protocol.Seq, error) {
	var rev protocol.Rev
	var seq protocol.Seq
	var by protocol.UserID
	var state string
	err := tx.QueryRowContext(ctx, "SELECT REV FROM A_ROOMMST_TBL WHERE ROOMID=?"+s.d.lockRows(), string(room)).Scan(&rev)
	if err == nil {
		err = tx.QueryRowContext(ctx, "SELECT SEQ, SENDERID, STATE2 FROM A_MSGMST_TBL WHERE MSGID=? AND ROOMID=?", string(id), string(room)).Scan(&seq, &by, &state)
	}
	switch {
	case errors.Is(err, sql.ErrNoRows), err == nil && state == "C":
		return 0, 0, ErrNoMessage
	case err == nil && sender != "" && by != sender:
		return 0, 0, ErrNotSender
	}
	return rev, seq, err
}

// turnMessage counts a change of one message.
func (s *Store) turnMessage(ctx context.Context, tx *sql.Tx, room protocol.RoomID, id protocol.MessageID, rev *protocol.Rev) error {
	*rev++
	if _, err := tx.ExecContext(ctx, "UPDATE A_MSGMST_TBL SET REV=? WHERE MSGID=? AND ROOMID=?", int64(*rev), string(id), string(room)); err != nil {
		return err
	}
	return s.turn(ctx, tx, room, *rev)
}

// attachPreviews gives messages of one room their cards.
func (s *Store) attachPreviews(ctx context.Context, q queryer, messages []protocol.Message) error {
	var args []any
	at := map[protocol.Seq]*protocol.Message{}
	for i := range messages {
		m := &messages[i]
		if m.Cancelled || m.Hidden || m.Type != protocol.Talk || !strings.Contains(strings.ToLower(m.Body), "http") {
			continue
		}
		if len(args) == 0 {
			args = append(args, string(m.Room))
		}
		args = append(args, int64(m.Seq))
		at[m.Seq] = m
	}
	if len(args) == 0 {
		return nil
	}
	return each(ctx, q, func(r row) error {
		var f Found
		var seq protocol.Seq
		if err := r.Scan(append(f.into(), &seq)...); err != nil {
			return err
		}
		at[seq].Preview = &f.Preview
		return nil
	}, "SELECT "+foundColumns+", L.SEQ FROM S_MSGPREVIEW_TBL L JOIN S_PREVIEW_TBL P ON P.PREVIEWID=L.PREVIEWID WHERE L.ROOMID=? AND L.SEQ IN "+marks(1, len(args)-1), args...)
}

// EndPreviews forgets what was found long ago and no message shows.
func (s *Store) EndPreviews(ctx context.Context, before time.Time, limit int) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var ids []any
		var keys []string
		if err := each(ctx, tx, func(r row) error {
			var id, key string
			err := r.Scan(&id, &key)
			ids, keys = append(ids, id), append(keys, key)
			return err
		}, fmt.Sprintf("SELECT P.PREVIEWID, P.BLOBKEY FROM S_PREVIEW_TBL P WHERE P.ATMS<? AND NOT EXISTS (SELECT 1 FROM S_MSGPREVIEW_TBL L WHERE L.PREVIEWID=P.PREVIEWID) LIMIT %d", limit),
			int64(protocol.At(before))); err != nil || len(ids) == 0 {
			return err
		}
		for _, key := range keys {
			if key == "" {
				continue
			}
			if err := s.throwAway(ctx, tx, key); err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, "DELETE FROM S_PREVIEW_TBL WHERE PREVIEWID IN "+marks(1, len(ids)), ids...)
		return err
	}, nil)
}
