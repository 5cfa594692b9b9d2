package sqlite

import (
	"fmt"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// Stmt is a prepared statement. Bind it, step through its rows, reset it.
type Stmt struct {
	c     *Conn
	p     uintptr
	names []string
	bound int // how many arguments it takes
	// room holds the texts of the arguments. It stays from one run to the next, so that binding asks for no memory.
	room uintptr
	size int
	// last are the texts of each column in the row before: rooms, names and kinds are the same in one row after
	// the other, and need no memory of their own again.
	last []string
}

func newStmt(c *Conn, p uintptr) *Stmt {
	s := &Stmt{c: c, p: p, bound: int(sqlite3.Xsqlite3_bind_parameter_count(c.tls, p))}
	s.columns()
	return s
}

// columns looks what the statement returns.
func (s *Stmt) columns() {
	n := int(sqlite3.Xsqlite3_column_count(s.c.tls, s.p))
	s.names, s.last = make([]string, n), make([]string, n)
	for i := range n {
		s.names[i] = libc.GoString(sqlite3.Xsqlite3_column_name(s.c.tls, s.p, int32(i)))
	}
}

// Columns are the names of what the statement returns.
func (s *Stmt) Columns() []string { return s.names }

// Arguments is how many arguments the statement takes.
func (s *Stmt) Arguments() int { return s.bound }

// Close ends the statement.
func (s *Stmt) Close() error {
	rc := sqlite3.Xsqlite3_finalize(s.c.tls, s.p) // that of its last run, if that failed
	s.p = 0
	s.c.free(s.room)
	s.room = 0
	return s.c.fault(rc)
}

// Reset makes the statement ready to be bound and run again. What its last run met was told by Step.
func (s *Stmt) Reset() { sqlite3.Xsqlite3_reset(s.c.tls, s.p) }

// Bind sets the arguments: nil, string, []byte, int64, int, float64 or bool, or a pointer to a string or an int64, which
// costs no memory where many rows are written from the same places.
func (s *Stmt) Bind(args []any) error {
	if len(args) != s.bound {
		return fmt.Errorf("sqlite: %d arguments for %d places", len(args), s.bound)
	}
	need := 1 // an empty text has an address as well
	for _, a := range args {
		switch a := a.(type) {
		case string:
			need += len(a)
		case *string:
			need += len(*a)
		case []byte:
			need += len(a)
		}
	}
	if need > s.size {
		s.c.free(s.room)
		s.size = max(need, 2*s.size, 64)
		if s.room = sqlite3.Xsqlite3_malloc(s.c.tls, int32(s.size)); s.room == 0 {
			s.size = 0
			return errMemory
		}
	}
	room, at := libc.GoBytes(s.room, s.size), 0
	for i, a := range args {
		var rc int32
		n := int32(i + 1)
		switch a := a.(type) {
		case string:
			copy(room[at:], a)
			rc = sqlite3.Xsqlite3_bind_text(s.c.tls, s.p, n, s.room+uintptr(at), int32(len(a)), stays)
			at += len(a)
		case *string:
			copy(room[at:], *a)
			rc = sqlite3.Xsqlite3_bind_text(s.c.tls, s.p, n, s.room+uintptr(at), int32(len(*a)), stays)
			at += len(*a)
		case *int64:
			rc = sqlite3.Xsqlite3_bind_int64(s.c.tls, s.p, n, *a)
		case []byte:
			if a == nil {
				rc = sqlite3.Xsqlite3_bind_null(s.c.tls, s.p, n)
				break
			}
			copy(room[at:], a)
			rc = sqlite3.Xsqlite3_bind_blob(s.c.tls, s.p, n, s.room+uintptr(at), int32(len(a)), stays)
			at += len(a)
		case int64:
			rc = sqlite3.Xsqlite3_bind_int64(s.c.tls, s.p, n, a)
		case int:
			rc = sqlite3.Xsqlite3_bind_int64(s.c.tls, s.p, n, int64(a))
		case bool:
			x := int64(0)
			if a {
				x = 1
			}
			rc = sqlite3.Xsqlite3_bind_int64(s.c.tls, s.p, n, x)
		case float64:
			rc = sqlite3.Xsqlite3_bind_double(s.c.tls, s.p, n, a)
		case nil:
			rc = sqlite3.Xsqlite3_bind_null(s.c.tls, s.p, n)
		default:
			return fmt.Errorf("sqlite: argument %d is a %T", i+1, a)
		}
		if rc != sqlite3.SQLITE_OK {
			return s.c.fault(rc)
		}
	}
	return nil
}

// stays says that a text keeps its place as long as the statement can read it.
const stays = uintptr(0)

// Step goes to the next row, false when there is none left.
func (s *Stmt) Step() (bool, error) {
	switch rc := sqlite3.Xsqlite3_step(s.c.tls, s.p); rc {
	case sqlite3.SQLITE_ROW:
		if int(sqlite3.Xsqlite3_column_count(s.c.tls, s.p)) != len(s.names) {
			s.columns() // a table has changed, and "*" is more than it was
		}
		return true, nil
	case sqlite3.SQLITE_DONE:
		return false, nil
	default:
		return false, s.c.fault(rc)
	}
}

// Kind is what a column of the row holds: in SQLite each row may hold another.
type Kind int32

// The kinds there are.
const (
	Integer = Kind(sqlite3.SQLITE_INTEGER)
	Float   = Kind(sqlite3.SQLITE_FLOAT)
	Text    = Kind(sqlite3.SQLITE_TEXT)
	Blob    = Kind(sqlite3.SQLITE_BLOB)
	Null    = Kind(sqlite3.SQLITE_NULL)
)

// Kind is what column i holds; the methods below are for a column of their kind.
func (s *Stmt) Kind(i int) Kind { return Kind(sqlite3.Xsqlite3_column_type(s.c.tls, s.p, int32(i))) }

// Int is an integer.
func (s *Stmt) Int(i int) int64 { return sqlite3.Xsqlite3_column_int64(s.c.tls, s.p, int32(i)) }

// Float is a number.
func (s *Stmt) Float(i int) float64 { return sqlite3.Xsqlite3_column_double(s.c.tls, s.p, int32(i)) }

// Text is a text.
func (s *Stmt) Text(i int) string {
	b := s.bytes(sqlite3.Xsqlite3_column_text(s.c.tls, s.p, int32(i)), i)
	if s.last[i] == string(b) {
		return s.last[i]
	}
	text := string(b)
	if len(text) <= repeated {
		s.last[i] = text
	}
	return text
}

// repeated is how long texts are of which we remember that they were in the row before. Longer ones are what
// people wrote, and are each another.
const repeated = 64

// Bytes is a copy of what is no text.
func (s *Stmt) Bytes(i int) []byte {
	return append([]byte{}, s.bytes(sqlite3.Xsqlite3_column_blob(s.c.tls, s.p, int32(i)), i)...)
}

// Value is column i, of whatever kind: nil, string, []byte, int64 or float64.
func (s *Stmt) Value(i int) any {
	switch s.Kind(i) {
	case Text:
		return s.Text(i)
	case Integer:
		return s.Int(i)
	case Blob:
		return s.Bytes(i)
	case Float:
		return s.Float(i)
	default:
		return nil
	}
}

func (s *Stmt) bytes(p uintptr, i int) []byte {
	if p == 0 {
		return nil
	}
	return libc.GoBytes(p, int(sqlite3.Xsqlite3_column_bytes(s.c.tls, s.p, int32(i))))
}
