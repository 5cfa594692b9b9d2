package main

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"sendjay/desktop/attention"
	"sendjay/desktop/download"
	"sendjay/desktop/edge"
	"sendjay/desktop/engine"
	"sendjay/desktop/link"
	"sendjay/desktop/policy"
	"sendjay/desktop/remote"
	"sendjay/desktop/state"
	"sendjay/shared/protocol"
	"sendjay/webui"
)

// native lists what the tray does for its windows; the hello tells them.
var native = func() []string {
	able := []string{"notify", "badge", "keep", "server", "windows", "download", "diagnose"}
	if runtime.GOOS == "linux" {
		able = append(able, "drop") // the page's engine gives it no dropped files, the window does
	}
	return able
}()

// calm reports whether to draw little. A session may be taken along to a remote screen, so it is asked anew each time.
func calm(s policy.Settings) bool { return s.Remote == "on" || s.Remote == "auto" && remote.Session() }

// accel is what a window is told of hardware, "" for its own choice.
func accel(s policy.Settings) string {
	if calm(s) {
		return "off"
	}
	return ""
}

// around starts what stands around the app: the edge for the windows, the watch on the person's
// presence, the window's supervisor. They end with ctx.
func around(ctx context.Context, running *sync.WaitGroup, a *app, up *link.Link, memory *state.State, s policy.Settings, log *slog.Logger) error {
	var near *edge.Edge // the two need each other; the watch begins to speak with Run
	watch := attention.New(attention.Config{
		Changed: func(now protocol.Attention) {
			near.Attend(now)
			a.do(func() { a.looked(now) })
		},
		Woke: up.Wake,
		Log:  log,
	})
	a.self, a.pausing, a.unable, a.holds = watch.Now, watch.Pause, watch.Unable, watch.Hold
	a.hold()
	// While the line is down nobody wants to know, and nothing is asked of the system.
	up.Watch(link.Watcher{Moved: func(l protocol.Link) { watch.Need(l.State == protocol.Online) }})
	loads := download.New(download.Config{
		Source: up, Memory: memory, Dir: download.Folder, Start: startFile, Show: showFile, Log: log,
		Changed: func(d protocol.Download) { near.Downloaded(d) },
		Whole:   func(d protocol.Download) { a.do(func() { a.brought(d) }) },
	})
	a.loads = loads
	running.Go(func() { <-ctx.Done(); loads.Close() })
	var err error
	near, err = edge.New(edge.Config{
		Link: up, State: memory, Attention: watch, UI: webui.Handler(), Dir: s.Profile, Native: native, Calm: func() bool { return calm(s) }, ServerFixed: s.ServerFixed,
		Sent:   func(m protocol.MessageSent) { a.do(func() { a.sent(m) }) },
		Leaves: func() { a.do(a.forgot) },
		Why: func(room protocol.RoomID, seq protocol.Seq, tell func([]protocol.Decided)) {
			a.do(func() { tell(a.journal.about(room, seq)) })
		},
		Try: func() edge.Tried {
			got := make(chan edge.Tried, 1)
			a.do(func() { got <- a.try() })
			select {
			case t := <-got:
				return t
			case <-ctx.Done():
				return edge.Tried{}
			}
		},
		Diagnose: func() string {
			got := make(chan string, 1)
			a.do(func() { got <- a.diagnosis(s.Profile, windowPath(s.Window)) })
			select {
			case text := <-got:
				return text
			case <-ctx.Done():
				return ""
			}
		},
		PopOut:    func(room protocol.RoomID) { a.do(func() { a.popOut(room) }) },
		Chose:     func() { a.do(a.hold) }, // and the icon is drawn anew
		Downloads: loads,
		Browse:    browse,
		Silent: func(why string) {
			log.Warn("the window does not reach us; something on this computer may block 127.0.0.1", "why", why)
		},
		Log: log,
	})
	if err != nil {
		return err
	}
	a.edge = near
	a.flaws, a.runtimes = s.EngineFlaws, func() []engine.Found { return foundEngines(s.EngineFolder) }
	a.pane = &pane{
		path: windowPath(s.Window), data: windowData(s.Profile), log: log, do: a.do,
		boot: func() (string, error) { return near.Boot("") },
		tidy: func() { a.tidyEngines(windowData(s.Profile)) },
		stay: time.Duration(s.IdleExitMinutes) * time.Minute,
		look: func() looks {
			return looks{a.memory.Recall(keyPlace), a.memory.Recall(keyZoom), theme(memory), accel(s)}
		},
		lonely: a.lonely,
		heard:  a.said, broken: a.windowBroken, gone: a.sweep, clean: a.sweep, seen: a.windowSeen, older: a.roomFirst,
		engine: a.startEngine, another: a.anotherEngine,
	}
	a.wipe = func() error { return os.RemoveAll(windowData(s.Profile)) }
	a.own = map[protocol.RoomID]*pane{}
	a.frame = func(room protocol.RoomID) *pane {
		return &pane{
			path: windowPath(s.Window), data: windowData(s.Profile), fleeting: true, log: log, do: a.do,
			tidy:   func() { a.tidyEngines(windowData(s.Profile)) },
			boot:   func() (string, error) { return near.Boot(room) },
			look:   func() looks { return looks{a.roomPlace(room), a.memory.Recall(keyZoom), theme(memory), accel(s)} },
			lonely: func() bool { return false }, // closing it is its end
			seen:   func(bool) { a.renewal.closed = time.Now() },
			older:  func(string) bool { return a.roomFirst(place{room: room}.fragment()) },
			engine: a.startEngine, another: a.anotherEngine,
		}
	}
	running.Go(func() { watch.Run(ctx) })
	running.Go(func() {
		if err := near.Run(ctx); err != nil {
			log.Error("the window cannot be served", "error", err)
		}
	})
	return nil
}

// setting returns one of the settings that the page keeps with us.
func setting(memory *state.State, key string) string {
	raw, err := memory.Get(state.Settings, key)
	var text string
	switch {
	case err != nil:
		return ""
	case string(raw) == "true": // a switch
		return "true"
	case json.Unmarshal(raw, &text) != nil:
		return ""
	}
	return text
}

// language is what was chosen in the page, else what the system speaks.
func language(memory *state.State) string {
	return cmp.Or(setting(memory, "lang"), systemLanguage())
}

func systemLanguage() string {
	for _, tag := range []string{os.Getenv("LC_ALL"), os.Getenv("LC_MESSAGES"), os.Getenv("LANG")} {
		if tag, _, _ = strings.Cut(tag, "."); tag != "" && tag != "C" && tag != "POSIX" {
			return tag
		}
	}
	return ""
}

// theme is the colour in which a window begins.
func theme(memory *state.State) string {
	switch t := setting(memory, "theme"); t {
	case "light", "dark":
		return t
	}
	return "system"
}
