// Package freeport gives tests an address of this machine on which nobody listens, for a program that they start.
// It knows nothing of the program.
package freeport

import (
	"net"
	"testing"
)

// Address returns an address with a port that was free a moment ago.
func Address(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // only its number was wanted
	return l.Addr().String()
}
