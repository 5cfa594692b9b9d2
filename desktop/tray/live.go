package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"fyne.io/systray"

	"sendjay/desktop/edge"
	"sendjay/desktop/keyring"
	"sendjay/desktop/link"
	"sendjay/desktop/policy"
	"sendjay/desktop/startup"
	"sendjay/desktop/state"
	"sendjay/desktop/ticket"
	"sendjay/desktop/toast"
	"sendjay/desktop/tray/icon"
	"sendjay/desktop/update"
	"sendjay/shared/locale"
	"sendjay/shared/protocol"
)

// live runs the parts until ctx ends, and ends them in the order in which they lean on each other.
func live(ctx context.Context, stop func(), s policy.Settings, only *instance, as birth, log *slog.Logger) error {
	memory, err := openState(ctx, s.Profile, log)
	if err != nil {
		return err
	}
	defer func() {
		if err := memory.Close(); err != nil {
			log.Error("not everything was kept", "error", err)
		}
	}()
	// Not before: the one that held the profile takes its own door away as it ends.
	if err := only.listen(); err != nil {
		return err
	}
	ring := keyring.New(keyring.Config{Dir: s.Profile, NoFile: !s.SecretFile, Log: log})
	seal(memory, ring, log)
	up, err := connect(s, memory, ring, log)
	if err != nil {
		return err
	}
	a := &app{
		log: log, say: locale.Of(language(memory)).Say, server: up, test: up.Check, memory: notes{memory, log},
		preview: s.Preview, proxy: proxyKind(s.Proxy), quit: stop, ctx: ctx, loop: make(chan func(), 64),
	}
	a.moves = func() bool { return !calm(s) && moves() }
	a.stirs = new(drowse).stir
	a.setting = func(key string) string { return setting(memory, key) }
	a.keepSetting = func(key string, to bool) {
		raw := json.RawMessage(strconv.FormatBool(to))
		if had, err := memory.Get(state.Settings, key); err == nil && string(had) != string(raw) {
			if err := memory.Put(state.Settings, key, raw); err != nil {
				log.Warn("a setting cannot be kept", "key", key, "error", err)
			}
		}
	}
	a.journal.disk, a.journal.log = memory, log
	a.journal.later = func(wait time.Duration, job func()) { time.AfterFunc(wait, func() { a.do(job) }) }
	if self, err := os.Executable(); err == nil {
		a.system = startup.System{Program: self}
	}
	board := toast.New(toast.Config{
		Open: a.say("toast.open"), MarkRead: a.say("toast.mark_read"), Reply: a.say("toast.reply"), Log: log,
		Picture: icon.PNG(icon.Draw(icon.Status{}, icon.Size)),
		Opened: func(room protocol.RoomID, seq protocol.Seq, token string) {
			a.do(func() { a.clicked(room, seq, token) })
		},
		Read: func(room protocol.RoomID, seq protocol.Seq) { a.do(func() { a.marked(room, seq) }) },
		Replied: func(room protocol.RoomID, seq protocol.Seq, text string) {
			a.do(func() { a.replied(room, seq, text) })
		},
		Acted: func(room protocol.RoomID, action, token string) { a.do(func() { a.acted(room, action, token) }) },
		Able:  func(now toast.Abilities) { a.do(func() { a.ableTo(now) }) },
		// A tray that ends keeps by itself what stands there then.
		Stands: func(all []toast.Standing) { a.do(func() { a.stood(all) }) },
	})
	defer func() {
		if !a.renewal.now { // else another version takes them over
			board.WithdrawAll() // nobody would hear a click any more
			a.stands.all = nil
		}
		board.Close()
		a.keepStanding()
	}()
	a.corner, a.stands.disk = board, memory
	left := legacy(memory)
	board.TakeOver(left.Standing, func(found []toast.Standing) {
		left.Standing = found
		a.do(func() { a.inherited(left) })
	})
	noTray := trayPossible(log)
	if noTray != nil {
		log.Warn("no tray icon can be shown here; starting Sendjay again opens the window", "error", noTray)
	}
	a.lonely = func() bool { return noTray != nil || !panelThere() }

	var running sync.WaitGroup
	end := func() {
		stop()
		only.deaf()
		running.Wait()
	}
	defer end()
	if err := around(ctx, &running, a, up, memory, s, log); err != nil {
		return err
	}
	a.reset(protocol.User{})
	a.link = up.State()
	up.Watch(link.Watcher{
		Moved:   func(l protocol.Link) { a.do(func() { a.linkMoved(l) }) },
		Greeted: func(h protocol.Hello) { a.do(func() { a.connected(h) }) },
		Pushed:  func(p link.Push) { a.do(func() { a.heard(p) }) },
	})
	over := make(chan struct{})
	running.Go(func() { defer close(over); a.run() })
	running.Go(func() { up.Run(ctx) })
	a.renewing(ctx, &running, up, s, log)
	running.Go(func() { only.hear(a.knocked) })
	a.do(a.sweep)
	a.do(a.recallQuiet)
	show, shown := a.wantsWindow(s, as), a.memory.Recall(keyShown)
	a.do(func() { a.settle(s, as) })
	if old := memory.Moved(); old != "" {
		log.Warn("the profile was damaged and begun anew", "old", old)
		a.do(func() { a.damaged(old) })
	}
	if s.SignIn {
		if err := signIn(ctx, up, os.Stdin); err != nil {
			return fmt.Errorf("sign-in: %w", err)
		}
	}
	if show {
		a.do(func() {
			if as != first && shown != seenThere {
				a.pane.show(shown, "") // that was asked of the one before
				return
			}
			a.open(place{}, "")
		})
	}
	if s.Open != "" {
		at, _ := readLink(s.Open) // was checked before
		a.do(func() { a.open(at, "") })
	}
	if noTray != nil {
		<-over
	} else {
		a.embody(over)
	}
	log.Info("ending")
	end()
	a.pane.quit()
	a.closeRooms()
	switch {
	case a.unwell:
		return errors.New("this version does not find its server")
	case a.renewal.now:
		return errRenew
	}
	return nil
}

// openState opens the profile. The lock on it is ours, so whoever has the file still is one whose watcher was killed, and who
// is ending.
func openState(ctx context.Context, dir string, log *slog.Logger) (*state.State, error) {
	for began := time.Now(); ; {
		memory, err := state.Open(dir)
		if !errors.Is(err, state.ErrBusy) || ctx.Err() != nil || time.Since(began) > endWithin {
			return memory, err
		}
		log.Info("waiting for the end of the one before")
	}
}

// renewing looks for newer versions, where this build can be replaced and IT wants that.
func (a *app) renewing(ctx context.Context, running *sync.WaitGroup, up *link.Link, s policy.Settings, log *slog.Logger) {
	r := &a.renewal
	u := updater(s, up, log)
	r.versions, r.closed = u, time.Now()
	r.auto, r.off = s.Updates == "auto" && s.Watch, s.Updates == "off"
	if s.Watch && u.Able() {
		r.image = imageOf(u.Program)
	}
	r.try = func(ctx context.Context) error { return up.Try(ctx, up.Server()) }
	if u.Trial() == protocol.Version {
		a.do(a.onTrial)
	}
	if r.off || !u.Able() {
		return
	}
	r.wishes = make(chan update.Wish, 4)
	running.Go(func() { update.Run(ctx, r.wishes, a.look) })
}

// signIn signs this device in with the id and the password that r begins with, a line each.
func signIn(ctx context.Context, up *link.Link, r io.Reader) error {
	lines := bufio.NewScanner(io.LimitReader(r, 4<<10))
	var given [2]string
	for i := range given {
		if !lines.Scan() {
			return errors.New("standard input has to hold an id and a password, a line each")
		}
		given[i] = strings.TrimSuffix(lines.Text(), "\r")
	}
	ctx, stop := context.WithTimeout(ctx, askWithin)
	defer stop()
	_, err := up.SignIn(ctx, protocol.UserID(given[0]), given[1], "")
	return err
}

// embody shows icon and menu until the loop is over.
func (a *app) embody(over <-chan struct{}) {
	m := &menu{say: a.say}
	// Id and meaning of a click are settled once, when the icon registers.
	systray.SetTitle("Sendjay")
	systray.SetOnTapped(func() { a.do(func() { a.open(place{}, "") }) })
	if runtime.GOOS == "linux" { // elsewhere nothing can be set before the icon is there
		systray.SetTooltip("Sendjay")
		systray.SetIcon(icon.PNG(icon.Hard(icon.Status{Offline: true})))
	}
	runTray(over, func() {
		m.build(a.do, wishes{
			open:    func(room protocol.RoomID) { a.open(place{room: room}, "") },
			browser: func() { a.inBrowser(place{}) },
			pause:   a.pause,
			atStart: a.toggleAtSignIn,
			update:  a.wantsUpdate,
			about:   a.showDiagnosis,
			signOut: a.signOut,
			quit:    a.quit,
		})
	}, func() {
		a.do(func() { a.face = trayFace{m, a.log} })
	})
}

// signOut ends the session of this device. The window then shows the sign-in.
func (a *app) signOut() {
	a.forgot()
	a.edge.Forget()
	go func() {
		ctx, stop := context.WithTimeout(a.ctx, askWithin)
		defer stop()
		if err := a.server.SignOut(ctx); err != nil {
			a.log.Warn("the server does not know yet that this device signed out", "error", err)
		}
	}()
}

// knocked is what a second start brings.
func (a *app) knocked(line string) (string, error) {
	word, rest := line, ""
	if len(line) > 5 && line[:5] == "open " {
		word, rest = "open", line[5:]
	}
	switch word {
	case "hello":
	case "open":
		var at place
		if rest != "" {
			var err error
			if at, err = readLink(rest); err != nil {
				return "", err
			}
		}
		a.do(func() { a.open(at, "") })
	case "quit":
		a.quit()
	case "diagnose":
		var r report
		done := make(chan struct{})
		a.do(func() { a.diagnose(&r); close(done) })
		select {
		case <-done:
			return r.String(), nil
		case <-time.After(3 * time.Second):
			return "", errors.New("the running one hangs")
		}
	case "test":
		var r report
		r.wayTested(a.say, a.test(a.ctx))
		return r.String(), nil
	default:
		return "", errors.New("not understood")
	}
	return "", nil
}

// wantsWindow: whoever starts the program by hand wants to see it; a start at sign-in is hidden, and one after
// another shows what that one showed. Without a display nothing is tried.
func (a *app) wantsWindow(s policy.Settings, as birth) bool {
	switch {
	case as != first && a.memory.Recall(keyShown) == "",
		as == first && (s.Hidden || s.Open != ""):
		return false
	}
	return runtime.GOOS != "linux" || s.Window != "" || os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// connect makes the line to the server out of what was decided, chosen and kept.
func connect(s policy.Settings, memory *state.State, k link.Keys, log *slog.Logger) (*link.Link, error) {
	id, err := memory.ID()
	if err != nil {
		return nil, err
	}
	return lineTo(s, memory.Recall(edge.KeyServer), id, k, log)
}

// lineTo makes a line to the server that was decided, or else chosen.
func lineTo(s policy.Settings, chosen, id string, k link.Keys, log *slog.Logger) (*link.Link, error) {
	server := s.Server
	if !s.ServerGiven && !s.ServerFixed {
		server = cmp.Or(chosen, server)
	}
	host, _ := os.Hostname()
	return link.New(link.Config{
		Keys: k, Server: server, Device: id, ExtraCA: s.ExtraCA, Pins: s.Pins, Pinned: s.Pinned(), Proxy: s.Proxy, Ticket: ticket.For, Shows: s.AuthServers.Have, Log: log,
		Agent: fmt.Sprintf("Sendjay/%s (%s; %s)", protocol.Version, runtime.GOOS, host),
	})
}

// notes is the device's memory as the app wants it: small, and no reason to fail.
type notes struct {
	*state.State
	log *slog.Logger
}

// Remember keeps a text.
func (n notes) Remember(key, text string) {
	if err := n.State.Remember(key, text); err != nil {
		n.log.Warn("a setting cannot be kept", "key", key, "error", err)
	}
}

// updateDir is the folder of newer versions.
func updateDir(profile string) string { return filepath.Join(profile, "update") }

// windowData is the folder of the web engine. What lies in it is a cache.
func windowData(profile string) string { return filepath.Join(profile, "window") }
