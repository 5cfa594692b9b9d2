package store

import (
	"context"
	"database/sql"
	"path"
	"strings"

	"sendjay/shared/protocol"
)

// carries reports whether messages of this type show a file.
func carries(t protocol.MessageType) bool {
	return t == protocol.File || t == protocol.Image || t == protocol.FLink
}

// attach gives messages of one room their files and cards.
func (s *Store) attach(ctx context.Context, q queryer, messages []protocol.Message) error {
	all := make([]*protocol.Message, len(messages))
	for i := range messages {
		all[i] = &messages[i]
	}
	if err := s.attachAll(ctx, q, all); err != nil {
		return err
	}
	return s.attachPreviews(ctx, q, messages)
}

// attachLast gives the last messages of rooms their files.
func (s *Store) attachLast(ctx context.Context, q queryer, rooms []protocol.Room) error {
	var all []*protocol.Message
	for i := range rooms {
		if m := rooms[i].LastMessage; m != nil {
			all = append(all, m)
		}
	}
	return s.attachAll(ctx, q, all)
}

func (s *Store) attachAll(ctx context.Context, q queryer, all []*protocol.Message) error {
	var ids []any
	at := map[protocol.MessageID]*protocol.Message{}
	for _, m := range all {
		if m.Cancelled || m.Hidden || !carries(m.Type) {
			continue
		}
		ids = append(ids, string(m.ID))
		at[m.ID] = m
	}
	if err := s.infosOf(ctx, q, ids, func(id protocol.MessageID, f *protocol.FileInfo) { at[id].File = f }); err != nil {
		return err
	}
	for _, m := range at {
		if m.File == nil {
			m.File, m.Body = &protocol.FileInfo{Name: originalName(m.Body), Gone: true}, ""
		}
	}
	return nil
}

// infosOf tells the files of messages as they stand now.
func (s *Store) infosOf(ctx context.Context, q queryer, ids []any, tell func(protocol.MessageID, *protocol.FileInfo)) error {
	if len(ids) == 0 {
		return nil
	}
	now := protocol.At(s.now())
	return each(ctx, q, func(r row) error {
		var f File
		var thumb string
		var id protocol.MessageID
		if err := r.Scan(append(f.into(&thumb), &id)...); err != nil {
			return err
		}
		f.Facts.Thumb = thumb == "Y"
		tell(id, f.Info(now))
		return nil
	}, "SELECT "+fileColumns("F")+", L.MSGID FROM S_MSGFILE_TBL L JOIN S_FILE_TBL F ON F.FILEID=L.FILEID WHERE L.MSGID IN "+marks(1, len(ids)), ids...)
}

// originalName is the file name inside the path that the original kept in the text of a message. Its files
// lived for an hour, so that none of them is left.
func originalName(body string) string {
	name := path.Base(strings.ReplaceAll(strings.TrimSpace(body), `\`, "/"))
	stem, stamped, ok := strings.Cut(name, "$$")
	if ok {
		stem += path.Ext(stamped)
	}
	if stem == "." || stem == "/" {
		return ""
	}
	return stem
}

// fileTalk is what a commit that sends needs of files, by id.
type fileTalk struct {
	files map[protocol.FileID]*File
	// links are rows to insert, used the files that are shown for the first time.
	links []any
	used  []*File
}

// loadFiles locks the files that are sent.
func (s *Store) loadFiles(ctx context.Context, tx *sql.Tx, all []op) (fileTalk, error) {
	t := fileTalk{files: map[protocol.FileID]*File{}}
	var ids []any
	for _, o := range all {
		if o, ok := o.(*sendOp); ok && o.in.File != "" {
			ids = append(ids, string(o.in.File))
		}
	}
	if len(ids) == 0 {
		return t, nil
	}
	found, err := filesOf(ctx, tx, "WHERE F.FILEID IN "+marks(1, len(ids))+s.d.lockRows(), ids...)
	for i := range found {
		t.files[found[i].ID] = &found[i]
	}
	return t, err
}

// take makes a file part of a message: one's own upload to this room, or one that the sender may see.
func (s *Store) take(ctx context.Context, tx *sql.Tx, t *fileTalk, m NewMessage) (protocol.MessageType, *File, error) {
	f := t.files[m.File]
	switch {
	case f == nil, f.State == FileGone, f.State != FileUsed && (f.Owner != m.Sender || f.Room != m.Room):
		return "", nil, ErrNoFile
	case f.State == FileOpen:
		return "", nil, ErrNotWhole
	}
	typ := protocol.File
	if f.State == FileUsed {
		if _, err := s.seenFile(ctx, tx, m.Sender, f.ID); err != nil {
			return "", nil, err
		}
		typ = protocol.FLink
	} else {
		f.State, f.Until = FileUsed, m.FileUntil
		t.used = append(t.used, f)
	}
	if f.Facts.Width > 0 && protocol.Picture(f.Facts.Kind) {
		typ = protocol.Image
	}
	return typ, f, nil
}

// saveFiles writes what take has decided.
func (s *Store) saveFiles(ctx context.Context, tx *sql.Tx, t *fileTalk) error {
	for _, f := range t.used {
		if _, err := tx.ExecContext(ctx, "UPDATE S_FILE_TBL SET STATE='u', UNTILMS=? WHERE FILEID=?", int64(f.Until), string(f.ID)); err != nil {
			return err
		}
	}
	if len(t.links) == 0 {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO S_MSGFILE_TBL (FILEID, ROOMID, SEQ, MSGID) VALUES "+marks(len(t.links)/4, 4), t.links...); err != nil {
		return err
	}
	// What the original's own programs read.
	for i := 0; i < len(t.links); i += 4 {
		until := ""
		if f := t.files[protocol.FileID(t.links[i].(string))]; f.Until != 0 {
			until = stampOf(f.Until)[:19]
		}
		if _, err := tx.ExecContext(ctx, "UPDATE A_MSGMST_TBL SET FILESTATE=? WHERE MSGID=? AND ROOMID=?", until, t.links[i+3], t.links[i+1]); err != nil {
			return err
		}
	}
	return nil
}

// detach takes the file out of a message. The file goes with the last message that shows it.
func (s *Store) detach(ctx context.Context, tx *sql.Tx, room protocol.RoomID, id protocol.MessageID) error {
	// Locked, or two servers that each take one of its last two messages away would both leave it to the other.
	files, err := filesOf(ctx, tx, "JOIN S_MSGFILE_TBL L ON L.FILEID=F.FILEID WHERE L.MSGID=? AND L.ROOMID=?"+s.d.lockRows(), string(id), string(room))
	if err != nil || len(files) == 0 {
		return err
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM S_MSGFILE_TBL WHERE MSGID=? AND ROOMID=?", string(id), string(room)); err != nil {
		return err
	}
	for _, f := range files {
		var left int
		if err := tx.QueryRowContext(ctx, "SELECT COUNT(*) FROM S_MSGFILE_TBL WHERE FILEID=?", string(f.ID)).Scan(&left); err != nil {
			return err
		}
		if left > 0 {
			continue
		}
		if err := s.endFile(ctx, tx, f); err != nil {
			return err
		}
	}
	return nil
}
