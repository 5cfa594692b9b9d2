package person

import (
	"slices"

	"sendjay/shared/protocol"
)

// What becomes of messages after they were sent, in the log of a room.

// changed takes in another wording, or an emoji. rev is that of the event: what is newer stays.
func (l *Log) changed(c protocol.MessageChanged, rev protocol.Rev, me protocol.UserID) {
	for seq, m := range l.messages {
		switch {
		case m.ID == c.ID:
			m = touched(m, c, me)
		case c.Edit != nil && m.Quote != nil && m.Quote.ID == c.ID:
			q := *m.Quote
			q.Body = cut(c.Edit.Body, protocol.Limits.QuoteRunes)
			m.Quote = &q
		default:
			continue
		}
		l.messages[seq] = m
	}
	if c.Edit != nil && l.notice != nil && l.notice.ID == c.ID {
		n := *l.notice
		n.Body = cut(c.Edit.Body, protocol.Limits.NoticeRunes)
		l.notice, l.noticeRev = &n, rev
	}
}

func touched(m protocol.Message, c protocol.MessageChanged, me protocol.UserID) protocol.Message {
	if c.Edit != nil {
		m.Body, m.Mentions, m.Edited = c.Edit.Body, c.Edit.Mentions, c.Edit.At
	}
	if c.Reacted == nil {
		return m
	}
	mine := map[protocol.Emoji]bool{}
	for _, r := range m.Reactions {
		mine[r.Emoji] = r.Mine
	}
	if c.Reacted.User == me {
		mine[c.Reacted.Emoji] = c.Reacted.On
	}
	m.Reactions = nil
	for _, r := range c.Reacted.Reactions {
		r.Mine = mine[r.Emoji]
		m.Reactions = append(m.Reactions, r)
	}
	return m
}

func cut(s string, runes int) string {
	if all := []rune(s); len(all) > runes {
		return string(all[:runes])
	}
	return s
}

// cancel empties a message, and what quotes it.
func (l *Log) cancel(seq protocol.Seq, id protocol.MessageID, rev protocol.Rev) {
	for at, m := range l.messages {
		switch {
		case at == seq:
			m.Cancelled, m.Body, m.Quote, m.Reactions, m.Mentions = true, "", nil, nil, nil
		case m.Quote != nil && m.Quote.ID == id:
			q := *m.Quote
			q.Body, q.Cancelled = "", true
			m.Quote = &q
		default:
			continue
		}
		l.messages[at] = m
	}
	if l.notice != nil && l.notice.ID == id {
		l.notice, l.noticeRev = nil, rev
	}
}

// hide takes away what I deleted for myself: these, and everything up to from.
func (l *Log) hide(ids []protocol.MessageID, from protocol.Seq) {
	for seq, m := range l.messages {
		if seq <= from || slices.Contains(ids, m.ID) {
			delete(l.messages, seq)
		}
	}
}

// hidden takes in a deletion that was made on whatever device, and reports whether others before it were missed.
func (l *Log) hidden(h protocol.MessageHidden) (gap bool) {
	if h.Hides <= l.hides {
		return false
	}
	l.hide(h.IDs, h.From)
	if h.Hides > l.hides+1 {
		return true
	}
	l.hides = h.Hides
	return false
}

// reads reports whether two messages say the same.
func reads(a, b protocol.Message) bool {
	return a.ID == b.ID && a.Body == b.Body && a.Cancelled == b.Cancelled && a.Sender == b.Sender && a.At == b.At &&
		(a.Cancelled || a.Edited == b.Edited && a.Forwarded == b.Forwarded && a.Urgent == b.Urgent && slices.Equal(a.Mentions, b.Mentions) &&
			quotes(a.Quote, b.Quote) && slices.EqualFunc(a.Reactions, b.Reactions, func(x, y protocol.Reaction) bool {
			return x.Emoji == y.Emoji && x.Count == y.Count && x.Mine == y.Mine && slices.Equal(x.Users, y.Users)
		}))
}

func quotes(a, b *protocol.Quote) bool { return a == b || a != nil && b != nil && *a == *b }

// Notice returns what is pinned on top of a room, as far as the log knows; nil for nothing.
func (p *Person) Notice(room protocol.RoomID) *protocol.Notice {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log(room).notice
}
