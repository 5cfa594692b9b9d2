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
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"sendjay/server/auth"
	"sendjay/server/config"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// userArgs is what the user command understands besides settings.
type userArgs struct {
	verb                    string
	id                      protocol.UserID
	name, org, orgName, job string
	edit                    protocol.EditAccount // what was given
	admin, mustChange, json bool
	stdin                   bool
	password                string
}

// userCommand manages accounts beside a live server, on the same settings.
func userCommand(ctx context.Context, args, environ []string, stdin io.Reader, stdout io.Writer) error {
	u, rest, err := splitUserArgs(args)
	if err != nil {
		return err
	}
	c, words, err := config.Read(rest, environ)
	if err != nil {
		return err
	}
	if err := u.understand(words, stdin); err != nil {
		return err
	}
	// Only now: what was asked wrongly makes no database.
	db, err := openStore(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer db.Close()
	if u.verb == "list" {
		return listUsers(ctx, db, u, stdout)
	}
	result, err := u.change(ctx, db)
	switch {
	case errors.Is(err, store.ErrNoUser):
		return fmt.Errorf("user %s: there is no %q", u.verb, u.id)
	case errors.Is(err, store.ErrNoUnit):
		return fmt.Errorf("user %s: --org: there is no unit %q (org list names them)", u.verb, u.org)
	case errors.Is(err, store.ErrNoPostUnit):
		return fmt.Errorf("user %s: --posts: there is no such unit (org list names them)", u.verb)
	case errors.Is(err, store.ErrTaken):
		return fmt.Errorf("user add: %q exists already", u.id)
	case err != nil:
		return fmt.Errorf("user %s %s: %w", u.verb, u.id, plainly(err))
	case u.json:
		return json.NewEncoder(stdout).Encode(result)
	}
	fmt.Fprintf(stdout, "user %s: %s\n", u.verb, u.id)
	return nil
}

var verbs = []string{"add", "list", "edit", "unlock", "password", "deactivate", "activate"}

// understand checks what is asked for, and reads the password when there is one.
func (u *userArgs) understand(words []string, stdin io.Reader) error {
	if len(words) == 0 || !slices.Contains(verbs, words[0]) {
		return &usageError{fmt.Sprintf("user %s: want %s", strings.Join(words, " "), strings.Join(verbs, ", "))}
	}
	u.verb = words[0]
	if u.verb == "list" {
		if len(words) != 1 {
			return &usageError{"user list: wants no id"}
		}
		return nil
	}
	if len(words) != 2 {
		return &usageError{"user " + u.verb + ": want exactly one id"}
	}
	if u.id = protocol.UserID(words[1]); !u.id.Valid() {
		return fmt.Errorf("user %s: %q cannot be an id: 1 to %d bytes, no space, no slash, no quote", u.verb, words[1], protocol.Limits.UserIDBytes)
	}
	if u.verb == "add" && strings.TrimSpace(u.name) == "" {
		return &usageError{"user add: --name is missing"}
	}
	if bad := u.edit.Check(); bad != nil {
		return &usageError{"user " + u.verb + ": --" + bad.Field + " cannot be that"}
	}
	if e := u.edit; u.verb == "edit" && e.Name == nil && e.Org == nil && e.Job == nil && e.Phone == nil && e.Mail == nil && e.Role == nil && e.Posts == nil {
		return &usageError{"user edit: nothing to change (try --help)"}
	}
	if !protocol.Text(u.name).OneLine() {
		return &usageError{"user " + u.verb + ": --name: want one line"}
	}
	if u.verb != "add" && u.verb != "password" {
		return nil
	}
	if !u.stdin {
		return &usageError{"user " + u.verb + ": --password-stdin is missing: a password comes on standard input, never as an argument"}
	}
	var err error
	u.password, err = firstLine(stdin)
	return err
}

// changed is what --json prints of a change.
type changed struct {
	ID     protocol.UserID `json:"id"`
	Active *bool           `json:"active,omitempty"`
}

// change does it. The rules for ids hold, those for passwords do not: an administrator may hand out any.
func (u *userArgs) change(ctx context.Context, db *store.Store) (any, error) {
	by := func(act string, about any) store.Act {
		return store.Act{Who: byCLI(), Act: act, Target: string(u.id), About: about}
	}
	switch u.verb {
	case "add":
		a := store.Account{
			User:         protocol.User{ID: u.id, Name: u.name, Org: u.org, OrgName: u.orgName, Job: u.job, Admin: u.admin},
			PasswordHash: auth.Hash(u.password), Active: true, MustChange: u.mustChange,
		}
		return a.User, db.OpenAccount(ctx, by("account.open", map[string]any{"name": u.name, "admin": u.admin}), a)
	case "edit":
		return changed{ID: u.id}, db.EditAccount(ctx, by("account.edit", u.edit), u.id, u.edit)
	case "unlock":
		act := by("account.unlock", nil)
		return changed{ID: u.id}, db.Unlock(ctx, &act, u.id)
	case "password":
		return changed{ID: u.id}, db.GivePassword(ctx, by("password.set", nil), u.id, auth.Hash(u.password), u.mustChange)
	}
	active, act := u.verb == "activate", "account.close"
	if active {
		act = "account.reopen"
	}
	return changed{u.id, &active}, db.EditAccount(ctx, by(act, nil), u.id, protocol.EditAccount{Active: &active})
}

func splitUserArgs(args []string) (*userArgs, []string, error) {
	u := &userArgs{}
	var rest []string
	var phone, mail, role, posts string
	texts := map[string]*string{"--name": &u.name, "--org": &u.org, "--org-name": &u.orgName, "--job": &u.job, "--phone": &phone, "--mail": &mail, "--role": &role, "--posts": &posts}
	marks := map[string]*bool{"--admin": &u.admin, "--password-stdin": &u.stdin, "--json": &u.json, "--must-change": &u.mustChange}
	for i := 0; i < len(args); i++ {
		name, value, has := strings.Cut(args[i], "=")
		if to := marks[name]; to != nil && !has {
			*to = true
			continue
		}
		to := texts[name]
		if to == nil {
			rest = append(rest, args[i])
			continue
		}
		if !has {
			if i++; i == len(args) {
				return nil, nil, &usageError{name + ": a value is missing"}
			}
			value = args[i]
		}
		if !utf8.ValidString(value) || strings.ContainsRune(value, 0) || utf8.RuneCountInString(value) > widths(name) {
			return nil, nil, &usageError{name + ": want text of at most " + strconv.Itoa(widths(name)) + " characters"}
		}
		*to = value
		text := protocol.Text(value)
		switch name {
		case "--name":
			u.edit.Name = &text
		case "--org":
			u.edit.Org = to
		case "--job":
			u.edit.Job = &text
		case "--phone":
			u.edit.Phone = &text
		case "--mail":
			u.edit.Mail = &text
		case "--posts":
			u.edit.Posts = protocol.PostsOf(cmp.Or(value, "-"))
		case "--role":
			r := protocol.Role(strings.TrimPrefix(value, "none"))
			u.edit.Role = &r
		}
	}
	return u, rest, nil
}

// widths are those of the columns.
func widths(name string) int {
	switch name {
	case "--mail":
		return protocol.Limits.NickRunes
	case "--posts":
		return 1000
	}
	return protocol.Limits.JobRunes
}

func firstLine(stdin io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(stdin, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	password := strings.TrimRight(line, "\r\n")
	switch {
	case password == "":
		return "", errors.New("the password is empty: it is the first line of standard input")
	case len(password) > protocol.Limits.PasswordBytes || !utf8.ValidString(password) || strings.ContainsRune(password, 0):
		return "", fmt.Errorf("the password has to be text of at most %d bytes", protocol.Limits.PasswordBytes)
	}
	return password, nil
}

func listUsers(ctx context.Context, db *store.Store, u *userArgs, stdout io.Writer) error {
	type row struct {
		protocol.User
		Active bool `json:"active"`
	}
	rows := []row{}
	for cursor, more := "", true; more; more = cursor != "" {
		accounts, next, err := db.Accounts(ctx, "", cursor, 500)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			rows = append(rows, row{a.User, a.Active})
		}
		cursor = next
	}
	if u.json {
		return json.NewEncoder(stdout).Encode(rows)
	}
	w := tabwriter.NewWriter(stdout, 0, 4, 2, ' ', 0)
	for _, r := range rows {
		state := "active"
		if !r.Active {
			state = "deactivated"
		}
		if r.Admin {
			state += ", administrator"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", r.ID, r.Name, r.OrgName, state)
	}
	return w.Flush()
}
