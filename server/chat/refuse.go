package chat

import (
	"errors"
	"fmt"

	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// refusals says what a person hears when the store says no. A room one is not in and a room that
// does not exist sound the same, so that nobody learns which rooms exist.
var refusals = []struct {
	err     error
	refusal *protocol.Refusal
}{
	{store.ErrNoRoom, protocol.RefuseField(protocol.NotFound, "room")},
	{store.ErrNotMember, protocol.RefuseField(protocol.NotFound, "room")},
	{store.ErrNoMessage, protocol.RefuseField(protocol.NotFound, "id")},
	{store.ErrNoUser, protocol.RefuseField(protocol.NotFound, "members")},
	{store.ErrNoPreview, protocol.RefuseField(protocol.NotFound, "id")},
	{store.ErrNoFile, protocol.RefuseField(protocol.NotFound, "file")},
	{store.ErrNotWhole, protocol.RefuseField(protocol.Conflict, "file")},
	{store.ErrTaken, protocol.RefuseField(protocol.Conflict, "id")},
	{store.ErrTooLate, protocol.Refuse(protocol.TooLate)},
	{store.ErrNotSender, protocol.Refuse(protocol.Forbidden)},
	{store.ErrNotMaster, protocol.Refuse(protocol.Forbidden)},
	{store.ErrTooMany, protocol.RefuseField(protocol.TooLarge, "members")},
	{store.ErrTooManyPinned, protocol.RefuseField(protocol.TooLarge, "pinned")},
	{store.ErrTooManyKinds, protocol.RefuseField(protocol.TooLarge, "emoji")},
	{store.ErrUnavailable, &protocol.Refusal{Code: protocol.Unavailable, RetryAfter: busyRetry}},
	{store.ErrClosed, &protocol.Refusal{Code: protocol.Unavailable, RetryAfter: busyRetry}},
	{store.ErrFull, &protocol.Refusal{Code: protocol.Unavailable, RetryAfter: fullRetry}},
}

// When to come back, in seconds. A database comes back by itself, on a full disk somebody has to make
// room first.
const (
	busyRetry = 2
	fullRetry = 30
)

// refuse turns an error of the store into a refusal where a person can act on it. The cause stays
// inside, so that an operator can read of a full disk.
func refuse(doing string, err error) error {
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			if r.refusal.Code == protocol.Unavailable {
				return fmt.Errorf("%s: %w: %w", doing, r.refusal, err)
			}
			return r.refusal
		}
	}
	return fmt.Errorf("%s: %w", doing, err)
}
