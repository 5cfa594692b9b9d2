// Package sqlite runs statements on a SQLite database and hands over what they find.
// It knows neither our tables nor who asks, and nothing of pools and of database/sql.
//
// It stands directly on the library that modernc.org/sqlite translates from C, in the place of that module's
// driver, which is made for every use and pays for it with each statement: a goroutine and a channel for each
// that can be called off, the names and types of all columns spelled out for each that reads, memory asked for
// and given back for each argument, and a mutex around every value, although database/sql lets nobody else at a
// connection meanwhile. That was a third of what reading a page of messages took, and of storing one.
//
// A Conn and its statements belong to one goroutine at a time. That is what SQLite demands of a connection
// opened without its mutex.
package sqlite

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
	"sync"

	"modernc.org/libc"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Error is what SQLite says went wrong.
type Error struct {
	code int32
	text string
}

func (e *Error) Error() string { return fmt.Sprintf("sqlite: %s (%d)", e.text, e.code) }

// Code is the extended result code.
func (e *Error) Code() int { return int(e.code) }

// Conn is one connection.
type Conn struct {
	tls *libc.TLS
	db  uintptr
	// out is room for two pointers, where the library puts what it returns.
	out uintptr

	mu   sync.Mutex // guards turn
	turn int        // of the statements that can be called off
}

// Sync has SQLite wait for the disk by fdatasync: as durable as fsync, without the time stamps that that waits
// for. Where the system has no such call, fsync stays.
func Sync() { _, _ = sqlite.Fdatasync(true) }

const pointer = bits.UintSize / 8

// Open opens the database in the file at path, which it creates, and sets up the connection with pragmas.
func Open(path string, pragmas ...string) (*Conn, error) {
	c := &Conn{tls: libc.NewTLS()}
	c.out = sqlite3.Xsqlite3_malloc(c.tls, 2*pointer)
	name := c.text(path)
	if c.out == 0 || name == 0 {
		c.free(name)
		_ = c.Close() // there is nothing yet that could fail
		return nil, errMemory
	}
	// No mutex: one goroutine at a time is here anyway, and it would be taken for every value that is read.
	rc := sqlite3.Xsqlite3_open_v2(c.tls, name, c.out, sqlite3.SQLITE_OPEN_READWRITE|sqlite3.SQLITE_OPEN_CREATE|
		sqlite3.SQLITE_OPEN_NOMUTEX|sqlite3.SQLITE_OPEN_EXRESCODE, 0)
	c.free(name)
	c.db = pointerAt(c.out)
	err := c.fault(rc)
	if err == nil {
		err = c.lower()
	}
	for _, p := range pragmas {
		if err == nil {
			err = c.Exec("PRAGMA " + p)
		}
	}
	if err != nil {
		_ = c.Close() // the first error counts
		return nil, err
	}
	return c, nil
}

// Close closes the connection, whose statements must have been closed.
func (c *Conn) Close() error {
	if c.tls == nil {
		return nil
	}
	rc := int32(sqlite3.SQLITE_OK)
	if c.db != 0 {
		rc = sqlite3.Xsqlite3_close_v2(c.tls, c.db)
	}
	c.db = 0
	err := c.fault(rc)
	c.free(c.out)
	c.tls.Close()
	c.tls = nil
	return err
}

// Exec runs the statements of script, which take no arguments.
func (c *Conn) Exec(script string) error {
	for {
		s, rest, err := c.prepare(script, 0)
		if err != nil || s == nil {
			return err
		}
		for more := true; more && err == nil; {
			more, err = s.Step()
		}
		if e := s.Close(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
		script = rest
	}
}

// Prepare makes a statement that is going to be run many times. Text after its end is an error.
func (c *Conn) Prepare(query string) (*Stmt, error) {
	s, rest, err := c.prepare(query, sqlite3.SQLITE_PREPARE_PERSISTENT)
	switch {
	case err != nil:
		return nil, err
	case s == nil:
		return nil, &Error{sqlite3.SQLITE_MISUSE, "an empty statement"}
	case strings.TrimSpace(rest) != "":
		_ = s.Close() // it was not run
		return nil, &Error{sqlite3.SQLITE_MISUSE, "more than one statement"}
	}
	return s, nil
}

// prepare returns the first statement of script, nil when there is none, and what follows it.
func (c *Conn) prepare(script string, flags uint32) (*Stmt, string, error) {
	text := c.text(script)
	if text == 0 {
		return nil, "", errMemory
	}
	defer c.free(text)
	rc := sqlite3.Xsqlite3_prepare_v3(c.tls, c.db, text, int32(len(script))+1, flags, c.out, c.out+pointer)
	if err := c.fault(rc); err != nil {
		return nil, "", err
	}
	p, rest := pointerAt(c.out), script[pointerAt(c.out+pointer)-text:]
	if p == 0 {
		return nil, rest, nil
	}
	return newStmt(c, p), rest, nil
}

// InTransaction reports whether a transaction has begun and not ended.
func (c *Conn) InTransaction() bool { return sqlite3.Xsqlite3_get_autocommit(c.tls, c.db) == 0 }

// Changed is how many rows the last statement that changes rows has changed.
func (c *Conn) Changed() int64 { return int64(sqlite3.Xsqlite3_changes(c.tls, c.db)) }

// LastRow is the number of the row that was last inserted.
func (c *Conn) LastRow() int64 { return sqlite3.Xsqlite3_last_insert_rowid(c.tls, c.db) }

// CallOff ends what is run until done is called once ctx is over; what was run then says so by its error. It
// costs no goroutine as long as ctx lives. A statement that begins in the same moment may be run to its end.
func (c *Conn) CallOff(ctx context.Context) (done func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	c.mu.Lock()
	mine := c.turn
	c.mu.Unlock()
	stop := context.AfterFunc(ctx, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.turn == mine { // and not already the next one's
			sqlite3.Xsqlite3_interrupt(nil, c.db)
		}
	})
	return func() {
		stop()
		c.mu.Lock()
		c.turn++
		c.mu.Unlock()
	}
}

var errMemory = &Error{sqlite3.SQLITE_NOMEM, "no memory"}

// fault makes an error of a result code, nil of the good ones.
func (c *Conn) fault(rc int32) error {
	switch rc {
	case sqlite3.SQLITE_OK, sqlite3.SQLITE_ROW, sqlite3.SQLITE_DONE:
		return nil
	}
	text := libc.GoString(sqlite3.Xsqlite3_errstr(c.tls, rc))
	if c.db != 0 {
		if more := libc.GoString(sqlite3.Xsqlite3_errmsg(c.tls, c.db)); more != text {
			text += ": " + more
		}
	}
	return &Error{rc, text}
}

// text copies s to where the library can read it, 0 when there is no memory.
func (c *Conn) text(s string) uintptr {
	p := sqlite3.Xsqlite3_malloc(c.tls, int32(len(s))+1)
	if p != 0 {
		b := libc.GoBytes(p, len(s)+1)
		copy(b, s)
		b[len(s)] = 0
	}
	return p
}

func (c *Conn) free(p uintptr) { sqlite3.Xsqlite3_free(c.tls, p) }

// pointerAt reads a pointer of the library's.
func pointerAt(p uintptr) uintptr {
	b := libc.GoBytes(p, pointer)
	if pointer == 4 {
		return uintptr(binary.NativeEndian.Uint32(b))
	}
	return uintptr(binary.NativeEndian.Uint64(b))
}
