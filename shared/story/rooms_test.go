package story

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"sendjay/shared/protocol"
)

func init() {
	for verb, a := range map[string]act{
		"talks-with": {"name members…", talksWith},
		"takes-note": {"name", talksWith},
		"kicks":      {"room person", kicks},
		"calls":      {"room for title", calls},
		"hands-over": {"room person", handsOver},
		"sets":       {"room what", sets},
		"is-set":     {"room what", isSet},
		"orders":     {"rooms…", orders},
		"is-titled":  {"room title", isTitled},
		"is-master":  {"room person", isMaster},
		"lists":      {"titles…", lists},
		"lists-none": {"", lists},
		"finds":      {"text titles…", finds},
		"finds-none": {"text", finds},
	} {
		acts[verb] = a
	}
}

// talksWith makes a room that nobody gave a name, or finds it.
func talksWith(ctx context.Context, w *world, o *one, args []string) error {
	made, err := o.current.CreateRoom(ctx, "", ids(args[1:])...)
	if err != nil {
		return err
	}
	if was, known := w.rooms[args[0]]; known && was != made.Room.ID {
		return fmt.Errorf("%s is %s, not %s", args[0], made.Room.ID, was)
	}
	w.rooms[args[0]] = made.Room.ID
	return nil
}

func kicks(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Do(ctx, protocol.OpRoomKick, protocol.KickMember{Room: w.room(args[0]), User: protocol.UserID(args[1])}, nil)
}

// calls names a room: `kim calls sales all 'New name'`.
func calls(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Do(ctx, protocol.OpRoomRename, protocol.RenameRoom{Room: w.room(args[0]), For: protocol.For(args[1]), Title: protocol.Text(args[2])}, nil)
}

func handsOver(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Do(ctx, protocol.OpRoomMaster, protocol.HandOver{Room: w.room(args[0]), User: protocol.UserID(args[1])}, nil)
}

// sets sets a room up for oneself.
func sets(ctx context.Context, w *world, o *one, args []string) error {
	m := protocol.SetMine{Room: w.room(args[0])}
	switch what := args[1]; what {
	case "pinned", "unpinned":
		m.Pinned = new(what == "pinned")
	case "panel-hidden", "panel-shown":
		m.PanelHidden = new(what == "panel-hidden")
	default:
		m.Notify = new(protocol.Notify(what))
	}
	return o.current.Do(ctx, protocol.OpRoomMine, m, nil)
}

func isSet(ctx context.Context, w *world, o *one, args []string) error {
	return o.awaitRoom(ctx, w, args[0], "is set "+args[1], func(r *protocol.Room) bool {
		switch what := args[1]; what {
		case "pinned", "unpinned":
			return (r.Pinned > 0) == (what == "pinned")
		case "panel-hidden", "panel-shown":
			return r.PanelHidden == (what == "panel-hidden")
		default:
			return r.Notify == protocol.Notify(what) && r.Muted == (what == "none")
		}
	})
}

func orders(ctx context.Context, w *world, o *one, args []string) error {
	var rooms []protocol.RoomID
	for _, name := range args {
		rooms = append(rooms, w.room(name))
	}
	return o.current.Do(ctx, protocol.OpRoomOrder, protocol.OrderRooms{Rooms: rooms}, nil)
}

func isTitled(ctx context.Context, w *world, o *one, args []string) error {
	return o.awaitRoom(ctx, w, args[0], "is titled "+args[1], func(r *protocol.Room) bool { return r.Title == args[1] })
}

func isMaster(ctx context.Context, w *world, o *one, args []string) error {
	return o.awaitRoom(ctx, w, args[0], "master is "+args[1], func(r *protocol.Room) bool { return string(r.Master) == args[1] })
}

// awaitRoom asks the server for a room, again after each event, until it is as wanted.
func (o *one) awaitRoom(ctx context.Context, w *world, name, what string, as func(*protocol.Room) bool) error {
	var r protocol.Room
	var failed error
	err := o.current.Await(ctx, what, func() bool {
		r = protocol.Room{}
		failed = o.current.Get(ctx, "/api/v1/rooms/"+string(w.room(name)), &r)
		return failed != nil || as(&r)
	})
	if err != nil {
		err = fmt.Errorf("%w: it is %+v", err, r)
	}
	return errors.Join(err, failed)
}

// lists compares the person's list, page by page, with the titles.
func lists(ctx context.Context, _ *world, o *one, args []string) error {
	return o.awaitTitles(ctx, "", args)
}

func finds(ctx context.Context, _ *world, o *one, args []string) error {
	return o.awaitTitles(ctx, args[0], args[1:])
}

func (o *one) awaitTitles(ctx context.Context, q string, want []string) error {
	var got []string
	var failed error
	err := o.current.Await(ctx, "lists "+strings.Join(want, ", "), func() bool {
		got, failed = nil, nil
		for cursor := ""; failed == nil; {
			var page protocol.RoomsPage
			failed = o.current.Get(ctx, "/api/v1/rooms?limit=2&q="+url.QueryEscape(q)+"&cursor="+cursor, &page)
			for _, r := range page.Rooms {
				got = append(got, r.Title)
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		return failed != nil || slices.Equal(got, want)
	})
	if err != nil {
		err = fmt.Errorf("%w: %q", err, got)
	}
	return errors.Join(err, failed)
}
