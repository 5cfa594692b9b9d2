package store

import (
	"context"
	"fmt"
	"strings"

	"sendjay/shared/protocol"
)

// ArchiveQuery says what is looked for among what was sent to a room.
type ArchiveQuery struct {
	Kind  protocol.ArchiveKind
	Name  string // part of a file's name, or of a link's text
	From  protocol.UserID
	Since protocol.Instant
	Until protocol.Instant
	// Before is the seq of the last one of the page before, 0 for the first page.
	Before protocol.Seq
	Limit  int
}

// linkReach is how many messages one page of links looks through: links have no table of their own.
const linkReach = 20_000

// Archive returns the files, pictures or links of room that user sees, newest first, without expired ones.
func (s *Store) Archive(ctx context.Context, user protocol.UserID, room protocol.RoomID, q ArchiveQuery) (protocol.ArchivePage, error) {
	page := protocol.ArchivePage{Messages: []protocol.Message{}}
	mine, err := membershipOf(ctx, s.read, room, user)
	if err != nil {
		return page, s.d.translate(err)
	}
	low, high := mine.from, mine.seq+1
	if q.Before > 0 {
		high = min(high, q.Before)
	}
	like := "%" + strings.NewReplacer(`!`, `!!`, `%`, `!%`, `_`, `!_`).Replace(fold(q.Name)) + "%"
	where, args := "M.ROOMID=? AND M.STATE2='' AND X.MSGID IS NULL", []any{string(room)}
	reach := protocol.Seq(0)
	switch q.Kind {
	case protocol.ArchiveLinks:
		if high-low > linkReach {
			reach = high - linkReach
			low = max(low, reach-1)
		}
		where += " AND M.TYP='talk' AND LOWER(M.BODY) LIKE '%http%://%' AND LOWER(M.BODY) LIKE ? ESCAPE '!'"
		args = append(args, like)
	default:
		where += " AND M.SEQ IN (SELECT L.SEQ FROM S_MSGFILE_TBL L JOIN S_FILE_TBL F ON F.FILEID=L.FILEID WHERE L.ROOMID=? AND F.STATE='u' AND (F.UNTILMS=0 OR F.UNTILMS>?) AND LOWER(F.NAME) LIKE ? ESCAPE '!'"
		args = append(args, string(room), int64(protocol.At(s.now())), like)
		if q.Kind == protocol.ArchiveImages {
			where += " AND (F.KIND LIKE 'image/%' OR F.KIND LIKE 'video/%') AND F.WIDTH>0)"
		} else {
			where += " AND NOT (F.KIND LIKE 'image/%' AND F.WIDTH>0))"
		}
	}
	where += " AND M.SEQ>? AND M.SEQ<?"
	args = append(args, int64(low), int64(high))
	if q.From != "" {
		where += " AND M.SENDERID=?"
		args = append(args, string(q.From))
	}
	if q.Since > 0 {
		where += " AND M.CDT>=?"
		args = append(args, stampOf(q.Since))
	}
	if q.Until > 0 {
		where += " AND M.CDT<?"
		args = append(args, stampOf(q.Until))
	}
	page.Messages, err = s.pick(ctx, user, room, mine.joined, where, fmt.Sprintf("M.SEQ DESC LIMIT %d", q.Limit+1), args...)
	if err != nil {
		return page, s.d.translate(err)
	}
	switch {
	case len(page.Messages) > q.Limit:
		page.Messages = page.Messages[:q.Limit]
		page.Next = page.Messages[q.Limit-1].Seq
	case reach > 0:
		page.Next = reach
	}
	return page, s.d.translate(s.attach(ctx, s.read, page.Messages))
}
