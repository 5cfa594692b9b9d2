package sqlite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// counting stands in the place of what writes the log, and counts.
var (
	counting sqlite3.Tsqlite3_io_methods
	written  int
	refuses  bool
)

func countedWrite(tls *libc.TLS, file, from uintptr, n int32, offset int64) int32 {
	written++
	if refuses {
		return sqlite3.SQLITE_FULL
	}
	write := function[moving](counting.FxFetch) // which a log has no use for
	return write(tls, file, from, n, offset)
}

// gathering is a connection that gathers its log, and whose writes are counted.
func gathering(t *testing.T, path string) *Conn {
	t.Helper()
	c := open(t, path)
	run(t, c, "PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
	if err := c.GatherLog(); err != nil {
		t.Fatal(err)
	}
	name := c.text("main")
	defer c.free(name)
	sqlite3.Xsqlite3_file_control(c.tls, c.db, name, sqlite3.SQLITE_FCNTL_JOURNAL_POINTER, c.out)
	g, plain := gatheredOf(pointerAt(c.out))
	before := g.plain
	counting, written, refuses = *plain, 0, false
	counting.FxFetch, counting.FxWrite = plain.FxWrite, address(countedWrite)
	g.plain = uintptr(unsafe.Pointer(&counting))
	t.Cleanup(func() { g.plain = before })
	return c
}

func run(t *testing.T, c *Conn, script string) {
	t.Helper()
	if err := c.Exec(script); err != nil {
		t.Fatal(err)
	}
}

// rows counts them, and compares each with what it should be.
func rows(t *testing.T, c *Conn) (n int64) {
	t.Helper()
	s := prepare(t, c, "SELECT count(*), coalesce(sum(b<>?||a), 0) FROM t")
	if err := s.Bind([]any{strings.Repeat("text ", 500)}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Step(); err != nil {
		t.Fatal(err)
	}
	if s.Value(1) != int64(0) {
		t.Errorf("%v rows are not what was written", s.Value(1))
	}
	n, _ = s.Value(0).(int64)
	s.Reset()
	return n
}

func insert(t *testing.T, c *Conn, n int) {
	t.Helper()
	s := prepare(t, c, "INSERT INTO t (b) SELECT ?||(SELECT coalesce(max(a), 0)+1 FROM t)")
	for range n {
		if err := s.Bind([]any{strings.Repeat("text ", 500)}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Step(); err != nil {
			t.Fatal(err)
		}
		s.Reset()
	}
}

func TestTheLogIsWrittenInFewPieces(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	c := gathering(t, path)
	run(t, c, "BEGIN IMMEDIATE")
	insert(t, c, 200)
	run(t, c, "COMMIT")
	// A log of 200 pages and more, 30 in a piece; one by one it would be twice as many writes as pages.
	if written > 20 {
		t.Errorf("%d writes", written)
	}
	if n := rows(t, open(t, path)); n != 200 {
		t.Errorf("another connection sees %d rows", n)
	}
}

func TestATransactionTooLargeForItsMemoryReadsWhatItWrote(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	c := gathering(t, path)
	other := open(t, path)
	run(t, c, "PRAGMA cache_size=10; BEGIN IMMEDIATE")
	insert(t, c, 300)
	if n := rows(t, c); n != 300 {
		t.Errorf("it sees %d of its rows", n)
	}
	if n := rows(t, other); n != 0 {
		t.Errorf("another connection sees %d rows that are not committed", n)
	}
	run(t, c, "ROLLBACK; BEGIN IMMEDIATE")
	insert(t, c, 7)
	run(t, c, "COMMIT")
	if a, b := rows(t, c), rows(t, other); a != 7 || b != 7 {
		t.Errorf("%d and %d rows", a, b)
	}
	// As after a crash: what was waited for is in the files.
	again := filepath.Join(t.TempDir(), "db")
	for _, end := range []string{"", "-wal"} {
		raw, err := os.ReadFile(path + end)
		if err == nil {
			err = os.WriteFile(again+end, raw, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if n := rows(t, open(t, again)); n != 7 {
		t.Errorf("%d rows after a crash", n)
	}
}

func TestWhatCannotBeWrittenIsNotCommitted(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	c := gathering(t, path)
	run(t, c, "BEGIN IMMEDIATE")
	insert(t, c, 3)
	refuses = true
	if err := c.Exec("COMMIT"); code(err) != sqlite3.SQLITE_FULL {
		t.Errorf("committed to a full disk: %v", err)
	}
	if c.InTransaction() {
		run(t, c, "ROLLBACK")
	}
	refuses = false
	if n := rows(t, c); n != 0 {
		t.Errorf("%d rows", n)
	}
	run(t, c, "BEGIN IMMEDIATE")
	insert(t, c, 2)
	run(t, c, "COMMIT")
	run(t, c, "PRAGMA wal_checkpoint(TRUNCATE)")
	if a, b := rows(t, c), rows(t, open(t, path)); a != 2 || b != 2 {
		t.Errorf("%d and %d rows", a, b)
	}
}
