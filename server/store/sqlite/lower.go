package sqlite

import (
	"bytes"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// lower lets LOWER know the letters of all alphabets, as it does in MySQL; SQLite's own knows those of ASCII. No index
// may be made of it, so that other programs read the database as ever.
func (c *Conn) lower() error {
	name := c.text("lower")
	defer c.free(name)
	return c.fault(sqlite3.Xsqlite3_create_function_v2(c.tls, c.db, name, 1, sqlite3.SQLITE_UTF8|sqlite3.SQLITE_DETERMINISTIC, 0, address(lower), 0, 0, 0))
}

// copied says that a result is to be copied before its memory goes.
const copied = ^uintptr(0)

func lower(tls *libc.TLS, ctx uintptr, _ int32, args uintptr) {
	v := pointerAt(args)
	switch sqlite3.Xsqlite3_value_type(tls, v) {
	case sqlite3.SQLITE_TEXT, sqlite3.SQLITE_BLOB:
	default:
		sqlite3.Xsqlite3_result_value(tls, ctx, v)
		return
	}
	p := sqlite3.Xsqlite3_value_text(tls, v)
	n := int(sqlite3.Xsqlite3_value_bytes(tls, v))
	if p == 0 || n == 0 {
		sqlite3.Xsqlite3_result_value(tls, ctx, v)
		return
	}
	low := bytes.ToLower(libc.GoBytes(p, n))
	to := sqlite3.Xsqlite3_malloc(tls, int32(len(low)))
	if to == 0 {
		sqlite3.Xsqlite3_result_error_nomem(tls, ctx)
		return
	}
	copy(libc.GoBytes(to, len(low)), low)
	sqlite3.Xsqlite3_result_text(tls, ctx, to, int32(len(low)), copied)
	sqlite3.Xsqlite3_free(tls, to)
}
