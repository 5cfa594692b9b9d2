package main

import (
	"bufio"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
)

// window is what a line may ask for. Every method may be called from any goroutine.
type window interface {
	load(url string)
	show(token string)
	hide()
	title(text string)
	move(place)
	quit()
	run() // on the main thread, until quit
}

// obey does what the lines of r say, until r ends.
func obey(r io.Reader, w window) {
	defer w.quit()
	in := bufio.NewScanner(r)
	for in.Scan() {
		word, rest, _ := strings.Cut(in.Text(), " ")
		switch word {
		case "load":
			if !loadable(rest) {
				fmt.Fprintln(os.Stderr, "sendjay-window: load wants an http address")
				continue
			}
			w.load(rest)
		case "show":
			w.show(rest)
		case "hide":
			w.hide()
		case "title":
			w.title(rest)
		case "size":
			p, err := readPlace(rest)
			if err != nil {
				fmt.Fprintln(os.Stderr, "sendjay-window:", err)
				continue
			}
			w.move(p)
		case "quit":
			return
		case "":
		default:
			fmt.Fprintf(os.Stderr, "sendjay-window: unknown line %q\n", word)
		}
	}
}

// loadable reports whether s is an address a window may be sent to: http or https with a host.
func loadable(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

// place is where a window stands. X and Y count only when Fixed is set; a new window is put where
// the system likes it.
type place struct {
	W, H, X, Y int
	Fixed, Max bool
}

// The smallest window in which the page is usable, and the first one a person sees.
const (
	minWidth, minHeight = 360, 480
)

var defaultPlace = place{W: 1100, H: 760}

// readPlace reads 1100x760, 1100x760+20-40 or either with " max" behind it.
func readPlace(s string) (place, error) {
	var p place
	size, whole := strings.CutSuffix(s, " max")
	p.Max = whole
	if n, err := fmt.Sscanf(size, "%dx%d%d%d", &p.W, &p.H, &p.X, &p.Y); err != nil && n < 2 {
		return p, fmt.Errorf("a place looks like 1100x760+20+40, not %q", s)
	} else if n == 4 {
		p.Fixed = true
	}
	if p.W > 20000 || p.H > 20000 || p.X > 100000 || p.X < -100000 || p.Y > 100000 || p.Y < -100000 {
		return p, fmt.Errorf("no screen is as large as %q", s)
	}
	p.W, p.H = max(p.W, minWidth), max(p.H, minHeight)
	return p, nil
}
