package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"sendjay/shared/protocol"
)

// Wording is what an edit makes of a message.
type Wording struct {
	ID       protocol.MessageID
	Body     string
	Mentions []protocol.UserID
	// Link finds the address in a text whose card stands under the message; nil where there are no cards.
	Link func(text string) string
}

// Edited is a message that reads differently now.
type Edited struct {
	Room protocol.RoomID
	Seq  protocol.Seq
	Rev  protocol.Rev
	At   protocol.Instant
	Wording
	// Changed is unset when it read so before.
	Changed bool
	// Cardless is set when the card went that belonged to the old wording.
	Cardless bool
}

// Edit gives a text another wording. The old one is gone from the database, and from the search index. ErrNotSender
// for anybody but the sender, ErrTooLate after window.
func (s *Store) Edit(ctx context.Context, room protocol.RoomID, user protocol.UserID, w Wording, window time.Duration, then func(Edited)) (Edited, error) {
	var out Edited
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = Edited{Room: room, Wording: w}
		me, err := s.enter(ctx, tx, room, user)
		if err != nil {
			return err
		}
		row, err := s.seen(ctx, tx, user, room, me.from, w.ID)
		if err != nil {
			return err
		}
		m := row.message()
		out.Seq, out.Rev = m.Seq, me.rev
		now := protocol.At(s.now())
		switch {
		case m.Sender != user || m.Type != protocol.Talk:
			return ErrNotSender
		case m.Body == w.Body && slices.Equal(m.Mentions, w.Mentions):
			return nil
		case now.Time().Sub(m.At.Time()) > window:
			return ErrTooLate
		}
		out.At, out.Rev, out.Changed = now, me.rev+1, true
		if _, err := tx.ExecContext(ctx, "UPDATE A_MSGMST_TBL SET BODY=?, MENTIONS=?, EDITDT=?, REV=?, UDT=? WHERE MSGID=? AND ROOMID=?",
			w.Body, joinUsers(w.Mentions), stampOf(now), int64(out.Rev), stampOf(now), string(w.ID), string(room)); err != nil {
			return err
		}
		if err := s.reindex(ctx, tx, room, m.Seq); err != nil {
			return err
		}
		if w.Link != nil && w.Link(m.Body) != w.Link(w.Body) {
			if out.Cardless, err = s.loseCard(ctx, tx, room, m.Seq); err != nil {
				return err
			}
		}
		if err := s.ripple(ctx, tx, room, w.ID, out.Rev); err != nil {
			return err
		}
		if me.notice == w.ID {
			if _, err := tx.ExecContext(ctx, "UPDATE A_ROOMMST_TBL SET NOTICEREV=? WHERE ROOMID=?", int64(out.Rev), string(room)); err != nil {
				return err
			}
		}
		return s.turn(ctx, tx, room, out.Rev)
	}, func() {
		if then != nil && out.Changed {
			then(out)
		}
	})
	return out, err
}

// joinUsers is how people stand in one column: ids hold no space.
func joinUsers(ids []protocol.UserID) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = string(id)
	}
	return strings.Join(words, " ")
}

func splitUsers(s string) []protocol.UserID {
	var out []protocol.UserID
	for w := range strings.FieldsSeq(s) {
		out = append(out, protocol.UserID(w))
	}
	return out
}
