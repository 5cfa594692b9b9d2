package story

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"sendjay/shared/protocol"
)

// isShown waits until the tray asks its window to show the room.
func isShown(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Await(ctx, "is shown "+args[0], func() bool {
		for _, raw := range o.current.Pushed(protocol.EvOpen) {
			var open protocol.OpenRoom
			if json.Unmarshal(raw, &open) == nil && open.Room == w.room(args[0]) {
				return true
			}
		}
		return false
	})
}

// kept asks the tray for the messages that still have to go up.
func kept(ctx context.Context, o *one) (map[string]struct{ Body string }, error) {
	var out map[string]struct{ Body string }
	err := o.current.Get(ctx, "/edge/v1/keep/outbox", &out)
	return out, err
}

func keeps(ctx context.Context, _ *world, o *one, args []string) error {
	all, err := kept(ctx, o)
	for _, item := range all {
		if item.Body == args[0] {
			return nil
		}
	}
	return errors.Join(err, fmt.Errorf("kept are %v", all))
}

// keepsNothing waits until the server has acknowledged everything.
func keepsNothing(ctx context.Context, _ *world, o *one, _ []string) error {
	return o.desk.await(ctx, "nothing is kept", func() bool {
		all, err := kept(ctx, o)
		return err == nil && len(all) == 0
	})
}

// hasAllAcknowledged compares the history with what another person's flood was told: each message that
// was acknowledged is there once, under the seq that was said, and the seqs are dense.
func hasAllAcknowledged(ctx context.Context, w *world, o *one, args []string) error {
	all, err := o.current.History(ctx, w.room(args[0]))
	if err != nil {
		return err
	}
	at := map[protocol.MessageID]protocol.Seq{}
	for i, m := range all {
		if m.Seq != protocol.Seq(i+1) {
			return fmt.Errorf("message %d of the history has seq %d", i+1, m.Seq)
		}
		if seq, twice := at[m.ID]; twice {
			return fmt.Errorf("message %s is there twice, as %d and %d", m.ID, seq, m.Seq)
		}
		at[m.ID] = m.Seq
	}
	acked := w.who[args[1]].acked[args[0]]
	if len(acked) == 0 {
		return errors.New("nothing was acknowledged")
	}
	for _, a := range acked {
		if at[a.ID] != a.Seq {
			return fmt.Errorf("acknowledged as %d, in the history as %d", a.Seq, at[a.ID])
		}
	}
	return nil
}

func sees(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Await(ctx, "sees "+args[1], func() bool {
		_, ok := o.current.Find(w.room(args[0]), args[1])
		return ok
	})
}

// seesOnce waits for the text and counts it, in the log and in the server's history.
func seesOnce(ctx context.Context, w *world, o *one, args []string) error {
	if err := sees(ctx, w, o, args); err != nil {
		return err
	}
	fresh, err := o.current.History(ctx, w.room(args[0]))
	if err != nil {
		return err
	}
	for where, all := range map[string][]protocol.Message{"log": o.current.Messages(w.room(args[0])), "history": fresh} {
		n := 0
		for _, m := range all {
			if m.Body == args[1] {
				n++
			}
		}
		if n != 1 {
			return fmt.Errorf("%d times in the %s", n, where)
		}
	}
	return nil
}

// seesNo waits until the text is gone from the log, and looks that the history does not have it.
func seesNo(ctx context.Context, w *world, o *one, args []string) error {
	err := o.current.Await(ctx, "sees no "+args[1], func() bool {
		_, ok := o.current.Find(w.room(args[0]), args[1])
		return !ok
	})
	if err != nil {
		return err
	}
	fresh, err := o.current.History(ctx, w.room(args[0]))
	if slices.ContainsFunc(fresh, func(m protocol.Message) bool { return m.Body == args[1] }) {
		return errors.New("the history still has it")
	}
	return err
}

// unread asks the server for the number beside the room.
func unread(ctx context.Context, w *world, o *one, args []string) error {
	var got error
	err := o.current.Await(ctx, "unread "+args[1], func() bool {
		var r protocol.Room
		got = o.current.Get(ctx, "/api/v1/rooms/"+string(w.room(args[0])), &r)
		return got == nil && strconv.Itoa(r.Unread) == args[1]
	})
	return errors.Join(err, got)
}

// seesUnread waits for the number beside a message.
func seesUnread(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Await(ctx, args[1]+" unread by "+args[2], func() bool {
		m, ok := o.current.Find(w.room(args[0]), args[1])
		return ok && strconv.Itoa(o.current.Unread(m.Room, m.Seq)) == args[2]
	})
}

// isCurrent waits until the log, kept by events and changes, equals what the server says now.
func isCurrent(ctx context.Context, w *world, o *one, args []string) error {
	var diff string
	var failed error
	err := o.current.Await(ctx, "current", func() bool {
		diff, failed = o.current.Differs(ctx, w.room(args[0]))
		return diff == "" && failed == nil
	})
	if err != nil {
		return fmt.Errorf("%w: %s", err, diff)
	}
	return failed
}

func history(ctx context.Context, w *world, o *one, args []string) error {
	_, err := o.current.History(ctx, w.room(args[0]))
	return err
}
