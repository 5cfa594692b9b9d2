package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"sendjay/shared/protocol"
)

// The files that people upload. S_FILE_TBL has a row for each upload, S_MSGFILE_TBL one for each message that
// shows it, S_BLOB_TBL one for each different content with the number of files that have it, and
// S_TRASH_TBL the keys of bytes that nobody needs any more.

// The errors about files that callers tell apart.
var (
	ErrNoFile    = errors.New("no such file")
	ErrNotWhole  = errors.New("the file is not whole yet")
	ErrManyFiles = errors.New("too many files that have not expired")
	ErrSpace     = errors.New("no more space for the files of this person")
	ErrRoomSpace = errors.New("no more space for the files of this room")
)

// FileState is how far a file has come.
type FileState string

// The states of a file.
const (
	FileOpen  FileState = "o" // bytes are coming
	FileWhole FileState = "w" // all bytes are there, no message shows it yet
	FileUsed  FileState = "u" // messages show it
	FileGone  FileState = "g" // expired, or taken back
)

// File is an upload and what is known of it.
type File struct {
	ID    protocol.FileID
	Owner protocol.UserID
	Room  protocol.RoomID
	Name  string
	Size  int64
	// Key is where the bytes are.
	Key   string
	State FileState
	Facts FileFacts
	// Until is 0 for a file that never expires.
	Until   protocol.Instant
	Created protocol.Instant
}

// FileFacts are what the bytes say.
type FileFacts struct {
	Hash          string
	Kind          string
	Width, Height int
	Length        int64
	Thumb         bool
}

// Info is the file as it stands in a message.
func (f File) Info(now protocol.Instant) *protocol.FileInfo {
	return &protocol.FileInfo{
		ID: f.ID, Name: f.Name, Size: f.Size, Kind: f.Facts.Kind, Width: f.Facts.Width, Height: f.Facts.Height, Length: f.Facts.Length,
		Thumb: f.Facts.Thumb, Until: f.Until, Gone: f.State == FileGone || f.Until != 0 && f.Until <= now,
	}
}

// FileLimits bound what one person and one room may keep; 0 is no bound.
type FileLimits struct {
	Live            int
	Person, InRooms int64
}

func (m *migrator) files(ctx context.Context) error {
	const number = "BIGINT NOT NULL DEFAULT 0"
	for _, t := range []string{
		`S_FILE_TBL (FILEID VARCHAR(40) NOT NULL PRIMARY KEY, OWNER VARCHAR(40) NOT NULL, ROOMID VARCHAR(40) NOT NULL, NAME VARCHAR(255) NOT NULL,
 SIZE ` + number + `, BLOBKEY VARCHAR(100) NOT NULL, STATE CHAR(1) NOT NULL, HASH CHAR(64) NOT NULL DEFAULT '', KIND VARCHAR(100) NOT NULL DEFAULT '',
 WIDTH ` + number + `, HEIGHT ` + number + `, LENGTHMS ` + number + `, THUMB CHAR(1) NOT NULL DEFAULT 'N', UNTILMS ` + number + `, ATMS ` + number + `, TOUCHEDMS ` + number + `)`,
		`S_MSGFILE_TBL (FILEID VARCHAR(40) NOT NULL, ROOMID VARCHAR(40) NOT NULL, SEQ BIGINT NOT NULL, MSGID VARCHAR(40) NOT NULL, PRIMARY KEY (ROOMID, SEQ))`,
		`S_BLOB_TBL (HASH CHAR(64) NOT NULL PRIMARY KEY, BLOBKEY VARCHAR(100) NOT NULL, FILES ` + number + `)`,
		`S_TRASH_TBL (BLOBKEY VARCHAR(100) NOT NULL PRIMARY KEY)`,
	} {
		if err := m.exec(ctx, m.s.d.ddl("CREATE TABLE IF NOT EXISTS "+t)); err != nil {
			return err
		}
	}
	for _, x := range []struct{ table, name, on string }{
		{"S_FILE_TBL", "S_FILE_OWNER", "(OWNER, STATE)"},
		{"S_FILE_TBL", "S_FILE_ROOM", "(ROOMID, STATE)"},
		{"S_FILE_TBL", "S_FILE_UNTIL", "(STATE, UNTILMS)"},
		{"S_MSGFILE_TBL", "S_MSGFILE_FILE", "(FILEID)"},
		{"S_MSGFILE_TBL", "S_MSGFILE_MSG", "(MSGID)"},
	} {
		have, err := m.s.d.indexes(ctx, m.q, x.table)
		if err == nil && !have[x.name] {
			err = m.exec(ctx, "CREATE INDEX "+x.name+" ON "+x.table+" "+x.on)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func fileColumns(alias string) string {
	return strings.ReplaceAll("F.FILEID,F.OWNER,F.ROOMID,F.NAME,F.SIZE,F.BLOBKEY,F.STATE,F.HASH,F.KIND,F.WIDTH,F.HEIGHT,F.LENGTHMS,F.THUMB,F.UNTILMS,F.ATMS", "F.", alias+".")
}

func (f *File) into(thumb *string) []any {
	return []any{
		&f.ID, &f.Owner, &f.Room, &f.Name, &f.Size, &f.Key, &f.State, &f.Facts.Hash, &f.Facts.Kind, &f.Facts.Width, &f.Facts.Height, &f.Facts.Length,
		thumb, &f.Until, &f.Created,
	}
}

func filesOf(ctx context.Context, q queryer, where string, args ...any) ([]File, error) {
	var out []File
	err := each(ctx, q, func(r row) error {
		var f File
		var thumb string
		if err := r.Scan(f.into(&thumb)...); err != nil {
			return err
		}
		f.Facts.Thumb = thumb == "Y"
		out = append(out, f)
		return nil
	}, "SELECT "+fileColumns("F")+" FROM S_FILE_TBL F "+where, args...)
	return out, err
}

func fileOf(ctx context.Context, q queryer, where string, args ...any) (File, error) {
	all, err := filesOf(ctx, q, where, args...)
	if err == nil && len(all) == 0 {
		err = ErrNoFile
	}
	if err != nil {
		return File{}, err
	}
	return all[0], nil
}

// AddFile begins an upload to a room its owner is in, unless that is beyond the limits.
func (s *Store) AddFile(ctx context.Context, f File, limits FileLimits) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, _, err := s.openRoom(ctx, tx, f.Room, f.Owner); err != nil {
			return err
		}
		now := protocol.At(s.now())
		const live = "STATE IN ('o','w','u') AND (UNTILMS=0 OR UNTILMS>?)"
		var mine int
		var bytes, inRoom int64
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*), COALESCE(SUM(SIZE),0) FROM S_FILE_TBL WHERE OWNER=? AND "+live, string(f.Owner), int64(now)).Scan(&mine, &bytes); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, "SELECT COALESCE(SUM(SIZE),0) FROM S_FILE_TBL WHERE ROOMID=? AND "+live, string(f.Room), int64(now)).Scan(&inRoom); err != nil {
			return err
		}
		switch {
		case limits.Live > 0 && mine >= limits.Live:
			return ErrManyFiles
		case limits.Person > 0 && bytes+f.Size > limits.Person:
			return ErrSpace
		case limits.InRooms > 0 && inRoom+f.Size > limits.InRooms:
			return ErrRoomSpace
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO S_FILE_TBL (FILEID, OWNER, ROOMID, NAME, SIZE, BLOBKEY, STATE, ATMS, TOUCHEDMS) VALUES (?,?,?,?,?,?,'o',?,?)",
			string(f.ID), string(f.Owner), string(f.Room), f.Name, f.Size, f.Key, int64(now), int64(now))
		return err
	}, nil)
}

// File returns a file, whoever may see it.
func (s *Store) File(ctx context.Context, id protocol.FileID) (File, error) {
	f, err := fileOf(ctx, s.read, "WHERE F.FILEID=?", string(id))
	return f, s.d.translate(err)
}

// TouchFile says that an upload goes on, so that it is not taken for given up; ErrNoFile when it has been.
func (s *Store) TouchFile(ctx context.Context, id protocol.FileID) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		done, err := tx.ExecContext(ctx, "UPDATE S_FILE_TBL SET TOUCHEDMS=? WHERE FILEID=? AND STATE='o'", int64(protocol.At(s.now())), string(id))
		if err != nil {
			return err
		}
		if n, err := done.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return ErrNoFile
	}, nil)
}

// WholeFile says that all bytes of an upload are there. When another file has the same content, this one
// shares its bytes, and those that came are thrown away. It returns the file as it is then.
func (s *Store) WholeFile(ctx context.Context, id protocol.FileID, facts FileFacts) (File, error) {
	var out File
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		f, err := fileOf(ctx, tx, "WHERE F.FILEID=?"+s.d.lockRows(), string(id))
		if err != nil {
			return err
		}
		if out = f; f.State != FileOpen {
			return s.late(ctx, tx, f)
		}
		out.State, out.Facts = FileWhole, facts
		var key string
		err = tx.QueryRowContext(ctx, "SELECT BLOBKEY FROM S_BLOB_TBL WHERE HASH=?"+s.d.lockRows(), facts.Hash).Scan(&key)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			_, err = tx.ExecContext(ctx, "INSERT INTO S_BLOB_TBL (HASH, BLOBKEY, FILES) VALUES (?,?,1)", facts.Hash, f.Key)
		case err == nil && key != f.Key:
			out.Key = key
			// Whether there are small pictures is what those bytes have, and they have the name of the file they came with: it
			// may be that a program was missing then, or is now.
			var with string
			err = tx.QueryRowContext(ctx, "SELECT THUMB FROM S_FILE_TBL WHERE FILEID=?", key).Scan(&with)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			out.Facts.Thumb = with == "Y"
			if err = s.throwAway(ctx, tx, f.Key); err != nil {
				return err
			}
			_, err = tx.ExecContext(ctx, "UPDATE S_BLOB_TBL SET FILES=FILES+1 WHERE HASH=?", facts.Hash)
		}
		if err != nil {
			return err
		}
		thumb := "N"
		if out.Facts.Thumb {
			thumb = "Y"
		}
		_, err = tx.ExecContext(ctx, "UPDATE S_FILE_TBL SET STATE='w', BLOBKEY=?, HASH=?, KIND=?, WIDTH=?, HEIGHT=?, LENGTHMS=?, THUMB=?, TOUCHEDMS=? WHERE FILEID=?",
			out.Key, facts.Hash, facts.Kind, facts.Width, facts.Height, facts.Length, thumb, int64(protocol.At(s.now())), string(id))
		return err
	}, nil)
	if err == nil && out.State == FileGone {
		err = ErrNoFile
	}
	return out, err
}

// late throws away once more what came for a file that was dropped, or made whole elsewhere, in the meantime: its small
// pictures may have come after its bytes were removed.
func (s *Store) late(ctx context.Context, tx *sql.Tx, f File) error {
	kept, err := keeps(ctx, tx, f.Facts.Hash, string(f.ID))
	if err != nil || kept {
		return err
	}
	return s.throwAway(ctx, tx, string(f.ID))
}

// BytesOf is the key under which this content is kept, "" for none.
func (s *Store) BytesOf(ctx context.Context, hash string) (string, error) {
	keys, err := list[string](ctx, s.read, "SELECT BLOBKEY FROM S_BLOB_TBL WHERE HASH=?", hash)
	if err != nil || len(keys) == 0 {
		return "", s.d.translate(err)
	}
	return keys[0], nil
}

// KeepsBytes reports whether some file still has the bytes of f.
func (s *Store) KeepsBytes(ctx context.Context, f File) (bool, error) {
	kept, err := keeps(ctx, s.read, f.Facts.Hash, f.Key)
	return kept, s.d.translate(err)
}

func keeps(ctx context.Context, q queryer, hash, key string) (bool, error) {
	var n int
	err := q.QueryRowContext(ctx, "SELECT COUNT(*) FROM S_BLOB_TBL WHERE HASH=? AND BLOBKEY=?", hash, key).Scan(&n)
	return n > 0, err
}

func (s *Store) throwAway(ctx context.Context, tx *sql.Tx, key string) error {
	_, err := tx.ExecContext(ctx, s.d.insertIgnore()+" INTO S_TRASH_TBL (BLOBKEY) VALUES (?)", key)
	return err
}

// DropFile ends an upload that no message shows.
func (s *Store) DropFile(ctx context.Context, id protocol.FileID) error {
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		f, err := fileOf(ctx, tx, "WHERE F.FILEID=?"+s.d.lockRows(), string(id))
		if errors.Is(err, ErrNoFile) || err == nil && (f.State == FileUsed || f.State == FileGone) {
			return ErrNoFile
		}
		if err != nil {
			return err
		}
		return s.endFile(ctx, tx, f)
	}, nil)
}

// endFile lets a file go whose row is locked, and its bytes when no other file has them.
func (s *Store) endFile(ctx context.Context, tx *sql.Tx, f File) error {
	if f.State == FileGone {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "UPDATE S_FILE_TBL SET STATE='g' WHERE FILEID=?", string(f.ID)); err != nil {
		return err
	}
	if f.State == FileOpen {
		return s.throwAway(ctx, tx, f.Key)
	}
	if _, err := tx.ExecContext(ctx, "UPDATE S_BLOB_TBL SET FILES=FILES-1 WHERE HASH=?", f.Facts.Hash); err != nil {
		return err
	}
	done, err := tx.ExecContext(ctx, "DELETE FROM S_BLOB_TBL WHERE HASH=? AND FILES<=0", f.Facts.Hash)
	if err != nil {
		return err
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return s.throwAway(ctx, tx, f.Key)
}

// EndFiles lets files go that have expired, and uploads that nobody has gone on with since stale. It returns
// how many.
func (s *Store) EndFiles(ctx context.Context, stale protocol.Instant, limit int) (int, error) {
	n := 0
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		expired, err := filesOf(ctx, tx, fmt.Sprintf("WHERE F.STATE='u' AND F.UNTILMS>0 AND F.UNTILMS<=? LIMIT %d", limit)+s.d.lockRows(), int64(protocol.At(s.now())))
		if err != nil {
			return err
		}
		left, err := filesOf(ctx, tx, fmt.Sprintf("WHERE F.STATE IN ('o','w') AND F.TOUCHEDMS<=? LIMIT %d", limit)+s.d.lockRows(), int64(stale))
		if err != nil {
			return err
		}
		n = len(expired) + len(left)
		for _, f := range append(expired, left...) {
			if err := s.endFile(ctx, tx, f); err != nil {
				return err
			}
			if f.State != FileUsed {
				continue
			}
			// What the original's own programs read.
			if _, err := tx.ExecContext(ctx, "UPDATE A_MSGMST_TBL SET FILESTATE='expired' WHERE EXISTS (SELECT 1 FROM S_MSGFILE_TBL L WHERE L.FILEID=? AND L.ROOMID=A_MSGMST_TBL.ROOMID AND L.MSGID=A_MSGMST_TBL.MSGID) AND MSGID IN (SELECT MSGID FROM S_MSGFILE_TBL WHERE FILEID=?)",
				string(f.ID), string(f.ID)); err != nil {
				return err
			}
		}
		return nil
	}, nil)
	return n, err
}

// Trash returns keys of bytes that nobody needs any more.
func (s *Store) Trash(ctx context.Context, limit int) ([]string, error) {
	keys, err := list[string](ctx, s.read, fmt.Sprintf("SELECT BLOBKEY FROM S_TRASH_TBL LIMIT %d", limit))
	return keys, s.d.translate(err)
}

// Emptied says that the bytes under keys are gone.
func (s *Store) Emptied(ctx context.Context, keys []string) error {
	args := make([]any, len(keys))
	for i, k := range keys {
		args[i] = k
	}
	return s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "DELETE FROM S_TRASH_TBL WHERE BLOBKEY IN "+marks(1, len(keys)), args...)
		return err
	}, nil)
}

// seenBy follows a table L of messages and leaves those that user sees: of a room he is in, from his time there,
// neither taken back nor deleted for him.
const seenBy = ` JOIN A_ROOMDTL_TBL D ON D.ROOMID=L.ROOMID AND D.USERID=? AND D.STATE='' AND L.SEQ>D.FROMSEQ
 JOIN A_MSGMST_TBL M ON M.ROOMID=L.ROOMID AND M.SEQ=L.SEQ AND M.STATE2=''
 LEFT JOIN A_MSGDTL_TBL X ON X.MSGID=M.MSGID AND X.ROOMID=M.ROOMID AND X.RECEIVERID=D.USERID AND X.STATE='D'
 WHERE X.MSGID IS NULL AND `

// seenFile follows F and says whether user sees it in some message.
const seenFile = ` EXISTS (SELECT 1 FROM S_MSGFILE_TBL L` + seenBy + `L.FILEID=F.FILEID)`

// SeenFile returns a file that user sees in some message and that has not expired.
func (s *Store) SeenFile(ctx context.Context, user protocol.UserID, id protocol.FileID) (File, error) {
	f, err := s.seenFile(ctx, s.read, user, id)
	return f, s.d.translate(err)
}

func (s *Store) seenFile(ctx context.Context, q queryer, user protocol.UserID, id protocol.FileID) (File, error) {
	return fileOf(ctx, q, "WHERE F.FILEID=? AND F.STATE='u' AND (F.UNTILMS=0 OR F.UNTILMS>?) AND"+seenFile, string(id), int64(protocol.At(s.now())), string(user))
}
