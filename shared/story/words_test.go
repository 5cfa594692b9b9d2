package story

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"sendjay/shared/protocol"
	"sendjay/shared/story/person"
)

func init() {
	for verb, a := range map[string]act{
		"replies":        {"room quoted text", replies},
		"sees-quote":     {"room text quoted", seesQuote},
		"forwards":       {"room text rooms…", forwards},
		"sees-forwarded": {"room text", seesForwarded},
		"mentions":       {"room person text", mentions},
		"sees-mention":   {"room text person", seesMention},
		"edits":          {"room text new", edits},
		"sees-edited":    {"room text", seesEdited},
		"reacts":         {"room text emoji", reacts(true)},
		"unreacts":       {"room text emoji", reacts(false)},
		"sees-reaction":  {"room text emoji n", seesReaction},
		"deletes":        {"room texts…", deletes},
		"deletes-all":    {"room", deletesAll},
		"pins":           {"room text", pins},
		"unpins":         {"room", unpins},
		"sees-pinned":    {"room text", seesPinned},
		"sees-readers":   {"room text n people…", seesReaders},
		"searches":       {"words texts…", searches("")},
		"searches-none":  {"words", searches("")},
		"searches-in":    {"room words texts…", searchesIn},
		"may-search-in":  {"room", maySearchIn},
		"searches-of":    {"person words texts…", searchesOf},
		"types":          {"room", types(true)},
		"stops-typing":   {"room", types(false)},
		"sees-typing":    {"room people…", seesTyping},
		"sees-nobody":    {"room", seesTyping},
	} {
		acts[verb] = a
	}
}

// named finds a message of the log by its text.
func (o *one) named(w *world, room, text string) (protocol.Message, error) {
	m, ok := o.current.Find(w.room(room), text)
	if !ok {
		return m, fmt.Errorf("there is no %q", text)
	}
	return m, nil
}

func (o *one) says(ctx context.Context, m protocol.SendMessage) error {
	sent, err := o.current.Send(ctx, m)
	o.last, o.sent = m, sent
	return err
}

func replies(ctx context.Context, w *world, o *one, args []string) error {
	to, err := o.named(w, args[0], args[1])
	if err != nil {
		return err
	}
	m := person.NewMessage(w.room(args[0]), args[2])
	m.Reply = to.ID
	return o.says(ctx, m)
}

// seesQuote waits for what a reply quotes; 'gone' is a message that was taken back.
func seesQuote(ctx context.Context, w *world, o *one, args []string) error {
	return o.awaitMessage(ctx, w, args[0], args[1], "quotes "+args[2], func(m protocol.Message) bool {
		return m.Quote != nil && (m.Quote.Cancelled && m.Quote.Body == "" && args[2] == "gone" || m.Quote.Body == args[2])
	})
}

// awaitMessage waits until a message of the log is as wanted.
func (o *one) awaitMessage(ctx context.Context, w *world, room, text, what string, as func(protocol.Message) bool) error {
	var last protocol.Message
	err := o.current.Await(ctx, what, func() bool {
		m, ok := o.current.Find(w.room(room), text)
		last = m
		return ok && as(m)
	})
	if err != nil {
		return fmt.Errorf("%w: it is %+v", err, last)
	}
	return nil
}

// forwards says a text in other rooms again, each time under an id of its own.
func forwards(ctx context.Context, w *world, o *one, args []string) error {
	from, err := o.named(w, args[0], args[1])
	if err != nil {
		return err
	}
	for _, room := range args[2:] {
		m := person.NewMessage(w.room(room), from.Body)
		m.Forwarded = true
		if err := o.says(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

func seesForwarded(ctx context.Context, w *world, o *one, args []string) error {
	return o.awaitMessage(ctx, w, args[0], args[1], "was said elsewhere", func(m protocol.Message) bool { return m.Forwarded })
}

func mentions(ctx context.Context, w *world, o *one, args []string) error {
	m := person.NewMessage(w.room(args[0]), args[2])
	m.Mentions = ids(args[1:2])
	return o.says(ctx, m)
}

func seesMention(ctx context.Context, w *world, o *one, args []string) error {
	return o.awaitMessage(ctx, w, args[0], args[1], "speaks to "+args[2], func(m protocol.Message) bool { return slices.Equal(m.Mentions, ids(args[2:])) })
}

func edits(ctx context.Context, w *world, o *one, args []string) error {
	m, err := o.named(w, args[0], args[1])
	if err != nil {
		return err
	}
	return o.current.Do(ctx, protocol.OpMessageEdit, protocol.EditMessage{Room: m.Room, ID: m.ID, Body: protocol.Text(args[2])}, nil)
}

func seesEdited(ctx context.Context, w *world, o *one, args []string) error {
	return o.awaitMessage(ctx, w, args[0], args[1], "was edited", func(m protocol.Message) bool { return m.Edited > m.At })
}

func reacts(on bool) func(context.Context, *world, *one, []string) error {
	return func(ctx context.Context, w *world, o *one, args []string) error {
		m, err := o.named(w, args[0], args[1])
		if err != nil {
			return err
		}
		return o.current.Do(ctx, protocol.OpMessageReact, protocol.ReactMessage{Room: m.Room, ID: m.ID, Emoji: protocol.Emoji(args[2]), On: on}, nil)
	}
}

func seesReaction(ctx context.Context, w *world, o *one, args []string) error {
	return o.awaitMessage(ctx, w, args[0], args[1], args[3]+" of "+args[2], func(m protocol.Message) bool {
		n := 0
		for _, r := range m.Reactions {
			if string(r.Emoji) == args[2] {
				n = r.Count
			}
		}
		return strconv.Itoa(n) == args[3]
	})
}

func deletes(ctx context.Context, w *world, o *one, args []string) error {
	h := protocol.HideMessages{Room: w.room(args[0])}
	for _, text := range args[1:] {
		m, err := o.named(w, args[0], text)
		if err != nil {
			return err
		}
		h.IDs = append(h.IDs, m.ID)
	}
	return o.current.Do(ctx, protocol.OpMessageHide, h, nil)
}

func deletesAll(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Do(ctx, protocol.OpMessageHide, protocol.HideMessages{Room: w.room(args[0]), All: true}, nil)
}

func pins(ctx context.Context, w *world, o *one, args []string) error {
	m, err := o.named(w, args[0], args[1])
	if err != nil {
		return err
	}
	return o.current.Do(ctx, protocol.OpRoomNotice, protocol.SetNotice{Room: m.Room, ID: m.ID}, nil)
}

func unpins(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Do(ctx, protocol.OpRoomNotice, protocol.SetNotice{Room: w.room(args[0])}, nil)
}

// seesPinned waits for what stands on top of the room; 'nothing' is an empty top.
func seesPinned(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Await(ctx, "on top is "+args[1], func() bool {
		n := o.current.Notice(w.room(args[0]))
		return n == nil && args[1] == "nothing" || n != nil && n.Body == args[1]
	})
}

// seesReaders asks who has read a message; n is how many have not, then those who have.
func seesReaders(ctx context.Context, w *world, o *one, args []string) error {
	m, err := o.named(w, args[0], args[1])
	if err != nil {
		return err
	}
	var page protocol.ReadersPage
	var failed error
	want := slices.Sorted(slices.Values(args[3:]))
	err = o.current.Await(ctx, "read by "+strings.Join(want, ", "), func() bool {
		page = protocol.ReadersPage{}
		failed = o.current.Get(ctx, fmt.Sprintf("/api/v1/rooms/%s/messages/%s/readers", m.Room, m.ID), &page)
		var have []string
		for _, x := range page.Read {
			have = append(have, string(x.ID))
		}
		slices.Sort(have)
		return failed != nil || strconv.Itoa(len(page.Unread)) == args[2] && slices.Equal(have, want)
	})
	if err != nil {
		err = fmt.Errorf("%w: %+v", err, page)
	}
	return errors.Join(err, failed)
}

func searchesIn(ctx context.Context, w *world, o *one, args []string) error {
	return searches("&room="+string(w.room(args[0])))(ctx, w, o, args[1:])
}

func maySearchIn(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Get(ctx, "/api/v1/search?q=word&room="+string(w.room(args[0])), nil)
}

func searchesOf(ctx context.Context, w *world, o *one, args []string) error {
	return searches("&from="+args[0])(ctx, w, o, args[1:])
}

// searches compares what a search finds, in no order, with the texts. What was just said is found within 5 s.
func searches(more string) func(context.Context, *world, *one, []string) error {
	return func(ctx context.Context, _ *world, o *one, args []string) error {
		var found []string
		want := slices.Sorted(slices.Values(args[1:]))
		err := repeated(ctx, func() (bool, error) {
			var page protocol.SearchPage
			if err := o.current.Get(ctx, "/api/v1/search?limit=50&q="+url.QueryEscape(args[0])+more, &page); err != nil {
				return false, err
			}
			found = nil
			for _, m := range page.Messages {
				found = append(found, m.Body)
			}
			slices.Sort(found)
			return slices.Equal(found, want), nil
		})
		if err != nil {
			return fmt.Errorf("%w: found %q", err, found)
		}
		return nil
	}
}

// repeated asks until it is so: of the search index no event tells.
func repeated(ctx context.Context, so func() (bool, error)) error {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		if done, err := so(); done || err != nil {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return errors.New("asked in vain")
		}
	}
}

func types(on bool) func(context.Context, *world, *one, []string) error {
	return func(ctx context.Context, w *world, o *one, args []string) error {
		return o.current.Do(ctx, protocol.OpTyping, protocol.SetTyping{Room: w.room(args[0]), On: on}, nil)
	}
}

// typed are the words about who is typing that came in.
func typed(p *person.Person) (all []protocol.Typing) {
	for _, raw := range p.Pushed(protocol.EvTyping) {
		var t protocol.Typing
		if json.Unmarshal(raw, &t) == nil {
			all = append(all, t)
		}
	}
	return all
}

// seesTyping waits until the last word about who is typing in a room names these people besides oneself.
func seesTyping(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Await(ctx, "typing: "+strings.Join(args[1:], ", "), func() bool {
		var now []string
		heard := false
		for _, t := range typed(o.current) {
			if t.Room != w.room(args[0]) {
				continue
			}
			heard, now = true, nil
			for _, p := range t.People {
				if p.ID != o.current.ID {
					now = append(now, string(p.ID))
				}
			}
		}
		slices.Sort(now)
		return heard && slices.Equal(now, args[1:])
	})
}
