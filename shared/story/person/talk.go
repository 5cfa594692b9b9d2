package person

import (
	"context"
	"slices"

	"github.com/google/uuid"

	"sendjay/shared/protocol"
)

// NewMessage returns a message of mine that was never sent.
func NewMessage(room protocol.RoomID, body string) protocol.SendMessage {
	return protocol.SendMessage{ID: protocol.MessageID(uuid.Must(uuid.NewV7()).String()), Room: room, Type: protocol.Talk, Body: protocol.Text(body)}
}

// Send sends a message and takes it into the log, as the answer counts as the change that it is.
func (p *Person) Send(ctx context.Context, m protocol.SendMessage) (protocol.MessageSent, error) {
	var sent protocol.MessageSent
	if err := p.Do(ctx, protocol.OpMessageSend, m, &sent); err != nil {
		return sent, err
	}
	p.mu.Lock()
	l := p.log(m.Room)
	gap := sent.Rev-1 > l.rev
	if !gap {
		if _, known := l.messages[sent.Seq]; !known {
			l.messages[sent.Seq] = protocol.Message{
				ID: m.ID, Room: m.Room, Seq: sent.Seq, Rev: sent.Rev, Sender: p.ID, Type: protocol.Talk, Body: string(m.Body), At: sent.At,
				Reply: m.Reply, Quote: sent.Quote, Mentions: m.Mentions, Forwarded: m.Forwarded, Urgent: m.Urgent,
			}
		}
		l.rev = max(l.rev, sent.Rev)
		p.wake()
	}
	p.mu.Unlock()
	if gap {
		return sent, p.fetch(ctx, m.Room)
	}
	return sent, nil
}

// Find returns the newest message with this text in the log of a room.
func (p *Person) Find(room protocol.RoomID, body string) (protocol.Message, bool) {
	for _, m := range slices.Backward(p.Messages(room)) {
		if m.Body == body {
			return m, true
		}
	}
	return protocol.Message{}, false
}

// CreateRoom makes a room with others, or finds it, and fetches it.
func (p *Person) CreateRoom(ctx context.Context, title string, members ...protocol.UserID) (protocol.RoomCreated, error) {
	var made protocol.RoomCreated
	if err := p.Do(ctx, protocol.OpRoomCreate, protocol.CreateRoom{Members: members, Title: protocol.Text(title)}, &made); err != nil {
		return made, err
	}
	return made, p.fetch(ctx, made.Room.ID)
}

// Refetch closes whatever gap there is in a room.
func (p *Person) Refetch(ctx context.Context, room protocol.RoomID) error { return p.fetch(ctx, room) }
