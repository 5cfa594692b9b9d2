package chat

import (
	"context"
	"errors"
	"fmt"
	"time"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// RetireStore is what removing old messages needs of the database.
type RetireStore interface {
	OldRooms(ctx context.Context, after protocol.RoomID, t time.Time, limit int) ([]protocol.RoomID, protocol.RoomID, error)
	Retire(ctx context.Context, room protocol.RoomID, t time.Time, then func(store.Retired)) (store.Retired, error)
	DropRetired(ctx context.Context, room protocol.RoomID, upto protocol.Seq, limit int) (int, error)
}

const (
	// retireRooms is how many rooms one look takes, retireBunch how many messages one commit: a send may have to
	// wait for it.
	retireRooms = 500
	retireBunch = 100
	// retireShare is how many times as long as its work it pauses.
	retireShare = 4
)

// RetireTally is what was removed.
type RetireTally struct{ Messages, Rooms int }

// Retire removes what was sent before t, for everybody and for good, in small steps between which others go on. What
// was removed until an error is told too; the rest comes with the next call.
func (c *Chat) Retire(ctx context.Context, s RetireStore, t time.Time) (RetireTally, error) {
	var sum RetireTally
	for after := protocol.RoomID(""); ; {
		old, next, err := s.OldRooms(ctx, after, t, retireRooms)
		if err != nil {
			return sum, fmt.Errorf("look for old messages: %w", err)
		}
		for _, room := range old {
			n, err := c.retireRoom(ctx, s, room, t)
			if sum.Messages += n; n > 0 {
				sum.Rooms++
			}
			if err != nil {
				return sum, fmt.Errorf("remove old messages: %w", err)
			}
		}
		if next == "" {
			return sum, nil
		}
		after = next
	}
}

func (c *Chat) retireRoom(ctx context.Context, s RetireStore, room protocol.RoomID, t time.Time) (sum int, err error) {
	if err := c.out.Admit(ctx, room); err != nil {
		return 0, err
	}
	gone, err := s.Retire(ctx, room, t, c.tellRetired)
	if errors.Is(err, store.ErrNoRoom) {
		return 0, nil
	}
	for err == nil && gone.Upto > 0 {
		began := time.Now()
		n, bad := s.DropRetired(ctx, room, gone.Upto, retireBunch)
		sum += n
		if bad != nil || n < retireBunch {
			return sum, bad
		}
		rest := time.NewTimer(retireShare * time.Since(began))
		select {
		case <-ctx.Done():
			rest.Stop()
			return sum, ctx.Err()
		case <-rest.C:
		}
	}
	return sum, err
}

// tellRetired lets devices that are here forget it at once; the others hear of it when they come.
func (c *Chat) tellRetired(x store.Retired) {
	if x.Notice > 0 {
		c.stream.publish(Event{Push: protocol.Push{Ev: protocol.EvNotice, Room: x.Room, Rev: x.Notice, Data: protocol.NoticeChanged{}}})
	}
	for hides, to := range x.Members {
		c.stream.publish(Event{Push: protocol.Push{Ev: protocol.EvHidden, Data: protocol.MessageHidden{Room: x.Room, From: x.Upto, Hides: hides}}, To: to})
	}
}
