// Package refusal says what a person hears when one of the stores says no.
// It knows the errors of the stores and the codes of the protocol; it does not know who asked for what.
// A room one is not in and a room that does not exist sound the same, so that nobody learns which rooms exist.
package refusal

import (
	"errors"
	"fmt"

	"sendjay/server/blob"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// When to come back, in seconds. A store comes back by itself, on a full disk somebody has to make room first.
const (
	busyRetry = 2
	fullRetry = 30
)

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
	{blob.ErrMissing, protocol.RefuseField(protocol.NotFound, "file")},
	{blob.ErrOffset, protocol.RefuseField(protocol.Conflict, "offset")},
	{store.ErrFull, &protocol.Refusal{Code: protocol.Unavailable, Field: "disk", RetryAfter: fullRetry}},
	{blob.ErrFull, &protocol.Refusal{Code: protocol.Unavailable, Field: "disk", RetryAfter: fullRetry}},
	{store.ErrUnavailable, &protocol.Refusal{Code: protocol.Unavailable, RetryAfter: busyRetry}},
	{blob.ErrUnavailable, &protocol.Refusal{Code: protocol.Unavailable, RetryAfter: busyRetry}},
	{store.ErrClosed, &protocol.Refusal{Code: protocol.Unavailable, RetryAfter: busyRetry}},
}

// By turns an error into a refusal where a person can act on it; a refusal stays what it is, and nil stays nil. The
// cause of what is unavailable stays inside, so that an operator can read of a full disk.
func By(doing string, err error) error {
	if err == nil {
		return nil
	}
	if _, said := errors.AsType[*protocol.Refusal](err); said {
		return err
	}
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

// Away is the refusal for a store that cannot be asked right now or has no room, nil for any other error: it is
// said of every act, also where nobody thought of it.
func Away(err error) *protocol.Refusal {
	for _, r := range refusals {
		if r.refusal.Code == protocol.Unavailable && errors.Is(err, r.err) {
			return r.refusal
		}
	}
	return nil
}
