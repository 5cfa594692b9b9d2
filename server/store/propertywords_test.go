package store_test

import (
	"errors"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// What people do with messages, in the house and in the model.

func (w *world) send(r *rapid.T, u protocol.UserID) {
	messages++
	id := protocol.MessageID(fmt.Sprint("m", messages))
	var reply protocol.MessageID
	if len(w.ids) > 0 && rapid.Bool().Draw(r, "reply") {
		reply = rapid.SampledFrom(w.ids).Draw(r, "to")
	}
	out, err := w.s.Send(r.Context(), store.NewMessage{ID: id, Room: w.room, Sender: u, SenderName: string(u), Body: string(id), Reply: reply}, nil)
	if w.refused(r, u, err) {
		return
	}
	w.seq++
	w.rev++
	if reply != "" && w.talks[reply].seq <= w.members[u].visible() {
		reply = ""
	}
	if (out.Message.Quote == nil) != (reply == "") {
		r.Fatalf("a reply to %q says %+v", reply, out.Message.Quote)
	}
	if err != nil || out.Message.Seq != w.seq || out.Message.Rev != w.rev {
		r.Fatalf("sent %+v %v, want seq %d rev %d", out, err, w.seq, w.rev)
	}
	w.ids = append(w.ids, id)
	w.talks[id] = &talked{sender: u, seq: w.seq, rev: w.rev, body: string(id), reply: reply, hidden: map[protocol.UserID]bool{}, reacted: map[string]bool{}}
}

func (s stands) visible() protocol.Seq { return max(s.from, s.clear) }

// act draws a message and says whether u may act on it.
func (w *world) act(r *rapid.T, u protocol.UserID) (protocol.MessageID, *talked, bool) {
	id := rapid.SampledFrom(w.ids).Draw(r, "id")
	m := w.talks[id]
	stands := w.members[u]
	return id, m, stands != nil && stands.sees(m.seq) && !m.cancelled && !m.hidden[u]
}

func (w *world) edit(r *rapid.T, u protocol.UserID) {
	if len(w.ids) == 0 {
		return
	}
	id, m, may := w.act(r, u)
	messages++
	body := fmt.Sprint("e", messages)
	out, err := w.s.Edit(r.Context(), w.room, u, store.Wording{ID: id, Body: body}, time.Hour, nil)
	switch {
	case w.refused(r, u, err):
	case !may:
		if !errors.Is(err, store.ErrNoMessage) {
			r.Fatalf("%s edited what he may not see: %v", u, err)
		}
	case m.sender != u:
		if !errors.Is(err, store.ErrNotSender) {
			r.Fatalf("%s edited another one's: %v", u, err)
		}
	default:
		w.rev++
		if err != nil || !out.Changed || out.Rev != w.rev {
			r.Fatalf("edited %+v %v, want rev %d", out, err, w.rev)
		}
		m.body = body
	}
}

func (w *world) react(r *rapid.T, u protocol.UserID) {
	if len(w.ids) == 0 {
		return
	}
	id, m, may := w.act(r, u)
	emoji, on := rapid.SampledFrom([]protocol.Emoji{"👍", "❤️", "😂"}).Draw(r, "emoji"), rapid.Bool().Draw(r, "on")
	out, err := w.s.React(r.Context(), w.room, u, id, emoji, on, nil)
	if w.refused(r, u, err) {
		return
	}
	if !may {
		if !errors.Is(err, store.ErrNoMessage) {
			r.Fatalf("%s reacted to what he may not see: %v", u, err)
		}
		return
	}
	key := string(emoji) + " " + string(u)
	if m.reacted[key] != on {
		w.rev++
	}
	if err != nil || out.Changed != (m.reacted[key] != on) || out.Rev != w.rev {
		r.Fatalf("reacted %+v %v, want rev %d", out, err, w.rev)
	}
	m.reacted[key] = on
}

func (w *world) hide(r *rapid.T, u protocol.UserID, all bool) {
	if len(w.ids) == 0 {
		return
	}
	id, m, _ := w.act(r, u)
	out, err := w.s.Hide(r.Context(), w.room, u, []protocol.MessageID{id}, all, nil)
	if w.refused(r, u, err) {
		return
	}
	if err != nil {
		r.Fatal(err)
	}
	s, to := w.members[u], m.seq
	switch {
	case all:
		to = w.seq
		s.clear = w.seq
	case !s.sees(m.seq) || m.hidden[u]:
		return
	}
	m.hidden[u] = m.hidden[u] || !all
	if out.Changed && to > s.read {
		s.read = to
		w.rev++
	}
}

func (w *world) pin(r *rapid.T, u protocol.UserID) {
	if len(w.ids) == 0 {
		return
	}
	id, _, may := w.act(r, u)
	if rapid.IntRange(0, 3).Draw(r, "down") == 0 {
		id, may = "", true
	}
	out, err := w.s.Notice(r.Context(), w.room, u, id, nil)
	switch {
	case w.refused(r, u, err):
	case !may:
		if !errors.Is(err, store.ErrNoMessage) {
			r.Fatalf("%s pinned what he may not see: %v", u, err)
		}
	case len(w.members) > 2 && w.master != u:
		if !errors.Is(err, store.ErrNotMaster) {
			r.Fatalf("%s, not the master, pinned: %v", u, err)
		}
	default:
		if id != w.notice {
			w.rev++
		}
		if err != nil || out.Rev != w.rev || out.Changed != (id != w.notice) {
			r.Fatalf("pinned %+v %v", out, err)
		}
		w.notice = id
	}
}

func (w *world) again(r *rapid.T) {
	if len(w.ids) == 0 {
		return
	}
	id := rapid.SampledFrom(w.ids).Draw(r, "id")
	m := w.talks[id]
	out, err := w.s.Send(r.Context(), store.NewMessage{ID: id, Room: w.room, Sender: m.sender, Body: "another"}, nil)
	if w.refused(r, m.sender, err) {
		return
	}
	if err != nil || !out.Repeat || out.Message.Seq != m.seq || out.Message.Rev != m.rev {
		r.Fatalf("sent again: %+v %v, want %+v", out, err, m)
	}
}

func (w *world) read(r *rapid.T, u protocol.UserID, seq protocol.Seq) {
	out, err := w.s.Read(r.Context(), w.room, u, seq, nil)
	if w.refused(r, u, err) {
		return
	}
	m := w.members[u]
	if to := min(seq, w.seq); to > m.read {
		m.read = to
		w.rev++
	}
	if err != nil || out.Cursor.Seq != m.read || out.Rev != w.rev {
		r.Fatalf("read %+v %v, want %d rev %d", out, err, m.read, w.rev)
	}
}

func (w *world) cancel(r *rapid.T, u protocol.UserID) {
	if len(w.ids) == 0 {
		return
	}
	id := rapid.SampledFrom(w.ids).Draw(r, "id")
	_, err := w.s.Cancel(r.Context(), w.room, u, id, time.Hour, nil)
	if w.refused(r, u, err) {
		return
	}
	m := w.talks[id]
	switch {
	case m.sender != u:
		if !errors.Is(err, store.ErrNotSender) {
			r.Fatalf("cancelled by %s: %v", u, err)
		}
	case err != nil:
		r.Fatal(err)
	case !m.cancelled:
		m.cancelled = true
		w.rev++
		if w.notice == id {
			w.notice = ""
		}
		for u, s := range w.members {
			if u != m.sender && s.read < m.seq {
				m.hidden[u] = true
			}
		}
	}
}
