package main

import (
	"slices"
	"strings"
	"time"

	"sendjay/desktop/tray/icon"
	"sendjay/shared/protocol"
)

// draw brings icon, tooltip and menu in line with the status, where they differ from it.
func (a *app) draw() {
	if a.face == nil || a.tally == nil {
		return
	}
	n, dot := a.tally.total()
	s := icon.Status{
		Offline: a.link.State != protocol.Online, Unread: n, Dot: dot, Quiet: time.Now().Before(a.quiet),
	}.Canonical()
	s.Blank = a.blank(s)
	if !a.drawn || s != a.icon {
		a.face.icon(s)
	}
	v := view{
		tooltip: a.tooltip(n), quiet: s.Quiet, pause: a.say("tray.quiet"), signedIn: a.me.ID != "" && a.link.State != protocol.SignedOut,
		about:   a.say("tray.about", "version", protocol.Version, "state", a.stateWord()),
		browser: a.noWindow != "", dumb: a.able.Service == "",
		update: a.updateLine(), atStart: a.atStart, fixed: a.atStartFixed,
	}
	if s.Quiet {
		v.pause = a.say("tray.quiet_now", "time", a.quiet.Local().Format("15:04"))
	}
	v.rooms = a.lines()
	if !a.drawn || !v.same(a.view) {
		a.face.show(v)
	}
	a.icon, a.view, a.drawn = s, v, true
}

func (a *app) tooltip(unread int) string {
	parts := []string{"Sendjay"}
	if a.me.Name != "" {
		parts = append(parts, a.me.Name)
	}
	if a.link.State != protocol.Online {
		parts = append(parts, a.stateWord())
	}
	if time.Now().Before(a.quiet) {
		parts = append(parts, a.say("tray.quiet_until", "time", a.quiet.Local().Format("15:04")))
	}
	if unread > 0 {
		parts = append(parts, a.say("tray.unread", "n", unread))
	}
	return strings.Join(parts, " · ")
}

func (a *app) stateWord() string {
	switch a.link.State {
	case protocol.Online:
		if a.link.Plain {
			return a.say("tray.state_plain")
		}
		return a.say("tray.state_" + string(a.link.State))
	case protocol.Connecting, protocol.SignedOut, protocol.TakenOver:
		return a.say("tray.state_" + string(a.link.State))
	}
	word := a.say("tray.state_" + string(protocol.Offline))
	if a.link.Why != "" {
		word += ": " + a.why()
	}
	return word
}

// why says in a few words why there is no line.
func (a *app) why() string {
	if c := a.link.Certificate; a.link.Why == protocol.WhyCertificate && c != nil && c.Kind != "" {
		return a.say("tray.certificate_" + string(c.Kind))
	}
	return a.say("tray.why_" + string(a.link.Why))
}

func (v view) same(w view) bool {
	return slices.Equal(v.rooms, w.rooms) &&
		v.tooltip == w.tooltip && v.about == w.about && v.quiet == w.quiet && v.pause == w.pause && v.signedIn == w.signedIn && v.browser == w.browser && v.dumb == w.dumb && v.update == w.update && v.atStart == w.atStart && v.fixed == w.fixed
}

// oneLine keeps a menu entry in bounds.
func oneLine(s string) string {
	r := []rune(strings.Join(strings.Fields(s), " "))
	if len(r) > 40 {
		return string(r[:39]) + "…"
	}
	return string(r)
}
