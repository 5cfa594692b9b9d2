package main

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"sendjay/desktop/engine"
	"sendjay/desktop/toast"
	"sendjay/desktop/tray/icon"
	"sendjay/shared/notify"
	"sendjay/shared/protocol"
)

// server is what the app asks of the line to the server.
type server interface {
	// Get asks for path under /api/v1 and decodes the answer.
	Get(ctx context.Context, path string, into any) error
	// Lost returns since when nothing came over the last line.
	Lost() time.Time
	// SignOut ends the session of this device, at the server too where it can be reached.
	SignOut(ctx context.Context) error
}

// loopback is what the app asks of the edge.
type loopback interface {
	// Boot returns a fresh one-use link: of one room alone if one is named.
	Boot(room protocol.RoomID) (string, error)
	// Address returns where the edge listens, as host:port.
	Address() string
	// Open asks the page that is there to show a room.
	Open(room protocol.RoomID, seq protocol.Seq)
	// Reply sends a text, Read moves my cursor, as a window would.
	Reply(room protocol.RoomID, text string, done func(error))
	Read(room protocol.RoomID, seq protocol.Seq)
	// Forget wipes what this device keeps of the person who signs out.
	Forget()
	// AskWhether asks my other devices of which messages they have told me, asked hears how many there are; Told answers one
	// of them.
	AskWhether(q protocol.AskWhether, asked func(protocol.Asked))
	Told(t protocol.Told)
	// Because answers one that asks why.
	Because(b protocol.Because)
}

// corner is where notifications appear: a toast.Board.
type corner interface {
	Show(toast.Toast)
	Withdraw(protocol.RoomID)
	WithdrawAll()
	Abilities() toast.Abilities
}

// loads is what the app asks of what was brought to the downloads folder: a download.Downloads.
type loads interface {
	Open(id string) error
	Reveal(id string) error
}

// face is the tray icon with its menu; there is none without a session bus.
type face interface {
	icon(icon.Status)
	show(view)
}

// starter is the system as it starts programs: a startup.System.
type starter interface {
	AtSignIn() (bool, error)
	SetAtSignIn(on bool) error
	Links() error
}

// memory is what the app remembers across restarts.
type memory interface {
	// Recall returns "" for what was never remembered.
	Recall(key string) string
	Remember(key, value string)
}

// The keys of memory.
const (
	keyPlace = "window.place"
	keyZoom  = "window.zoom"
	keyQuiet = "quiet.until"
	keyFell  = "engine.fell"  // the versions of the web engine that failed here
	keyAware = "engine.told"  // the version of which the person was told that something speaks against it
	keyShown = "window.shown" // "", seenThere, or what a window was to show when the tray had to make room first
)

// seenThere says that there was a window on the screen.
const seenThere = "yes"

// app is the status of this device and what follows from it. All fields below loop belong to the
// goroutine of run; everything comes in through do.
type app struct {
	log    *slog.Logger
	say    func(key string, pairs ...any) string
	server server
	edge   loopback
	corner corner
	memory memory
	loads  loads
	pane   *pane
	own    map[protocol.RoomID]*pane // the rooms that have a window of their own
	// frame makes such a window, without starting it.
	frame func(protocol.RoomID) *pane
	// test goes the whole way to the server anew.
	test func(context.Context) protocol.LineCheck
	// proxy is how the server is reached: system, direct, or the address of a proxy.
	proxy string
	// preview says what a notification shows: full, sender or none.
	preview string
	quit    func()
	// lonely reports that no tray icon is to be seen.
	lonely func() bool
	// self returns what this device would say of the person in front of it.
	self func() protocol.Attention
	// setting returns one of the settings that the page keeps with us.
	setting func(key string) string
	// keepSetting changes one of those settings.
	keepSetting func(key string, to bool)
	// moves asks the system whether things may move there.
	moves func() bool
	// unable tells the other devices whether notifications can be shown here.
	unable func(bool)
	// holds tells them that nothing shall be shown on this screen: because the system says so, and whether a window that fills
	// it counts as that.
	holds func(bySystem, byFull bool)
	// wipe removes what the web engine keeps.
	wipe func() error
	// pausing tells the other devices of do-not-disturb.
	pausing func(until time.Time)

	// stirs is told that something happens.
	stirs func()
	// system is how the system starts us.
	system starter

	ctx  context.Context
	loop chan func()

	face     face
	link     protocol.Link
	me       protocol.User
	session  protocol.SessionID
	others   map[protocol.SessionID]protocol.DeviceAttention
	newest   map[protocol.SessionID]int // when each device last reported; "" is this one
	reports  int
	locked   bool
	heldEnd  *time.Timer                      // when a system that calls nobody is asked again
	later    map[protocol.RoomID]kept         // kept for a summary
	summed   bool                             // a summary stands there
	summedTo map[protocol.RoomID]protocol.Seq // and told of these rooms, up to there
	mine     protocol.NotifySettings
	holidays []protocol.Holiday
	hoursEnd *time.Timer // the end of the quiet hours
	lost     time.Time   // when the line was lost
	told     string      // what was remembered of it last
	able     toast.Abilities
	tally    *tally
	recent   recent
	synced   bool // the list of unread rooms was had once for this person
	counting counting
	gap      time.Duration                    // without a line, as far as no count has followed on it
	invited  map[protocol.RoomID]protocol.Seq // rooms that I was brought into and have not looked at, as far as considered
	owed     map[protocol.RoomID]protocol.Seq // rooms whose newest message is still to be had, and how far each was told of
	catching *catchUp                         // what is to be said after a break, while my other devices are asked
	asks     int64                            // how often they were
	alerts   map[protocol.RoomID]*alert
	journal  journal
	stands   standing
	leaving  bool // the person signs out, and nothing more is written down of him
	quiet    time.Time
	quietEnd *time.Timer
	moved    string // where a profile that could not be read is now
	flaws    engine.Flaws
	runtimes func() []engine.Found // the web engines of this computer among which there is a choice; nil for none
	noWindow string                // why the window cannot be had, "" while it can
	wanted   place                 // what the window was asked to show last
	icon     icon.Status
	view     view
	drawn    bool
	blink    blink

	renewal renewal
	unwell  bool // this version ends because it is not well

	atStart, atStartFixed bool // started at sign-in, and not by the person's choice
}

// do hands something to the loop. It never blocks the loop itself, and is a no-op once the app ends.
func (a *app) do(job func()) {
	if a.stirs != nil {
		a.stirs()
	}
	select {
	case a.loop <- job:
	case <-a.ctx.Done():
	}
}

// run is the loop. After every job the icon and the menu are a view of the status again.
func (a *app) run() {
	a.draw()
	for {
		select {
		case job := <-a.loop:
			job()
			a.draw()
		case <-a.ctx.Done():
			a.keepTold()
			a.journal.flush()
			return
		}
	}
}

// reset forgets the person: at the start, at sign-out, and when somebody else signs in.
func (a *app) reset(who protocol.User) {
	was := a.me.ID
	a.me = who
	if a.leaving {
		a.forgetNotes()
		a.leaving = false
	}
	a.tally = newTally(who.ID)
	a.recent = recent{}
	a.others = map[protocol.SessionID]protocol.DeviceAttention{}
	a.newest = map[protocol.SessionID]int{}
	a.later = map[protocol.RoomID]kept{}
	a.summed, a.summedTo, a.told, a.lost = false, nil, "", time.Time{}
	a.mine, a.holidays = a.recallMine(who.ID)
	a.journal.of(who.ID)
	for _, al := range a.alerts {
		al.stop()
	}
	a.alerts = map[protocol.RoomID]*alert{}
	a.synced = false
	a.counting.stop()
	a.dropCatchUp()
	a.gap, a.owed, a.invited = 0, map[protocol.RoomID]protocol.Seq{}, map[protocol.RoomID]protocol.Seq{}
	// What stands there before anybody is known, such as that a file has come, is no other person's.
	if a.corner != nil && was != "" {
		a.corner.WithdrawAll()
	}
	if was != "" && was != who.ID {
		a.memory.Remember(keySweep, "yes")
		a.sweep()
	}
	a.takeUp()
	if who.ID != "" {
		a.keepStandingSoon() // what is kept of him may be of long ago
	}
}

// open shows the window, at this place if one is named. The token comes from the click that asked for it.
func (a *app) open(at place, token string) {
	p := cmp.Or(a.own[at.room], a.pane)
	if p.proc != nil && at.room != "" {
		a.edge.Open(at.room, at.seq)
	}
	a.noWindow, a.wanted = "", at
	p.show(at.fragment(), token)
}

// showDiagnosis opens the window with what this device says of itself, ready to be copied.
func (a *app) showDiagnosis() {
	const at = "#/diagnose"
	if a.pane.proc != nil && !a.pane.asked {
		// The page that is there stays: only its fragment is another one.
		a.pane.write("load http://" + a.edge.Address() + "/" + at)
	}
	a.noWindow, a.wanted = "", place{}
	a.pane.show(at, "")
}

// windowBroken is told by the pane; the person is told, and gets what was wanted in the browser.
func (a *app) windowBroken(why error) {
	a.log.Warn("the window cannot be shown; the browser can be used instead", "error", why)
	a.noWindow = why.Error()
	a.corner.Show(toast.Toast{Room: noticeRoom, Title: a.say("tray.no_window"), Body: a.say("tray.no_window_hint")})
	a.inBrowser(a.wanted)
}

// windowSeen notes whether there is a window on the screen, for a tray that has to take over from this one.
func (a *app) windowSeen(shown bool) {
	if now := map[bool]string{true: seenThere}[shown]; a.memory.Recall(keyShown) != now {
		a.memory.Remember(keyShown, now)
	}
	a.renewal.closed = time.Now()
}

// inBrowser opens the page in the system's browser. The link works once.
func (a *app) inBrowser(at place) {
	link, err := a.edge.Boot("")
	if err == nil {
		err = browse(link + at.fragment())
	}
	if err != nil {
		a.log.Error("no browser either", "error", err)
	}
}

// damaged tells the person that the profile could not be read any more.
func (a *app) damaged(old string) {
	a.moved = old
	a.corner.Show(toast.Toast{Room: noticeRoom, Title: a.say("tray.damaged"), Body: a.say("tray.damaged_hint")})
}

// noticeRoom stands for notices that belong to no room. It is no valid room id.
const noticeRoom protocol.RoomID = "/"

// said is a line of the window that is not about the window's own life.
func (a *app) said(word, rest string) {
	switch word {
	case "moved":
		a.memory.Remember(keyPlace, rest)
	case "zoom":
		a.memory.Remember(keyZoom, rest)
	case "open-external":
		if err := browse(rest); err != nil {
			a.log.Info("an address was not opened", "error", err)
		}
	}
}

// pause is do-not-disturb.
func (a *app) pause(p pause) {
	a.quietUntil(pauseEnd(p, time.Now()))
}

// pauseEnd returns when the pause ends; the zero time for none. Tomorrow begins at nine in the morning.
func pauseEnd(p pause, now time.Time) time.Time {
	switch p {
	case halfHour:
		return now.Add(30 * time.Minute)
	case oneHour:
		return now.Add(time.Hour)
	case untilTomorrow:
		y, m, d := now.Date()
		return time.Date(y, m, d+1, 9, 0, 0, 0, now.Location())
	}
	return time.Time{}
}

func (a *app) quietUntil(end time.Time) {
	if a.quietEnd != nil {
		a.quietEnd.Stop()
		a.quietEnd = nil
	}
	a.quiet = end
	kept := ""
	if !end.IsZero() {
		kept = end.UTC().Format(time.RFC3339)
		a.quietEnd = time.AfterFunc(time.Until(end), func() { a.do(func() { a.quietUntil(time.Time{}) }) })
		// Nothing new shall disturb, and what stands there no longer.
		a.corner.WithdrawAll()
	}
	a.memory.Remember(keyQuiet, kept)
	a.pausing(end)
	if end.IsZero() {
		a.summary()
	}
}

// recallQuiet takes up a pause that a restart has cut.
func (a *app) recallQuiet() {
	if end, err := time.Parse(time.RFC3339, a.memory.Recall(keyQuiet)); err == nil && time.Now().Before(end) {
		a.quietUntil(end)
	}
}

// reported notes that a device has said something, this one or another: the order counts.
func (a *app) reported(id protocol.SessionID) {
	a.reports++
	a.newest[id] = a.reports
}

// looked is told when the attention of this device has changed. What was kept back looks each time whether it still has
// to wait, for a lock or a presentation may come and go while the report of something else is on its way.
func (a *app) looked(now protocol.Attention) {
	a.reported("")
	a.locked = now.Locked
	a.summary()
	a.maybeRenew()
}

// devices returns what is known of the person's devices, the newest report first.
func (a *app) devices() []notify.Device {
	now := protocol.At(time.Now())
	self := a.self()
	self.Quiet, self.Unable = 0, a.able.Service == ""
	if !a.quiet.IsZero() {
		self.Quiet = protocol.At(a.quiet)
	}
	ids := []protocol.SessionID{""}
	for id := range a.others {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(x, y protocol.SessionID) int {
		return cmp.Or(cmp.Compare(a.newest[y], a.newest[x]), cmp.Compare(x, y))
	})
	var all []notify.Device
	for _, id := range ids {
		if id == "" {
			all = append(all, notify.Report(protocol.Desktop, self, true, now))
		} else if d := a.others[id]; id != a.session && !d.Gone {
			all = append(all, notify.Report(d.Device, d.Attention, false, now))
		}
	}
	return all
}
