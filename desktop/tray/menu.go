package main

import (
	"runtime"
	"strings"

	"fyne.io/systray"

	"sendjay/shared/protocol"
)

// roomSlots is how many rooms the menu has a place for. The places are made once and hidden while
// empty, because some panels forget the order when entries come and go.
const roomSlots = 8

// pause is one choice of do-not-disturb.
type pause int

// The choices, in the order of the menu.
const (
	halfHour pause = iota
	oneHour
	untilTomorrow
	off
)

// wishes is what a menu can ask for.
type wishes struct {
	open    func(protocol.RoomID)
	browser func()
	pause   func(pause)
	atStart func()
	update  func()
	about   func()
	signOut func()
	quit    func()
}

// view is what icon, tooltip and menu show: a picture of the app's status, and nothing else.
type view struct {
	tooltip  string
	about    string
	rooms    []roomLine
	quiet    bool
	pause    string // how do-not-disturb is called, with its end while it is on
	signedIn bool
	browser  bool
	update   string // how the entry about newer versions is called, "" for none
	atStart  bool   // the system starts us at sign-in
	fixed    bool   // and that cannot be changed here
	dumb     bool   // notifications cannot be shown here
}

type roomLine struct {
	id    protocol.RoomID
	label string
}

// menu is the tray's menu. Its methods are called from the app's loop.
type menu struct {
	say     func(key string, pairs ...any) string
	slots   [roomSlots]*systray.MenuItem
	rooms   [roomSlots]protocol.RoomID // what stands in the slots
	quiet   *systray.MenuItem
	pauses  [4]*systray.MenuItem
	about   *systray.MenuItem
	browser *systray.MenuItem
	atStart *systray.MenuItem
	update  *systray.MenuItem
	signOut *systray.MenuItem
	dumb    *systray.MenuItem
	shown   view
	drawn   bool
}

// build makes the entries. It runs once, before anything is shown, and returns soon: the library
// answers no question about the menu until then.
func (m *menu) build(do func(func()), w wishes) {
	// Clicks come through a channel without a buffer and are dropped when nobody listens,
	// so every entry has somebody who does nothing else.
	on := func(item *systray.MenuItem, wish func()) *systray.MenuItem {
		go func() {
			for range item.ClickedCh {
				do(wish)
			}
		}()
		return item
	}
	on(systray.AddMenuItem(m.say("tray.open"), ""), func() { w.open("") })
	for i := range m.slots {
		m.slots[i] = on(systray.AddMenuItem("-", ""), func() { w.open(m.rooms[i]) })
		m.slots[i].Hide()
	}
	systray.AddSeparator()
	m.quiet = systray.AddMenuItem(m.say("tray.quiet"), "")
	for i, key := range []string{"tray.quiet_half_hour", "tray.quiet_hour", "tray.quiet_tomorrow", "tray.quiet_off"} {
		m.pauses[i] = on(m.quiet.AddSubMenuItemCheckbox(m.say(key), "", false), func() { w.pause(pause(i)) })
	}
	m.browser = on(systray.AddMenuItem(m.say("tray.browser"), ""), w.browser)
	m.browser.Hide()
	systray.AddSeparator()
	m.dumb = systray.AddMenuItem(m.say("tray.no_notifications"), "")
	m.dumb.Disable()
	m.dumb.Hide()
	m.atStart = on(systray.AddMenuItemCheckbox(m.say("tray.at_sign_in"), "", false), w.atStart)
	m.update = on(systray.AddMenuItem("-", ""), w.update)
	m.update.Hide()
	m.about = systray.AddMenuItem("Sendjay", "")
	m.about.Disable()
	on(systray.AddMenuItem(m.say("tray.diagnose"), ""), w.about)
	m.signOut = on(systray.AddMenuItem(m.say("tray.sign_out"), ""), w.signOut)
	m.signOut.Hide()
	systray.AddSeparator()
	on(systray.AddMenuItem(m.say("tray.quit"), ""), w.quit)
}

// show brings the entries up to date; what has not changed is not touched, so that an open menu rests.
func (m *menu) show(v view) {
	old := m.shown
	m.shown = v
	for i, slot := range m.slots {
		var now, before roomLine
		if i < len(v.rooms) {
			now = v.rooms[i]
		}
		if i < len(old.rooms) {
			before = old.rooms[i]
		}
		m.rooms[i] = now.id
		switch {
		case now == before:
		case now.id == "":
			slot.Hide()
		default:
			slot.SetTitle(plainLabel(now.label))
			if before.id == "" {
				slot.Show()
			}
		}
	}
	if !m.drawn || v.quiet != old.quiet {
		check(m.pauses[off], !v.quiet)
	}
	if !m.drawn || v.atStart != old.atStart {
		check(m.atStart, v.atStart)
	}
	if v.fixed && !old.fixed {
		m.atStart.Disable()
	}
	if v.update != "" && v.update != old.update {
		m.update.SetTitle(plainLabel(v.update))
	}
	appear(m.update, v.update != "", old.update != "")
	if v.pause != old.pause {
		m.quiet.SetTitle(plainLabel(v.pause))
	}
	if v.about != old.about {
		m.about.SetTitle(plainLabel(v.about))
	}
	if v.tooltip != old.tooltip {
		systray.SetTooltip(v.tooltip)
	}
	appear(m.browser, v.browser, old.browser)
	appear(m.dumb, v.dumb, old.dumb)
	appear(m.signOut, v.signedIn, old.signedIn)
	m.drawn = true
}

func appear(item *systray.MenuItem, now, before bool) {
	if now && !before {
		item.Show()
	}
	if !now && before {
		item.Hide()
	}
}

func check(item *systray.MenuItem, on bool) {
	if on {
		item.Check()
	} else {
		item.Uncheck()
	}
}

// plainLabel keeps a title's own characters from being taken for the underlined letter of a shortcut.
func plainLabel(s string) string {
	if runtime.GOOS == "windows" {
		return strings.ReplaceAll(s, "&", "&&")
	}
	return strings.ReplaceAll(s, "_", "__")
}
