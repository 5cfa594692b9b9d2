package toast

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"

	"sendjay/shared/protocol"
)

// This file is how Windows wants a notification described; it is here for all systems so that it is tested on all.

// tagOf is the name under which Windows knows the notification of a room: at most 64 characters, whatever the
// room is called.
func tagOf(room protocol.RoomID) string {
	sum := sha256.Sum256([]byte(room))
	return hex.EncodeToString(sum[:16])
}

// linkOf is the address that a click opens. It starts the program where it does not run.
func linkOf(t Toast) string {
	room := url.PathEscape(string(t.Room))
	switch {
	case !t.Room.Valid(): // a notice
		return "sendjay://"
	case t.Seq > 0:
		return fmt.Sprintf("sendjay://message/%s/%d", room, t.Seq)
	}
	return "sendjay://room/" + room
}

// eventsOf are our sounds among those that Windows plays for notifications.
var eventsOf = map[string]string{"soft": "IM", "bright": "Mail", "bell": "Reminder"}

// lasting is how Windows is told how long a notification stands there: about seven seconds, twenty-five, or until the
// person does something. The last it grants only to what has buttons; the words of the second are its own.
func lasting(t Toast, open string) (attributes, buttons string) {
	switch t.Stay {
	case StayShort:
		return ` duration="short"`, ""
	case StayLong:
		return ` duration="long"`, ""
	case StayUntil:
		return ` scenario="reminder"`, `<actions><action activationType="protocol" content="` + quoted(open) + `" arguments="` + quoted(linkOf(t)) +
			`"/><action activationType="system" arguments="dismiss" content=""/></actions>`
	}
	return "", ""
}

// document describes t as Windows reads it; open is the label of the button that does what a click does.
func document(t Toast, open string) string {
	audio := `<audio src="ms-winsoundevent:Notification.Default"/>`
	if event := eventsOf[t.Sound]; event != "" {
		audio = `<audio src="ms-winsoundevent:Notification.` + event + `"/>`
	}
	if t.Silent || t.Sound == SoundNone {
		audio = `<audio silent="true"/>`
	}
	attributes, buttons := lasting(t, open)
	return `<toast activationType="protocol" launch="` + quoted(linkOf(t)) + `"` + attributes + `><visual><binding template="ToastGeneric"><text>` +
		quoted(t.Title) + `</text><text>` + quoted(t.Body) + `</text></binding></visual>` + buttons + audio + `</toast>`
}

// quoted lets a text stand in XML as it was written; what XML cannot hold becomes a replacement character.
func quoted(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder never fails
	return b.String()
}
