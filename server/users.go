package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
	words                   []string
	name, org, orgName, job string
	admin, password, json   bool
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
	u.words = words
	if len(u.words) == 0 {
		return &usageError{"user: want add, list, password, deactivate or activate"}
	}
	verb := u.words[0]
	var id protocol.UserID
	if verb != "list" {
		if len(u.words) != 2 {
			return &usageError{"user " + verb + ": want exactly one id"}
		}
		if id = protocol.UserID(u.words[1]); !id.Valid() {
			return fmt.Errorf("user %s: %q cannot be an id: 1 to %d bytes, no space, no slash, no quote", verb, u.words[1], protocol.Limits.UserIDBytes)
		}
	} else if len(u.words) != 1 {
		return &usageError{"user list: wants no id"}
	}
	db, err := openStore(ctx, c, slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer db.Close()
	var result any
	switch verb {
	case "add":
		result, err = addUser(ctx, db, id, u, stdin)
	case "list":
		return listUsers(ctx, db, u, stdout)
	case "password":
		result, err = setPassword(ctx, db, id, u, stdin)
	case "deactivate", "activate":
		result, err = id, db.SetActive(ctx, id, verb == "activate")
	default:
		return &usageError{fmt.Sprintf("user %s: want add, list, password, deactivate or activate", verb)}
	}
	if errors.Is(err, store.ErrNoUser) {
		return fmt.Errorf("user %s: there is no %q", verb, id)
	}
	if err != nil {
		return plainly(err)
	}
	if u.json {
		return json.NewEncoder(stdout).Encode(result)
	}
	fmt.Fprintf(stdout, "user %s: %s\n", verb, id)
	return nil
}

func splitUserArgs(args []string) (userArgs, []string, error) {
	var u userArgs
	var rest []string
	texts := map[string]*string{"--name": &u.name, "--org": &u.org, "--org-name": &u.orgName, "--job": &u.job}
	marks := map[string]*bool{"--admin": &u.admin, "--password-stdin": &u.password, "--json": &u.json}
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
				return u, nil, &usageError{name + ": a value is missing"}
			}
			value = args[i]
		}
		if !utf8.ValidString(value) || strings.ContainsRune(value, 0) || utf8.RuneCountInString(value) > 50 {
			return u, nil, &usageError{name + ": want text of at most 50 characters"}
		}
		*to = value
	}
	return u, rest, nil
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

// addUser keeps to the rules for ids, not to those for passwords: an administrator may hand out any.
func addUser(ctx context.Context, db *store.Store, id protocol.UserID, u userArgs, stdin io.Reader) (any, error) {
	if strings.TrimSpace(u.name) == "" {
		return nil, &usageError{"user add: --name is missing"}
	}
	if !u.password {
		return nil, &usageError{"user add: --password-stdin is missing: the password comes on standard input, never as an argument"}
	}
	password, err := firstLine(stdin)
	if err != nil {
		return nil, err
	}
	a := store.Account{
		User:         protocol.User{ID: id, Name: u.name, Org: u.org, OrgName: u.orgName, Job: u.job, Admin: u.admin},
		PasswordHash: auth.Hash(password), Active: true,
	}
	if err := db.AddAccount(ctx, a); errors.Is(err, store.ErrTaken) {
		return nil, fmt.Errorf("user add: %q exists already", id)
	} else if err != nil {
		return nil, err
	}
	return a.User, nil
}

func setPassword(ctx context.Context, db *store.Store, id protocol.UserID, u userArgs, stdin io.Reader) (any, error) {
	if !u.password {
		return nil, &usageError{"user password: --password-stdin is missing"}
	}
	password, err := firstLine(stdin)
	if err != nil {
		return nil, err
	}
	if err := db.SetPassword(ctx, id, auth.Hash(password), true); err != nil {
		return nil, err
	}
	open, err := db.SignIns(ctx, id)
	for _, in := range open {
		err = errors.Join(err, db.RevokeSignIn(ctx, in.ID))
	}
	return id, err
}

func listUsers(ctx context.Context, db *store.Store, u userArgs, stdout io.Writer) error {
	type row struct {
		protocol.User
		Active bool `json:"active"`
	}
	rows := []row{}
	for cursor, more := "", true; more; more = cursor != "" {
		accounts, next, err := db.Accounts(ctx, "", cursor, 500)
		if err != nil {
			return plainly(err)
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
