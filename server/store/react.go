package store

import (
	"context"
	"database/sql"

	"sendjay/shared/protocol"
)

// Reacted is what stands under a message after somebody reacted.
type Reacted struct {
	Room protocol.RoomID
	ID   protocol.MessageID
	Seq  protocol.Seq
	Rev  protocol.Rev
	protocol.Reacted
	// Changed is unset when it was so before.
	Changed bool
}

// React puts user's emoji under a message, or takes it away. ErrTooManyKinds for one kind more than a message carries.
func (s *Store) React(ctx context.Context, room protocol.RoomID, user protocol.UserID, id protocol.MessageID, emoji protocol.Emoji, on bool, then func(Reacted)) (Reacted, error) {
	var out Reacted
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = Reacted{Room: room, ID: id, Reacted: protocol.Reacted{User: user, Emoji: emoji, On: on, Reactions: []protocol.Reaction{}}}
		me, err := s.enter(ctx, tx, room, user)
		if err != nil {
			return err
		}
		row, err := s.seen(ctx, tx, user, room, me.from, id)
		if err != nil {
			return err
		}
		out.Seq, out.Rev = protocol.Seq(row.seq.Int64), me.rev
		var mine, same, kinds int
		if err := tx.QueryRowContext(ctx, "SELECT COALESCE(SUM(CASE WHEN EMOJI=? AND USERID=? THEN 1 ELSE 0 END),0), COALESCE(SUM(CASE WHEN EMOJI=? THEN 1 ELSE 0 END),0), COUNT(DISTINCT EMOJI) "+
			"FROM S_REACTION_TBL WHERE ROOMID=? AND MSGID=?", string(emoji), string(user), string(emoji), string(room), string(id)).Scan(&mine, &same, &kinds); err != nil {
			return err
		}
		switch {
		case on == (mine > 0):
			return nil
		case on && same == 0 && kinds >= protocol.Limits.ReactionKinds:
			return ErrTooManyKinds
		case on:
			_, err = tx.ExecContext(ctx, "INSERT INTO S_REACTION_TBL (ROOMID, MSGID, EMOJI, USERID, ATMS) VALUES (?,?,?,?,?)",
				string(room), string(id), string(emoji), string(user), int64(protocol.At(s.now())))
		default:
			_, err = tx.ExecContext(ctx, "DELETE FROM S_REACTION_TBL WHERE ROOMID=? AND MSGID=? AND EMOJI=? AND USERID=?", string(room), string(id), string(emoji), string(user))
		}
		if err != nil {
			return err
		}
		out.Rev, out.Changed = me.rev+1, true
		if _, err := tx.ExecContext(ctx, "UPDATE A_MSGMST_TBL SET REACTS=(SELECT COUNT(*) FROM S_REACTION_TBL WHERE ROOMID=? AND MSGID=?), REV=? WHERE MSGID=? AND ROOMID=?",
			string(room), string(id), int64(out.Rev), string(id), string(room)); err != nil {
			return err
		}
		now, err := reactionsOf(ctx, tx, room, "", []any{string(id)})
		if err != nil {
			return err
		}
		if r := now[id]; r != nil {
			out.Reactions = r
		}
		return s.turn(ctx, tx, room, out.Rev)
	}, func() {
		if then != nil && out.Changed {
			then(out)
		}
	})
	return out, err
}
