// Command sendjay-server is the one server: web UI, socket, HTTP interface, embedded database.
// It wires the parts; the rules are theirs.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"sendjay/server/config"
	"sendjay/server/files/picture"
	"sendjay/server/node"
	"sendjay/shared/protocol"
)

func main() {
	ignoreFileLimit()
	paceHeap()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes: 1 for what went wrong, 2 for what was asked wrongly.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if slices.Contains(args, "-h") || slices.Contains(args, "--help") || len(args) > 0 && args[0] == "help" {
		usage(stdout)
		return 0
	}
	if len(args) == 1 && args[0] == node.SmallPictures {
		// Ourselves as a child: the picture is on descriptor 3.
		if err := picture.Work(os.NewFile(3, "picture"), stdout); err != nil {
			return 1
		}
		return 0
	}
	if len(args) > 0 && args[0] == "version" {
		fmt.Fprintln(stdout, "sendjay-server", protocol.Version)
		return 0
	}
	fail := func(err error) int {
		fmt.Fprintln(stderr, "sendjay-server:", err)
		_, wrong := errors.AsType[*config.Error](err)
		_, misused := errors.AsType[*usageError](err)
		if wrong || misused {
			return 2
		}
		return 1
	}
	if len(args) > 0 && args[0] == "user" {
		if err := userCommand(ctx, args[1:], environ, stdin, stdout); err != nil {
			return fail(err)
		}
		return 0
	}
	if len(args) > 0 && deskCommands[args[0]] != nil {
		if err := deskCommand(ctx, args[0], args[1:], environ, stdout); err != nil {
			return fail(err)
		}
		return 0
	}
	if len(args) > 0 && args[0] == "update" {
		if err := updateCommand(args[1:], environ, stdout); err != nil {
			return fail(err)
		}
		return 0
	}
	c, rest, err := config.Read(args, environ)
	if err != nil {
		return fail(err)
	}
	if len(rest) > 0 {
		return fail(&usageError{fmt.Sprintf("%q: there is no such command (try --help)", rest[0])})
	}
	if err := serve(ctx, c, stdout, stderr); err != nil {
		return fail(err)
	}
	return 0
}

// usageError says what was asked wrongly.
type usageError struct{ text string }

func (e *usageError) Error() string { return e.text }

func usage(w io.Writer) {
	fmt.Fprint(w, `sendjay-server                     run the server
sendjay-server user add ID --name NAME [--org CODE] [--org-name NAME] [--job JOB] [--admin] --password-stdin
sendjay-server user list [--json]
sendjay-server user password ID --password-stdin
sendjay-server user edit ID [--name NAME] [--org CODE] [--job JOB] [--phone NUMBER] [--mail ADDRESS] [--role helpdesk|admin|owner|none] [--posts CODE:JOB,CODE]
sendjay-server user unlock ID              after too many wrong passwords
sendjay-server user deactivate ID
sendjay-server user activate ID
sendjay-server session list ID|end ID     where somebody is signed in; sign all of it out
sendjay-server org list                    the units; org add CODE NAME [UNDER], rename CODE NAME, move CODE UNDER|-, remove CODE
sendjay-server factor off ID              takes somebody's second factor away
sendjay-server feed key NAME [NETWORK…]   a key for the company's own system to deliver data sets with, from these networks only
sendjay-server feed keys                   lists those keys; feed unkey ID makes one worthless
sendjay-server feed put FILE              a data set of units or people, .csv or .xlsx; feed list shows them
sendjay-server feed ldap                  a data set of everybody in the directory of --ldap
sendjay-server feed plan|apply|force ORGS|- USERS|-   what applying the sets would do; do it; do it although many leave
sendjay-server feed undo                  takes the last apply back
sendjay-server limits list                the limits that may be changed while the server runs
sendjay-server limits set NAME VALUE      changes one, within seconds; limits reset NAME gives its preset back
sendjay-server log list [WHO]             who signed in, was refused, was connected; WHO is an id, a name or an address
sendjay-server audit verify               the log of what was done shows tampering; audit list [WHO [ACT]] prints it, newest first
sendjay-server notice say TEXT [ENGLISH]  a notice to everybody, within seconds; notice clear takes it back
sendjay-server update pack VERSION FOLDER  writes FOLDER/manifest.json over FOLDER/linux-amd64 and the like; sign it with minisign
sendjay-server update publish FOLDER      takes a signed version in (needs --update-key), offered to nobody yet
sendjay-server update offer VERSION [--channel stable|early|lts] [--percent 100] [--orgs A,B] [--users kim,lee]
sendjay-server update withdraw VERSION    offers it no more
sendjay-server update list|verify         what is here and offered to whom; verify fails when something is not as signed
sendjay-server version

The password is the first line of standard input; with --must-change it serves for one sign-in, to choose
another. --json prints JSON.

`)
	config.Usage(w)
}
