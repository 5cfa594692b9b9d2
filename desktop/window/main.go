// Command sendjay-window shows one web address in a native window and has window manners.
// It holds no credential and no message: what to show comes as lines on stdin, what happened goes
// as lines to stdout, and it exits when stdin closes, so that it never outlives the tray.
//
// Lines in: load URL, show [TOKEN], hide, title TEXT, size WxH+X+Y[ max], quit.
// Lines out: ready, closed, moved WxH+X+Y[ max], focused 0|1, zoom PERCENT, open-external URL, crashed (load is wanted).
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"

	"sendjay/shared/protocol"
)

// The exit codes beside 0; the tray reads them.
const (
	exitUsage    = 2 // a flag is wrong
	exitNoEngine = 3 // no display, or no web engine
	exitCrashed  = 4 // the web process died again right after it was restarted, or the whole engine did
)

// How far a person can zoom, per cent.
const minZoom, maxZoom = 30, 300

// options are what must be known before the first window exists. There is no secret among them.
type options struct {
	data    string // folder for the engine's storage; it is a cache
	engine  string // folder of the engine, where there is a choice (Windows); "" for the system's
	place   place
	title   string
	theme   string // light, dark or system: the colour before the page has painted
	accel   string // auto, on or off: hardware acceleration
	sandbox bool   // the engine's own sandbox around the web process
	// fleeting leaves nothing on the disk where the engine can do so (Linux); elsewhere data is shared.
	fleeting bool
	zoom     int  // per cent
	stay     bool // closing minimises, because there is no tray icon to come back from
}

func main() {
	// The engine wants the thread that the process began with.
	runtime.LockOSThread()
	o, err := parse(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "sendjay-window:", err)
		os.Exit(exitUsage)
	}
	w, err := open(o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "sendjay-window:", err)
		os.Exit(exitNoEngine)
	}
	go obey(os.Stdin, w)
	say("ready")
	w.run()
}

func parse(args []string) (options, error) {
	o := options{place: defaultPlace}
	f := flag.NewFlagSet("sendjay-window", flag.ContinueOnError)
	f.StringVar(&o.data, "data", "", "folder for the web engine's cache (default: the engine's own)")
	f.StringVar(&o.engine, "engine", "", "folder of a fixed WebView2 runtime, on Windows (default: the system's)")
	f.StringVar(&o.title, "title", "Sendjay", "title of the window")
	f.StringVar(&o.theme, "theme", "system", "colour before the first paint: light, dark, system")
	f.StringVar(&o.accel, "accel", "auto", "hardware acceleration: auto, on, off")
	f.BoolVar(&o.fleeting, "fleeting", false, "leave nothing on the disk where the engine can do so")
	f.IntVar(&o.zoom, "zoom", 100, "how large the page is shown, per cent")
	f.BoolVar(&o.sandbox, "sandbox", false, "put the web process into the engine's sandbox")
	f.BoolVar(&o.stay, "minimise", false, "closing minimises the window instead of hiding it")
	at := f.String("place", "", "size and place, as in 1100x760+20+40")
	version := f.Bool("version", false, "print the version and exit")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if *version {
		fmt.Println("sendjay-window", protocol.Version)
		os.Exit(0)
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if *at != "" {
		p, err := readPlace(*at)
		if err != nil {
			return o, err
		}
		o.place = p
	}
	if o.zoom < minZoom || o.zoom > maxZoom {
		return o, fmt.Errorf("a zoom lies between %d and %d, not at %d", minZoom, maxZoom, o.zoom)
	}
	switch o.theme {
	case "light", "dark", "system":
	default:
		return o, fmt.Errorf("unknown theme %q", o.theme)
	}
	switch o.accel {
	case "auto", "on", "off":
	default:
		return o, fmt.Errorf("unknown acceleration %q", o.accel)
	}
	return o, nil
}

// say writes one line for the tray. A write to a pipe below 4 KiB is never torn, so this and the
// lines of the native side do not mix.
func say(line string) {
	_, _ = os.Stdout.WriteString(line + "\n")
}
