package protocol

import (
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"
)

type (
	// UserID names a person. It is the USER_ID of the company's own tables: 1 to 20 characters, no space.
	UserID string
	// RoomID names a room. The server makes it.
	RoomID string
	// MessageID names a message. The client makes it (UUIDv7), so that sending again is harmless.
	MessageID string
	// SessionID names one live connection of one device.
	SessionID string
	// Seq counts the messages of a room: dense, from 1, given in the transaction that stores the message.
	Seq int64
	// Rev counts the changes of a room, of every kind, from 1.
	Rev int64
)

// Device is the kind of device behind a session. One live session stands per person and kind.
type Device string

// The device kinds.
const (
	Web     Device = "web"
	Desktop Device = "desktop"
	Mobile  Device = "mobile"
)

// Known reports whether d is one of the device kinds.
func (d Device) Known() bool { return d == Web || d == Desktop || d == Mobile }

// Instant is a moment of the server's clock in milliseconds since 1970, UTC.
// On the wire it is RFC 3339 with three decimals: "2026-01-31T09:15:00.123Z".
type Instant int64

const instantLayout = "2006-01-02T15:04:05.000Z"

// At returns the instant of t, cut to milliseconds.
func At(t time.Time) Instant { return Instant(t.UnixMilli()) }

// Time returns i as a time in UTC.
func (i Instant) Time() time.Time { return time.UnixMilli(int64(i)).UTC() }

// String returns the form used on the wire.
func (i Instant) String() string { return i.Time().Format(instantLayout) }

// MarshalJSON writes the form used on the wire.
func (i Instant) MarshalJSON() ([]byte, error) {
	return i.append(make([]byte, 0, len(instantLayout)+2)), nil
}

func (i Instant) append(b []byte) []byte {
	t := i.Time()
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	if year < 0 || year > 9999 {
		b = append(b, '"')
		b = t.AppendFormat(b, instantLayout)
		return append(b, '"')
	}
	// By hand: a list of messages has many of them, and a layout is read anew for each.
	b = append(b, '"', digit(year/1000), digit(year/100), digit(year/10), digit(year), '-', digit(int(month)/10), digit(int(month)), '-', digit(day/10), digit(day), 'T')
	b = append(b, digit(hour/10), digit(hour), ':', digit(minute/10), digit(minute), ':', digit(second/10), digit(second), '.')
	milli := t.Nanosecond() / 1e6
	return append(b, digit(milli/100), digit(milli/10), digit(milli), 'Z', '"')
}

// digit is the last one of n.
func digit(n int) byte { return '0' + byte(n%10) }

// UnmarshalJSON reads any RFC 3339 time; the empty string is the zero instant.
func (i *Instant) UnmarshalJSON(b []byte) error {
	s, err := strconv.Unquote(string(b))
	if err != nil {
		return Refuse(BadRequest)
	}
	if s == "" {
		*i = 0
		return nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return Refuse(BadRequest)
	}
	*i = At(t)
	return nil
}

// plainID reports whether s can stand as an id of at most limit bytes: visible ASCII or letters
// of any script, no space of any kind, nothing that nobody sees.
func plainID(s string, limit int) bool {
	if s == "" || len(s) > limit {
		return false
	}
	for _, r := range s {
		if r <= ' ' || r >= 0x7f && !unicode.IsPrint(r) || r == utf8.RuneError || r == '"' || r == '\\' || r == '/' {
			return false
		}
	}
	return true
}

// Valid reports whether u can name a person.
func (u UserID) Valid() bool { return plainID(string(u), Limits.UserIDBytes) }

// Valid reports whether r can name a room.
func (r RoomID) Valid() bool { return plainID(string(r), Limits.IDBytes) }

// Valid reports whether m can name a message.
func (m MessageID) Valid() bool { return plainID(string(m), Limits.IDBytes) }
