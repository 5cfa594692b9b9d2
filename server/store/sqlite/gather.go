package sqlite

import (
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// gatherMost is how many bytes wait for one write at most: some thirty pages. More than this the library does not
// write at once on Unix; it takes the size of a write by its last 17 bits.
const gatherMost = 1<<17 - 1

// gathered stands in the place of what the library calls for its log: the library finds it by the file. It lies in
// memory of the library's, and begins with what the library expects there.
type gathered struct {
	methods sqlite3.Tsqlite3_io_methods
	plain   uintptr // what was there before
	at      int64   // where in the file what waits begins
	waiting int32   // bytes
	bytes   [gatherMost]byte
}

// GatherLog has this connection write its log in few large pieces. SQLite writes twice for every page, which is as
// expensive as all else that a commit does but for the wait for the disk. A piece is written when it is large, when
// something else is done with the file, and before each wait for the disk. The database must be in WAL mode, and the
// connection wait for the disk at each commit (synchronous=FULL): others look into the log for what was committed.
func (c *Conn) GatherLog() error {
	if err := c.Exec("SELECT 1 FROM sqlite_schema LIMIT 1"); err != nil { // opens the log
		return err
	}
	name := c.text("main")
	rc := sqlite3.Xsqlite3_file_control(c.tls, c.db, name, sqlite3.SQLITE_FCNTL_JOURNAL_POINTER, c.out)
	c.free(name)
	if err := c.fault(rc); err != nil {
		return err
	}
	file := pointerAt(c.out)
	if file == 0 || at[sqlite3.Tsqlite3_file](file).FpMethods == 0 {
		return &Error{sqlite3.SQLITE_MISUSE, "there is no log"}
	}
	p := sqlite3.Xsqlite3_malloc(c.tls, int32(unsafe.Sizeof(gathered{})))
	if p == 0 {
		return errMemory
	}
	f, g := at[sqlite3.Tsqlite3_file](file), at[gathered](p)
	g.plain, g.at, g.waiting = f.FpMethods, 0, 0
	g.methods = *at[sqlite3.Tsqlite3_io_methods](g.plain)
	g.methods.FxClose = address(gatherClose)
	g.methods.FxRead = address(gatherRead)
	g.methods.FxWrite = address(gatherWrite)
	g.methods.FxTruncate = address(gatherTruncate)
	g.methods.FxSync = address(gatherSync)
	g.methods.FxFileSize = address(gatherFileSize)
	f.FpMethods = p
	return nil
}

// at is what lies at an address of the library's.
func at[T any](p uintptr) *T {
	return (*T)(unsafe.Pointer(unsafe.SliceData(libc.GoBytes(p, 1))))
}

// address is by what the library calls a function, which must be one of a package: that one never moves.
func address[F any](f F) uintptr {
	return *(*uintptr)(unsafe.Pointer(&f))
}

// function is what the library would call by an address.
func function[F any](p uintptr) F {
	return *(*F)(unsafe.Pointer(&struct{ uintptr }{p}))
}

// The library's functions for a file, as far as we stand before them.
type (
	closing   = func(*libc.TLS, uintptr) int32
	moving    = func(*libc.TLS, uintptr, uintptr, int32, int64) int32 // reading and writing
	resizing  = func(*libc.TLS, uintptr, int64) int32
	syncing   = func(*libc.TLS, uintptr, int32) int32
	measuring = func(*libc.TLS, uintptr, uintptr) int32
)

func gatheredOf(file uintptr) (*gathered, *sqlite3.Tsqlite3_io_methods) {
	g := at[gathered](at[sqlite3.Tsqlite3_file](file).FpMethods)
	return g, at[sqlite3.Tsqlite3_io_methods](g.plain)
}

// flush writes what waits. What cannot be written is let go: the library hears of it before it calls anything
// committed, and takes back the transaction.
func (g *gathered) flush(tls *libc.TLS, file uintptr) int32 {
	if g.waiting == 0 {
		return sqlite3.SQLITE_OK
	}
	n := g.waiting
	g.waiting = 0
	write := function[moving](at[sqlite3.Tsqlite3_io_methods](g.plain).FxWrite)
	return write(tls, file, uintptr(unsafe.Pointer(&g.bytes)), n, g.at)
}

func gatherWrite(tls *libc.TLS, file, from uintptr, n int32, offset int64) int32 {
	g, plain := gatheredOf(file)
	if offset != g.at+int64(g.waiting) || int(g.waiting)+int(n) > gatherMost {
		if rc := g.flush(tls, file); rc != sqlite3.SQLITE_OK {
			return rc
		}
		g.at = offset
	}
	if n > gatherMost {
		return function[moving](plain.FxWrite)(tls, file, from, n, offset)
	}
	copy(g.bytes[g.waiting:], libc.GoBytes(from, int(n)))
	g.waiting += n
	return sqlite3.SQLITE_OK
}

func gatherRead(tls *libc.TLS, file, to uintptr, n int32, offset int64) int32 {
	g, plain := gatheredOf(file)
	if rc := g.flush(tls, file); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return function[moving](plain.FxRead)(tls, file, to, n, offset)
}

func gatherTruncate(tls *libc.TLS, file uintptr, size int64) int32 {
	g, plain := gatheredOf(file)
	if rc := g.flush(tls, file); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return function[resizing](plain.FxTruncate)(tls, file, size)
}

func gatherSync(tls *libc.TLS, file uintptr, flags int32) int32 {
	g, plain := gatheredOf(file)
	if rc := g.flush(tls, file); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return function[syncing](plain.FxSync)(tls, file, flags)
}

func gatherFileSize(tls *libc.TLS, file, size uintptr) int32 {
	g, plain := gatheredOf(file)
	if rc := g.flush(tls, file); rc != sqlite3.SQLITE_OK {
		return rc
	}
	return function[measuring](plain.FxFileSize)(tls, file, size)
}

// gatherClose puts back what was there. What still waits was never called committed.
func gatherClose(tls *libc.TLS, file uintptr) int32 {
	g, plain := gatheredOf(file)
	f := at[sqlite3.Tsqlite3_file](file)
	p := f.FpMethods
	f.FpMethods = g.plain
	rc := function[closing](plain.FxClose)(tls, file)
	sqlite3.Xsqlite3_free(tls, p)
	return rc
}
