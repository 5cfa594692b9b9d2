package store_test

import (
	"errors"

	"pgregory.net/rapid"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// What people do with the room, in the house and in the model.

func (w *world) invite(r *rapid.T, by, whom protocol.UserID) {
	_, added, err := w.s.Invite(r.Context(), w.room, by, []protocol.UserID{whom}, nil)
	if w.refused(r, by, err) {
		return
	}
	if err != nil || (len(added) == 1) != (w.members[whom] == nil) {
		r.Fatalf("invited %v %v", added, err)
	}
	if len(added) == 1 {
		w.members[whom] = &stands{read: w.seq, from: w.seq}
		for _, m := range w.talks {
			delete(m.hidden, whom)
		}
		w.seq++
		w.rev++
	}
}

func (w *world) depart(r *rapid.T, by, whom protocol.UserID) {
	if len(w.members) < 3 {
		return // leaving a pair is told in a test of its own
	}
	var out store.MembersMoved
	var err error
	if whom == "" {
		whom = by
		out, err = w.s.Leave(r.Context(), w.room, by, nil)
	} else if by != whom {
		out, err = w.s.Kick(r.Context(), w.room, by, whom, nil)
	}
	if by == whom && out.Room == "" && err == nil {
		return
	}
	if w.refused(r, by, err) {
		return
	}
	switch {
	case by != whom && by != w.master:
		if !errors.Is(err, store.ErrNotMaster) {
			r.Fatalf("kicked by %s: %v", by, err)
		}
	case w.members[whom] == nil:
		if !errors.Is(err, store.ErrNoUser) {
			r.Fatalf("kicked a stranger: %v", err)
		}
	default:
		w.seq++
		w.rev++
		if err != nil || out.Line == nil || out.Line.Seq != w.seq || out.Rev != w.rev {
			r.Fatalf("left: %+v %v", out, err)
		}
		delete(w.members, whom)
		delete(w.copies, whom)
		w.mineOf(whom, func(m *protocol.RoomMine) { m.Pinned = 0 })
		if w.master == whom {
			for u := range w.members {
				room, err := w.s.Room(r.Context(), u, w.room)
				if err != nil || w.members[room.Master] == nil {
					r.Fatalf("master is %s, %v", room.Master, err)
				}
				w.master = room.Master
				break
			}
		}
	}
}

func (w *world) rename(r *rapid.T, by protocol.UserID, name string) {
	err := w.s.Rename(r.Context(), w.room, by, name, nil)
	if w.refused(r, by, err) {
		return
	}
	switch {
	case by != w.master:
		if !errors.Is(err, store.ErrNotMaster) {
			r.Fatalf("renamed by %s: %v", by, err)
		}
	case err != nil:
		r.Fatal(err)
	default:
		w.mineOf(by, func(m *protocol.RoomMine) { m.Name = "" })
		if w.name != name {
			w.name = name
			w.rev++
		}
	}
}

func (w *world) handOver(r *rapid.T, by, whom protocol.UserID) {
	err := w.s.HandOver(r.Context(), w.room, by, whom, nil)
	if w.refused(r, by, err) {
		return
	}
	switch {
	case by != w.master:
		if !errors.Is(err, store.ErrNotMaster) {
			r.Fatalf("handed over by %s: %v", by, err)
		}
	case w.members[whom] == nil:
		if !errors.Is(err, store.ErrNoUser) {
			r.Fatalf("handed over to a stranger: %v", err)
		}
	case err != nil:
		r.Fatal(err)
	case whom != by:
		w.master = whom
		w.rev++
	}
}

// setUp changes something of what is u's alone. It has no rev.
func (w *world) setUp(r *rapid.T, u protocol.UserID) {
	var change store.Mine
	if rapid.Bool().Draw(r, "name?") {
		change.Name = new(rapid.SampledFrom([]string{"", "우리 방"}).Draw(r, "name"))
	}
	if rapid.Bool().Draw(r, "notify?") {
		change.Notify = new(rapid.SampledFrom([]protocol.Notify{protocol.NotifyAll, protocol.NotifyMentions, protocol.NotifyNone}).Draw(r, "notify"))
	}
	if rapid.Bool().Draw(r, "pinned?") {
		change.Pinned = new(rapid.Bool().Draw(r, "pinned"))
	}
	if rapid.Bool().Draw(r, "panel?") {
		change.PanelHidden = new(rapid.Bool().Draw(r, "panel"))
	}
	err := w.s.SetMine(r.Context(), w.room, u, change, nil)
	if w.refused(r, u, err) {
		return
	}
	if err != nil {
		r.Fatal(err)
	}
	w.mineOf(u, func(m *protocol.RoomMine) {
		if change.Name != nil {
			m.Name = *change.Name
		}
		if change.Notify != nil {
			m.Notify = *change.Notify
		}
		if change.Pinned != nil {
			m.Pinned = map[bool]int{true: 1}[*change.Pinned]
		}
		if change.PanelHidden != nil {
			m.PanelHidden = *change.PanelHidden
		}
	})
}

func (w *world) mineOf(u protocol.UserID, change func(*protocol.RoomMine)) {
	m := w.mine[u]
	if m.Notify == "" {
		m.Notify = protocol.NotifyAll
	}
	change(&m)
	w.mine[u] = m
}
