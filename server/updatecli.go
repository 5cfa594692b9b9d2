package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"sendjay/server/config"
	"sendjay/server/offer"
	"sendjay/shared/protocol"
	"sendjay/shared/release"
)

// updateCommand keeps the versions of the desktop. It works on the operator's folder beside a live server, which
// tells the devices within a minute.
func updateCommand(args, environ []string, stdout io.Writer) error {
	d := &deskCLI{out: stdout}
	one := protocol.UpdateOffer{Channel: "stable"}
	var rest []string
	percent := ""
	own := map[string]func(string){
		"--channel": func(v string) { one.Channel = v },
		"--percent": func(v string) { percent = v },
		"--orgs":    func(v string) { one.Orgs = strings.Split(v, ",") },
		"--users": func(v string) {
			for id := range strings.SplitSeq(v, ",") {
				one.Users = append(one.Users, protocol.UserID(id))
			}
		},
	}
	for i := 0; i < len(args); i++ {
		name, value, has := strings.Cut(args[i], "=")
		switch set := own[name]; {
		case args[i] == "--json":
			d.json = true
		case set == nil:
			rest = append(rest, args[i])
		case has:
			set(value)
		case i+1 < len(args):
			i++
			set(args[i])
		default:
			return &usageError{args[i] + ": a value is missing"}
		}
	}
	c, words, err := config.Read(rest, environ)
	if err != nil {
		return err
	}
	if len(words) == 0 {
		return &usageError{"update: want pack, publish, offer, withdraw, list or verify"}
	}
	offers := offer.New(c.Updates, c.UpdateKeys)
	want := map[string]int{"pack": 3, "publish": 2, "offer": 2, "withdraw": 2, "list": 1, "verify": 1}[words[0]]
	if want != len(words) {
		return &usageError{"update " + strings.Join(words, " ") + ": not understood (try --help)"}
	}
	switch words[0] {
	case "pack":
		return offer.Pack(words[2], words[1])
	case "publish":
		m, err := offers.Publish(words[1])
		if errors.Is(err, release.ErrNoKey) {
			return &usageError{"update publish: --update-key is needed, the public key of whoever signs"}
		}
		if err != nil {
			return fmt.Errorf("update publish: %w", err)
		}
		return d.show(map[string]string{"published": m.Version}, [][]any{{"published", m.Version}})
	case "offer":
		switch n, err := strconv.Atoi(percent); {
		case percent != "" && err != nil:
			return &usageError{"--percent: want a number"}
		case percent != "":
			one.Percent = n
		case len(one.Orgs) == 0 && len(one.Users) == 0:
			one.Percent = 100
		}
		one.Version = words[1]
		if err := offers.Set(one); err != nil {
			return fmt.Errorf("update offer %s: %w", one.Version, err)
		}
	case "withdraw":
		was, err := offers.Withdraw(words[1])
		if err == nil && !was {
			err = errors.New("it is not offered")
		}
		if err != nil {
			return fmt.Errorf("update withdraw %s: %w", words[1], err)
		}
	}
	return d.updates(offers, words[0] == "verify")
}

// updates shows what is here.
func (d *deskCLI) updates(offers *offer.Offers, strict bool) error {
	names, faults, err := offers.Published()
	if err != nil {
		return err
	}
	list, err := offers.List()
	if err != nil {
		return err
	}
	type version struct {
		Version string                 `json:"version"`
		Fault   string                 `json:"fault,omitempty"`
		Offers  []protocol.UpdateOffer `json:"offers"`
	}
	all := []version{}
	rows := [][]any{{"version", "state", "channel", "percent", "units", "people"}}
	for _, name := range names {
		v := version{Version: name, Offers: []protocol.UpdateOffer{}}
		state := "good"
		if fault := faults[name]; fault != nil {
			v.Fault = fault.Error()
			state = v.Fault
		}
		for _, o := range list {
			if o.Version == name {
				v.Offers = append(v.Offers, o)
				rows = append(rows, []any{name, state, o.Channel, o.Percent, strings.Join(o.Orgs, ","), strings.Join(ids(o.Users), ",")})
			}
		}
		if len(v.Offers) == 0 {
			rows = append(rows, []any{name, state, "-", 0, "", ""})
		}
		all = append(all, v)
	}
	if err := d.show(all, rows); err != nil {
		return err
	}
	bad := slices.DeleteFunc(names, func(n string) bool { return faults[n] == nil })
	if strict && len(bad) > 0 {
		return fmt.Errorf("update verify: %s is not as it was signed", strings.Join(bad, ", "))
	}
	return nil
}

func ids(users []protocol.UserID) []string {
	var out []string
	for _, u := range users {
		out = append(out, string(u))
	}
	return out
}
