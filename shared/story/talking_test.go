package story

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sendjay/shared/protocol"
	"sendjay/shared/story/person"
)

func makesRoom(ctx context.Context, w *world, o *one, args []string) error {
	made, err := o.current.CreateRoom(ctx, args[0], ids(args[1:])...)
	if err == nil {
		w.rooms[args[0]] = made.Room.ID
	}
	return err
}

func ids(names []string) []protocol.UserID {
	var out []protocol.UserID
	for _, n := range names {
		out = append(out, protocol.UserID(n))
	}
	return out
}

func invites(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Do(ctx, protocol.OpRoomInvite, protocol.InviteMembers{Room: w.room(args[0]), Members: ids(args[1:])}, nil)
}

func leaves(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Do(ctx, protocol.OpRoomLeave, protocol.LeaveRoom{Room: w.room(args[0])}, nil)
}

func sends(ctx context.Context, w *world, o *one, args []string) error {
	o.last = person.NewMessage(w.room(args[0]), args[1])
	sent, err := o.current.Send(ctx, o.last)
	o.sent = sent
	return err
}

// sendsAgain sends the last message again under its id: the answer has to be the first one.
func sendsAgain(ctx context.Context, _ *world, o *one, _ []string) error {
	sent, err := o.current.Send(ctx, o.last)
	if err == nil && o.sent.ID != "" && sent != o.sent {
		return fmt.Errorf("answered %+v, at first %+v", sent, o.sent)
	}
	o.sent = sent
	return err
}

func cancels(ctx context.Context, w *world, o *one, args []string) error {
	m, ok := o.current.Find(w.room(args[0]), args[1])
	if !ok {
		return errors.New("nothing to cancel")
	}
	return o.current.Do(ctx, protocol.OpMessageCancel, protocol.CancelMessage{Room: m.Room, ID: m.ID}, nil)
}

func reads(ctx context.Context, w *world, o *one, args []string) error {
	room := w.room(args[0])
	all := o.current.Messages(room)
	if len(all) == 0 {
		return errors.New("nothing to read")
	}
	return o.current.Do(ctx, protocol.OpMessageRead, protocol.ReadMessages{Room: room, Seq: all[len(all)-1].Seq}, nil)
}

// floods sends n messages in the background, 16 at a time on one socket, and keeps what was acknowledged.
// Each is sent once: what is lost with the line is not in the list.
func floods(_ context.Context, w *world, o *one, args []string) error {
	n, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	name, room, p := args[0], w.room(args[0]), o.current
	done := make(chan struct{})
	o.flood = done
	var mu sync.Mutex // guards o.acked during the flood
	go func() {
		defer close(done)
		ctx, stop := context.WithTimeout(context.Background(), 3*patience)
		defer stop()
		slots := make(chan struct{}, 16)
		var wg sync.WaitGroup
		for i := range n {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				sent, err := p.Send(ctx, person.NewMessage(room, fmt.Sprintf("flood %d", i)))
				if err == nil {
					mu.Lock()
					o.acked[name] = append(o.acked[name], sent)
					mu.Unlock()
				}
			})
		}
		wg.Wait()
	}()
	// The story goes on when the flood runs.
	ctx, stop := soon()
	defer stop()
	return p.Await(ctx, "the first answers", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(o.acked[name]) >= min(n, 20)
	})
}

func floodEnds(_ context.Context, _ *world, o *one, _ []string) error {
	select {
	case <-o.flood:
		return nil
	case <-time.After(3 * patience):
		return errors.New("the flood does not end")
	}
}

func acknowledgedAtLeast(_ context.Context, _ *world, o *one, args []string) error {
	n, err := strconv.Atoi(args[1])
	if err == nil && len(o.acked[args[0]]) < n {
		err = fmt.Errorf("only %d acknowledged", len(o.acked[args[0]]))
	}
	return err
}

// atOnceCommand is `at-once room NAME kim lee`: both ask for the room of the two at the same instant.
func atOnceCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 || args[0] != "room" {
		ts.Fatalf("want: at-once room name people…")
	}
	w := worldOf(ts)
	ctx, stop := soon()
	defer stop()
	made := make([]protocol.RoomCreated, len(args)-2)
	errs := make([]error, len(made))
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i, name := range args[2:] {
		o, err := w.person(name)
		ts.Check(err)
		wg.Go(func() {
			<-start
			made[i], errs[i] = o.current.CreateRoom(ctx, "", ids(args[2:])...)
		})
	}
	close(start)
	wg.Wait()
	ts.Check(errors.Join(errs...))
	fresh := 0
	for _, m := range made {
		if m.Room.ID != made[0].Room.ID {
			ts.Fatalf("two rooms: %s and %s", m.Room.ID, made[0].Room.ID)
		}
		if !m.Existed {
			fresh++
		}
	}
	if fresh != 1 {
		ts.Fatalf("%d of them made it", fresh)
	}
	w.rooms[args[1]] = made[0].Room.ID
}
