package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"

	"sendjay/shared/protocol"
)

func TestTheLastTroublesAreKeptAndNothingElse(t *testing.T) {
	log := slog.New(keepTroubles(slog.NewTextHandler(io.Discard, nil))).With("part", "tray")
	log.Info("all is well")
	for i := range keptTroubles + 3 {
		log.With("n", i).Warn("the line is down", "error", errors.New("no route"))
	}
	got := latestTroubles(log)
	if len(got) != keptTroubles {
		t.Fatalf("%d lines", len(got))
	}
	if last := got[len(got)-1]; !strings.HasSuffix(last, fmt.Sprintf(`WARN the line is down part="tray" n="%d" error="no route"`, keptTroubles+2)) {
		t.Errorf("the last one is %q", last)
	}
	if strings.Contains(strings.Join(got, "\n"), "all is well") {
		t.Error("good news is kept as well")
	}
}

func TestTheMenuOffersWhatIsUnreadAndThenTheLatestRooms(t *testing.T) {
	onDesk(t, func(d *desk) {
		d.step(func() {
			d.recent = recent{titles: map[protocol.RoomID]string{}}
			for i := range 7 {
				id := protocol.RoomID(fmt.Sprintf("q%d", i))
				d.recent.ids = append(d.recent.ids, id)
				d.recent.titles[id] = "Quiet " + string(id)
			}
		})
		d.comes("r1", "lee", "hello")
		d.step(func() {})
		var labels []string
		for _, r := range d.seen.rooms {
			labels = append(labels, r.label)
		}
		if got := strings.Join(labels, ", "); got != "Room r1 (1), Quiet q0, Quiet q1, Quiet q2, Quiet q3, Quiet q4" {
			t.Errorf("the menu offers %s", got)
		}
		d.reads("r1")
		d.step(func() {})
		if got := d.seen.rooms; len(got) != 5 || got[0].id != "r1" || got[0].label != "Room r1" {
			t.Errorf("read, the room is not the latest one: %+v", got)
		}
	})
}
