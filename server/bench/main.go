// Command bench measures a real server, started as a child process, and prints our figures beside
// their targets. It knows the wire as a client does; the server's parts only to fill a database and to
// sign tokens, because a password hash costs tens of milliseconds on purpose.
//
// Loads are open loop: messages have an intended time whatever the server does, and latency counts from
// that time, so that a server that stalls cannot hide the messages that would have come meanwhile.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"time"

	"golang.org/x/sys/unix"

	"sendjay/server/store/storetest"
)

// plan is how much is measured.
type plan struct {
	server string
	beside string        // a Centrifugo to compare with; "" for none
	users  int           // live sessions, the targets' 5,000
	spell  time.Duration // how long each load lasts
	rest   time.Duration // how long the server rests before its memory is read
	deep   int           // messages in the deep room, the targets' 100,000
	maria  bool
	only   *regexp.Regexp
	logs   bool
}

func main() {
	var p plan
	var only string
	quick := flag.Bool("quick", false, "a tenth of the load, in under a minute; figures of this size are not the targets'")
	flag.StringVar(&p.server, "server", "bin/sendjay-server", "the server's binary")
	flag.StringVar(&only, "only", "", "measures whose name matches this expression")
	flag.StringVar(&p.beside, "beside", "", "a Centrifugo 6 server's binary to compare with, and measure nothing else")
	flag.BoolVar(&p.maria, "mariadb", true, "measure on MariaDB too, when it is installed")
	flag.BoolVar(&p.logs, "v", false, "show the server's log")
	flag.Parse()
	p.users, p.spell, p.rest, p.deep = 5000, 8*time.Second, 12*time.Second, 100_000
	if *quick {
		p.users, p.spell, p.rest, p.deep, p.maria = 1000, 2*time.Second, 3*time.Second, 10_000, false
	}
	p.only = regexp.MustCompile(only)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	t := &table{}
	err := measure(ctx, p, t)
	stop()
	t.print(os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// measure runs every measure, on SQLite first. The files come last: what they leave to be written to the disk would
// hold up every commit that is measured after them, for minutes.
func measure(ctx context.Context, p plan, t *table) error {
	if p.beside != "" {
		return alternate(ctx, p, t)
	}
	parts := []part{
		{"without users", alone},
		{"a large company", organisation},
		{"on SQLite", func(ctx context.Context, p plan, t *table) error { return crowd(ctx, p, t, "") }},
		{"after a restart", herd},
		{"frames of crowds", frames},
	}
	if p.maria {
		defer storetest.Stop()
		parts = append(parts, part{"on two nodes", onNodes}, part{"on MariaDB", onMaria})
	} else {
		t.note("MariaDB was not asked for.")
	}
	for _, m := range append(parts, part{"files", files}) {
		// Nobody pays for what another measure left in memory to be written.
		unix.Sync()
		if err := m.run(ctx, p, t); err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
	}
	return nil
}

type part struct {
	name string
	run  func(context.Context, plan, *table) error
}
