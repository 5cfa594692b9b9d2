package store

import (
	"context"
	"database/sql"

	"sendjay/shared/protocol"
)

// loadQuotes reads what the messages of a commit reply to. One that is sent in the same commit is added by quote.
func (t *talking) loadQuotes(ctx context.Context, s *Store, tx *sql.Tx, all []op) error {
	wanted := map[protocol.RoomID][]protocol.MessageID{}
	for _, o := range all {
		send, ok := o.(*sendOp)
		if !ok || send.in.Reply == "" {
			continue
		}
		wanted[send.in.Room] = append(wanted[send.in.Room], send.in.Reply)
		p := place{send.in.Room, send.in.Sender}
		if _, asked := t.from[p]; asked {
			continue
		}
		if t.quotes == nil {
			t.quotes, t.from = map[protocol.MessageID]*protocol.Quote{}, map[place]protocol.Seq{}
		}
		from, err := list[protocol.Seq](ctx, tx, "SELECT FROMSEQ FROM A_ROOMDTL_TBL WHERE ROOMID=? AND USERID=?", string(p.room), string(p.user))
		if err != nil {
			return err
		}
		if len(from) == 1 {
			t.from[p] = from[0]
		}
	}
	for room, ids := range wanted {
		found, err := s.quotesOf(ctx, tx, room, ids)
		if err != nil {
			return err
		}
		for id, q := range found {
			t.quotes[id] = q
		}
	}
	return nil
}

// quote completes a new message with what it replies to. A reply to what its sender cannot see is none: nobody
// learns by answering what was said before his time, or in another room.
func (t *talking) quote(m *protocol.Message) {
	if t.quotes == nil {
		return // nobody in this commit replies
	}
	t.quotes[m.ID] = &protocol.Quote{ID: m.ID, Seq: m.Seq, Sender: m.Sender, SenderName: m.SenderName, Type: m.Type, Body: cutRunes(m.Body, protocol.Limits.QuoteRunes), File: m.File}
	if m.Reply == "" {
		return
	}
	q := t.quotes[m.Reply]
	k, fresh := t.known[m.Reply]
	if q == nil || fresh && k.room != m.Room || q.Seq <= t.from[place{m.Room, m.Sender}] {
		m.Reply = ""
		return
	}
	m.Quote = q
	t.replies = append(t.replies, string(m.Room), string(m.Reply), string(m.ID))
}
