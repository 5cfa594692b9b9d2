package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"sendjay/shared/protocol"
)

// report is what --diagnose prints: facts for the person who helps, without secrets and without
// a word of any message.
type report struct{ strings.Builder }

func (r *report) line(name string, value any) {
	fmt.Fprintf(r, "%-16s %v\n", name+":", value)
}

// here says what can be said without a running tray.
func (r *report) here(profile, window string) {
	r.line("version", protocol.Version)
	r.line("system", runtime.GOOS+"/"+runtime.GOARCH+", "+runtime.Version())
	r.line("profile", profile)
	if _, err := os.Stat(window); err != nil {
		window += " (missing)"
	}
	r.line("window program", window)
	if runtime.GOOS == "linux" {
		r.line("display", has("DISPLAY")+", wayland "+has("WAYLAND_DISPLAY"))
		r.line("session bus", has("DBUS_SESSION_BUS_ADDRESS"))
	}
}

func has(env string) string {
	if os.Getenv(env) == "" {
		return "not set"
	}
	return "set"
}

// diagnose says how the running app is. It runs in the loop.
func (a *app) diagnose(r *report) {
	r.line("running", fmt.Sprintf("since %s, process %d", started.Format(time.DateTime), os.Getpid()))
	how := ""
	if a.link.Plain {
		how = "over plain HTTP: no WebSocket gets through"
	}
	r.line("link", strings.Join(strings.Fields(string(a.link.State)+" "+string(a.link.Why)+" "+how), " "))
	if c := a.link.Certificate; c != nil {
		r.line("certificate", strings.TrimSpace(fmt.Sprintf("%s %s", c.Kind, c.Issuer)))
	}
	r.line("proxy", a.proxy)
	r.line("signed in as", a.me.ID)
	n, dot := a.tally.total()
	r.line("unread", fmt.Sprintf("%d, muted rooms %v", n, dot))
	if time.Now().Before(a.quiet) {
		r.line("do not disturb", "until "+a.quiet.Format(time.DateTime))
	}
	r.line("tray icon", a.iconShown())
	able := a.corner.Abilities()
	r.line("notifications", fmt.Sprintf("service %q, withdraw %v, click %v, held back by the system %v", able.Service, able.Withdraw, able.Click, able.Held))
	r.line("window", a.windows())
	for _, line := range a.engineLines() {
		r.line("web engine", line)
	}
	if a.renewal.versions != nil {
		r.line("updates", "put in place "+a.renewal.versions.How())
	}
	if a.moved != "" {
		r.line("damaged profile", a.moved)
	}
	if a.noWindow != "" {
		r.line("no window", a.noWindow)
	}
	for _, d := range a.devices() {
		r.line("device", fmt.Sprintf("%s self %v focused %v idle %d locked %v", d.Kind, d.Self, d.Focused, d.Idle, d.Locked))
	}
	r.line("goroutines", runtime.NumGoroutine())
	var m debug.GCStats
	debug.ReadGCStats(&m)
	r.line("collections", m.NumGC)
	if lines := latestTroubles(a.log); len(lines) > 0 {
		r.WriteString("latest troubles:\n" + strings.Join(lines, "\n") + "\n")
	}
	if len(a.journal.lines) > 0 {
		r.WriteString("latest verdicts:\n" + a.journal.String() + "\n")
	}
}

// iconShown says whether the icon can be seen.
func (a *app) iconShown() string {
	switch {
	case a.face == nil:
		return "no"
	case a.lonely():
		return "no, no panel shows such icons now"
	}
	return "yes"
}

// proxyKind says how the server is reached, without the address of a proxy: it may hold a password.
func proxyKind(setting string) string {
	switch setting {
	case "", "system":
		return "system"
	case "direct":
		return setting
	}
	return "given"
}

// diagnosis is the whole report of a running app, for the window.
func (a *app) diagnosis(profile, window string) string {
	var r report
	r.here(profile, window)
	a.diagnose(&r)
	return r.String()
}

// started is when the program began.
var started = time.Now()
