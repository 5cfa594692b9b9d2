package story

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"sendjay/shared/protocol"
)

// act is one thing that a person can do. It gets who acts, and the words after the verb.
type act struct {
	usage string // of the words; a last word with … takes the rest
	do    func(ctx context.Context, w *world, o *one, args []string) error
}

var acts = map[string]act{
	"signs-in":                  {"device", signsIn},
	"signs-out":                 {"", signsOut},
	"comes-back":                {"", comesBack},
	"uses":                      {"device", uses},
	"was-replaced":              {"device", wasReplaced},
	"is-closed":                 {"code", isClosed},
	"is-let-in-from":            {"origin", isLetInFrom},
	"room":                      {"name members…", makesRoom},
	"invites":                   {"room people…", invites},
	"leaves":                    {"room", leaves},
	"send":                      {"room text", sends},
	"sends-again":               {"", sendsAgain},
	"cancels":                   {"room text", cancels},
	"reads":                     {"room", reads},
	"looks-at":                  {"room", looksAt},
	"looks-away":                {"", looksAway},
	"is-shown":                  {"room", isShown},
	"keeps":                     {"text", keeps},
	"keeps-nothing":             {"", keepsNothing},
	"flood":                     {"room n", floods},
	"flood-ends":                {"", floodEnds},
	"sees":                      {"room text", sees},
	"sees-once":                 {"room text", seesOnce},
	"sees-no":                   {"room text", seesNo},
	"unread":                    {"room n", unread},
	"sees-unread":               {"room text n", seesUnread},
	"has-all-acknowledged":      {"room person", hasAllAcknowledged},
	"is-current":                {"room", isCurrent},
	"history":                   {"room", history},
	"has-acknowledged-at-least": {"room n", acknowledgedAtLeast},
}

// personCommand is `<person> <verb> <words…>`.
func personCommand(ts *testscript.TestScript, name string, neg bool, args []string) {
	if len(args) == 0 {
		ts.Fatalf("%s does what?", name)
	}
	a, ok := acts[args[0]]
	if !ok {
		ts.Fatalf("%s cannot %q", name, args[0])
	}
	args = args[1:]
	words := strings.Fields(a.usage)
	if rest := strings.HasSuffix(a.usage, "…"); len(args) < len(words) || (len(args) > len(words) && !rest) {
		ts.Fatalf("want: %s", a.usage)
	}
	w := worldOf(ts)
	ctx, stop := soon()
	defer stop()
	o, err := w.known(name)
	ts.Check(err)
	if o.current == nil {
		device := protocol.Web
		if a.usage == "device" && len(args) == 1 {
			device = protocol.Device(args[0])
		}
		ts.Check(w.signIn(o, name, device))
		if a.usage == "device" {
			return
		}
	}
	refused(ts, neg, a.do(ctx, w, o, args))
}

func signsIn(_ context.Context, w *world, o *one, args []string) error {
	return w.signIn(o, string(o.current.ID), protocol.Device(args[0]))
}

func signsOut(ctx context.Context, _ *world, o *one, _ []string) error { return o.current.SignOut(ctx) }

// comesBack connects every device again whose line went down, as a client does after a restart.
func comesBack(ctx context.Context, _ *world, o *one, _ []string) error {
	for _, d := range o.devices {
		if d.Closed() == 0 {
			continue
		}
		if err := d.Connect(ctx); err != nil {
			return err
		}
	}
	return nil
}

func uses(_ context.Context, _ *world, o *one, args []string) error {
	d, ok := o.devices[args[0]]
	if !ok {
		return fmt.Errorf("not signed in at %s", args[0])
	}
	o.current = d
	return nil
}

// wasReplaced waits until the former device was told who took over, and closed with 4001.
func wasReplaced(ctx context.Context, _ *world, o *one, args []string) error {
	old := o.former[args[0]]
	if old == nil {
		return errors.New("there was no other before")
	}
	if err := old.Await(ctx, "4001", func() bool { return old.Closed() == int(protocol.CloseReplaced) }); err != nil {
		return fmt.Errorf("%w (closed with %d)", err, old.Closed())
	}
	told := old.Pushed(protocol.EvReplaced)
	if len(told) != 1 {
		return fmt.Errorf("told %d times who took over", len(told))
	}
	var by protocol.Replaced
	if err := json.Unmarshal(told[0], &by); err != nil {
		return err
	}
	if string(by.Device) != args[0] || by.Address == "" || by.At == 0 {
		return fmt.Errorf("told too little: %+v", by)
	}
	return nil
}

func isClosed(ctx context.Context, _ *world, o *one, args []string) error {
	code, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	if err := o.current.Await(ctx, "closed with "+args[0], func() bool { return o.current.Closed() == code }); err != nil {
		return fmt.Errorf("%w (closed with %d)", err, o.current.Closed())
	}
	return nil
}

// isLetInFrom opens a socket with the person's cookies as a page of that origin would.
func isLetInFrom(ctx context.Context, _ *world, o *one, args []string) error {
	origin := args[0]
	if origin == "own" {
		origin = "http://" + o.line.addr()
	}
	status, err := o.current.Open(ctx, http.Header{"Origin": {origin}})
	if err == nil && status != http.StatusSwitchingProtocols {
		return fmt.Errorf("refused with %d", status)
	}
	return err
}

// looksAt reports that this device is in front, with the room.
func looksAt(ctx context.Context, w *world, o *one, args []string) error {
	return o.current.Do(ctx, protocol.OpAttention, protocol.Attention{Room: w.room(args[0]), Focused: true}, nil)
}

// looksAway reports that nobody sits at this device.
func looksAway(ctx context.Context, _ *world, o *one, _ []string) error {
	return o.current.Do(ctx, protocol.OpAttention, protocol.Attention{Idle: 180}, nil)
}
