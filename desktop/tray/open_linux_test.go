package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"sendjay/desktop/desktoptest/screen"
	"sendjay/desktop/tray/icon"
	"sendjay/shared/protocol"
)

const (
	// opensWithin is the longest that a window may take from nothing to what it showed last.
	opensWithin = time.Second
	openings    = 7
	// Letters and pictures of people have this many colours; the ground of a window and a spinner do not.
	rowColours = 30
)

// BenchmarkTheWindowOpensFromNothing clicks on the tray's icon while no process of the window runs, and looks at the
// screen until the rooms stand there, with a server and without.
func BenchmarkTheWindowOpensFromNothing(b *testing.B) {
	b.Setenv("SENDJAY_RATE_LIMITS", "off")
	h := build(b)
	people := []string{"lee", "han", "park", "choi", "jung", "kang"}
	h.serve(append(people, "kim")...)
	s := screen.Start(b)
	h.env = append(h.env, "DISPLAY="+s.Name, "GDK_BACKEND=x11")
	if err := os.Rename(windowBinary(b), filepath.Join(h.bin, asWindow)); err != nil {
		b.Fatal(err)
	}
	_, i := h.released("--window-idle-exit", "0")
	for _, id := range people {
		p := h.person(protocol.UserID(id))
		p.send(p.room(), "점심 먹으러 갈까요?")
	}
	h.looks(i, icon.Status{Unread: len(people)})

	// The window manager puts the only window into the middle: here lie its rooms.
	look := s.Look(180, 230, 300, 300)
	opened := func() time.Duration {
		began := time.Now()
		i.Click()
		s.Watch("the rooms on the screen", func() bool { return look() >= rowColours })
		return time.Since(began)
	}
	gone := func() {
		s.Key("alt+F4")
		s.Await("the window's processes to go", func() bool { return len(enginesOf(b, s.Name)) == 0 && look() < rowColours })
	}
	opened() // from nothing at all: its copy is made now
	h.await("a copy on the disk", func() bool { return copied(b, h.profile()) })
	gone()
	b.ResetTimer()
	opensAgain(b, "with a server", opened, gone)
	h.kill()
	h.looks(i, icon.Status{Unread: len(people), Offline: true})
	opensAgain(b, "without", opened, gone)
	b.ReportMetric(0, "ns/op")
}

func opensAgain(b *testing.B, when string, opened func() time.Duration, gone func()) {
	b.Helper()
	var took []time.Duration
	for range openings {
		took = append(took, opened())
		gone()
	}
	slices.Sort(took)
	median := took[openings/2]
	fmt.Printf("window from nothing, %s: rooms on the screen after %v (from %v to %v), %.2f of the target\n", when,
		median.Round(time.Millisecond), took[0].Round(time.Millisecond), took[openings-1].Round(time.Millisecond), median.Seconds()/opensWithin.Seconds())
	b.ReportMetric(median.Seconds(), "s-"+map[bool]string{true: "offline", false: "online"}[when == "without"])
}
