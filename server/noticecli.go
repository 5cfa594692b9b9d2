package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"sendjay/server/chat"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// notice says something to everybody, within seconds, or takes it back.
func (d *deskCLI) notice(ctx context.Context, words []string) error {
	a := protocol.Announcement{By: "Sendjay", At: protocol.At(time.Now())}
	switch {
	case words[0] == "clear" && len(words) == 1:
	case words[0] == "say" && (len(words) == 2 || len(words) == 3):
		if a.Text = protocol.Text(words[1]); len(words) == 3 {
			a.English = protocol.Text(words[2])
		}
		if strings.TrimSpace(string(a.Text)) == "" || a.Text.Runes() > protocol.Limits.AnnounceRunes || a.English.Runes() > protocol.Limits.AnnounceRunes {
			return errors.New("notice say: want a text of 1 to 500 characters")
		}
	default:
		return &usageError{"notice: want say TEXT [ENGLISH] or clear"}
	}
	if err := chat.AnnounceBeside(ctx, d.db, store.Act{Who: byCLI(), Act: "announce", About: a.Text}, a); err != nil {
		return err
	}
	return d.show(a, [][]any{{words[0], a.Text}})
}
