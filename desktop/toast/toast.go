// Package toast shows, replaces and withdraws one system notification per room.
// It knows how each system wants that done; it does not know whether anybody should be disturbed.
//
// On Linux the notification service is spoken to over D-Bus: replacing, withdrawing and clicks all work.
// On Windows and macOS beeep is used for now, which can show and nothing else; Abilities says so.
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
	// Silent asks for no sound: the text of a notification that is already there has changed.
	Silent bool
}

// Config holds what a Board needs. Only Opened is required.
type Config struct {
	// Opened is called when a notification was clicked. The token lets a window come to the front
	// under Wayland; it is "" elsewhere. It is called from one goroutine, and must not block.
	Opened func(room protocol.RoomID, token string)
	// Open is the label of the click action, for services that show it.
	Open string
	Log  *slog.Logger
}

// Abilities says what the notifications of this system can do here.
type Abilities struct {
	Service  string // "" when there is none
	Withdraw bool
	Click    bool
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
