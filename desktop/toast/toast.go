// Package toast shows, replaces and withdraws one system notification per room.
// It knows how each system wants that done; it does not know whether anybody should be disturbed.
//
// On Linux the notification service is spoken to over D-Bus, on Windows the notification platform by its own
// interface. Where neither is there, beeep can show and nothing else; Abilities says so.
package toast

import (
	"log/slog"
	"strings"
	"unicode"

	"sendjay/shared/protocol"
)

// Toast is what a person sees.
type Toast struct {
	Room  protocol.RoomID
	Title string
	Body  string
	// Seq is the message that it tells of; 0 for a notice, which can be neither answered nor marked as read.
	Seq protocol.Seq
	// Silent asks for no sound: the text of a notification that is already there has changed.
	Silent bool
	// Standing shows it only in place of one that still stands there.
	Standing bool
	// Sound is one of Sounds, "" for the system's own.
	Sound string
	// Stay is one of Stays, "" for as long as the system likes.
	Stay string
	// Actions, where there are any, are shown in place of those of a message; Config.Acted hears of them, and of a
	// click as "default".
	Actions []Action
	// Click says what a click does, for services that show it; "" is Config.Open.
	Click string
}

// Action is a button of a notification.
type Action struct{ Key, Label string }

// Sounds are the names that a person can choose from. SoundNone is no sound at all.
var Sounds = []string{SoundNone, "soft", "bright", "bell"}

// Stays are how long a notification stands on the screen, as far as the system lets a program say so. However
// short that is, it stays in the system's list until it was read.
var Stays = []string{StayShort, StayLong, StayUntil}

// The lengths of time to choose from; StayUntil is until the person does something about it.
const (
	StayShort = "short"
	StayLong  = "long"
	StayUntil = "until"
)

// SoundNone keeps a notification silent.
const SoundNone = "none"

// Config holds what a Board needs. Only Opened is required.
type Config struct {
	// Opened is called when a notification was clicked. The token lets a window come to the front
	// under Wayland; it is "" elsewhere. It and the functions below are called from one goroutine, and must
	// not block; those below may be nil.
	Opened func(room protocol.RoomID, seq protocol.Seq, token string)
	// Read is called when a person marked the room as read up to seq, Replied with what was answered.
	Read    func(room protocol.RoomID, seq protocol.Seq)
	Replied func(room protocol.RoomID, seq protocol.Seq, text string)
	// Acted is called when one of a notification's own actions was chosen.
	Acted func(room protocol.RoomID, action, token string)
	// Stands is called with all that stands there when that has become other. Whoever keeps it can hand it to the board of
	// the next program.
	Stands func([]Standing)
	// Able is called when it turns out whether notifications can be shown, and when that changes.
	Able func(Abilities)
	// Open, MarkRead and Reply are the labels of the actions, for services that show them.
	Open, MarkRead, Reply string
	// Picture is our mark as a PNG file, for systems that want one with every notification.
	Picture []byte
	Log     *slog.Logger
}

// Standing is a notification that stands there, and may outlive the program that showed it.
type Standing struct {
	Toast Toast
	// Service is who shows it and ID its number there, where the room alone does not lead back to it.
	Service string `json:",omitempty"`
	ID      uint32 `json:",omitempty"`
	// Past is set once it went off the screen by itself; it stands in the list of the service then.
	Past bool `json:",omitempty"`
}

// Abilities says what the notifications of this system can do here.
type Abilities struct {
	Service  string // "" when there is none
	Withdraw bool
	Click    bool
	// Reply is set where an answer can be typed into the notification, Sound where the service plays one.
	Reply bool
	Sound bool
	// Stay is set where the system heeds how long a notification shall stand on the screen.
	Stay bool
	// Held is set while the system says that it shows nothing just now: somebody presents, a program fills the screen, or
	// the person asked the system for quiet. What is shown meanwhile waits in the notification centre.
	Held bool
}

// The lengths a notification is cut to: more is shown nowhere and only costs.
const (
	titleRunes = 80
	bodyRunes  = 300
)

// plain returns t with one-line title and bounded texts, without control characters.
func (t Toast) plain() Toast {
	t.Title = cut(t.Title, titleRunes, false)
	t.Body = cut(t.Body, bodyRunes, true)
	return t
}

func cut(s string, limit int, lines bool) string {
	var b strings.Builder
	n := 0
	for _, r := range strings.TrimSpace(s) {
		if r == '\n' && lines {
			// kept
		} else if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			r = ' '
		}
		if n++; n > limit {
			return strings.TrimRight(b.String(), " \n") + "…"
		}
		b.WriteRune(r)
	}
	return b.String()
}
