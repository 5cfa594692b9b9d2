// Command centre runs the key distribution centre of the tests, for tests of a browser: it signs the people that its
// arguments name in, prints as JSON where everything lies, and ends with its standard input. It knows nothing of browsers.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"testing"

	"sendjay/shared/kdctest"
)

// stand is as much of a test as a centre needs.
type stand struct {
	testing.TB
	dir  string
	last []func()
}

func (*stand) Helper()                     {}
func (s *stand) TempDir() string           { return s.dir }
func (*stand) Context() context.Context    { return context.Background() }
func (s *stand) Cleanup(f func())          { s.last = append(s.last, f) }
func (s *stand) Fatal(args ...any)         { s.end(); fmt.Fprintln(os.Stderr, args...); os.Exit(1) }
func (s *stand) Fatalf(f string, v ...any) { s.Fatal(fmt.Sprintf(f, v...)) }

func (s *stand) end() {
	for _, f := range s.last {
		f()
	}
	_ = os.RemoveAll(s.dir)
}

func main() {
	dir, err := os.MkdirTemp("", "sendjay-centre-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	s := &stand{dir: dir}
	c := kdctest.Start(s, os.Args[1:]...)
	tickets := map[string]string{}
	for _, who := range os.Args[1:] {
		tickets[who] = c.Kinit(who)
	}
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{
		"config": c.Config, "keytab": c.Keytab, "service": kdctest.Service + "@" + kdctest.Realm, "tickets": tickets,
	})
	_, _ = io.Copy(io.Discard, os.Stdin)
	s.end()
}
