// Package floors says which package may import which: a package imports lower floors only.
// It knows no package but by its path; the test reads the import lines.
package floors

import (
	"slices"
	"strings"
)

// Floors holds the packages of each floor, lowest first, as folders below the module. A package that
// stands in none of them is an error, so that a new one is given its place.
var Floors = [][]string{
	{"shared/protocol", "shared/locale", "shared/release", "shared/resident"},
	{"shared/delivery", "shared/notify", "desktop/engine"},
	{"server/config", "server/store", "server/blob", "server/bus", "server/ldap", "server/kerberos", "server/offer", "desktop/state", "desktop/keyring", "desktop/policy", "desktop/ticket", "desktop/remote", "desktop/startup", "desktop/sender", "webui"},
	{"server/refusal"},
	{"server/auth", "server/directory", "server/feed", "server/files", "server/transcript", "server/chat", "server/session", "server/limits", "server/journal", "desktop/outbox", "desktop/download", "desktop/toast", "desktop/attention", "desktop/update"},
	{"server/fanout", "desktop/link", "desktop/caretaker"},
	{"server/command"},
	{"server/socket", "server/api", "server/jobs", "desktop/edge"},
	{"server/node"},
	{"server", "desktop/tray", "desktop/window"},
}

// Aside are packages of no floor: tools and support for tests. They may import anything that Mixed
// allows, and only tests, mains and each other may import them.
var Aside = []string{
	"shared/tsgen", "shared/floors", "shared/story", "shared/kdctest", "shared/freeport", "server/bench",
	"server/servertest", "server/oidctest", "server/store/storetest", "server/bus/redistest", "server/ldap/ldaptest", "desktop/desktoptest",
	"packaging",
}

// Legacy are words of the original's tables; they stand in server/store alone.
var Legacy = []string{"A_MSGMST_TBL", "A_MSGDTL_TBL", "A_ROOMMST_TBL", "A_ROOMMEM_TBL", "A_ROOMDTL_TBL", "A_FILELOG_TBL", "Z_USER_TBL", "Z_ORG_TBL", "Z_INTUSER_TBL", "Z_INTORG_TBL", "Z_ACTLOG_TBL"}

// Nameless are names that say nothing and collect everything.
var Nameless = []string{"util", "utils", "common", "helper", "helpers", "misc", "lib", "base", "shared"}

// None and Outside are floors of packages that have none of their own.
const (
	Outside = -1 // in Aside
	None    = -2 // in neither table
)

// place returns the house of a folder and its floor. A folder without a line belongs to the nearest
// folder above it that has one: desktop/tray/icon is part of desktop/tray. Only server, which is a main
// and the folder of its parts at once, takes nobody in.
func place(dir string) (house string, floor int) {
	for at := dir; at != ""; at = above(at) {
		if slices.Contains(Aside, at) {
			return at, Outside
		}
		for floor, dirs := range Floors {
			if slices.Contains(dirs, at) && (at == dir || at != "server") {
				return at, floor
			}
		}
	}
	return "", None
}

func above(dir string) string {
	i := strings.LastIndexByte(dir, '/')
	return dir[:max(i, 0)]
}

// side returns "server", "desktop" or "" for what both may use.
func side(dir string) string {
	top, _, _ := strings.Cut(dir, "/")
	if top == "server" || top == "desktop" {
		return top
	}
	return ""
}

// Refuses says why the package in folder from may not import the one in folder to, "" when it may.
// A test may also import packages aside.
func Refuses(from, to string, test bool) string {
	house, f := place(from)
	other, t := place(to)
	switch {
	case f == None:
		return from + " has no floor"
	case t == None:
		return to + " has no floor"
	case side(from) != "" && side(to) != "" && side(from) != side(to):
		return "server and desktop never import each other"
	case f == Outside || test || house == other:
		return ""
	case t == Outside:
		return "only tests and tools import " + to
	case t >= f:
		return "a package imports lower floors only"
	}
	return ""
}
