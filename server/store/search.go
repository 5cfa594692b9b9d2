package store

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sendjay/shared/protocol"
)

// The search index is kept beside the commits, a moment behind them: S_WORD_TBL holds each pair of
// letters that stand together in a message. Pairs find Korean inside compounds and before particles;
// what they find is then compared with the words themselves.

// indexBunch is how many messages one commit of the index takes.
const indexBunch = 500

// indexSetting names the setting that holds how far the index has come: the number of a row in order of arrival.
const indexSetting = "search.indexed"

func (s *Store) indexLoop() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.wg.Go(func() { <-s.quit; cancel() })
	for {
		n, err := s.indexSome(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Warn("search index is late", "err", err)
		}
		if n == indexBunch && err == nil {
			continue
		}
		select {
		case <-s.quit:
			return
		case <-s.indexed:
		}
	}
}

// arrival is the column that numbers messages in order of arrival.
func (s *Store) arrival() string {
	if s.d.name() == "sqlite" {
		return "rowid"
	}
	return "ORD"
}

func (s *Store) indexSome(ctx context.Context) (int, error) {
	n := 0
	err := s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		n = 0
		var at int64
		var text string
		err := tx.QueryRowContext(ctx, "SELECT VALUE FROM S_SETTING_TBL WHERE NAME=?"+s.d.lockRows(), indexSetting).Scan(&text)
		if err != nil && err != sql.ErrNoRows {
			return err
		}
		at, _ = strconv.ParseInt(text, 10, 64)
		from := at
		var rows []any
		if err := each(ctx, tx, func(r *sql.Rows) error {
			var room, body string
			var seq int64
			if err := r.Scan(&at, &room, &seq, &body); err != nil {
				return err
			}
			n++
			for _, w := range pairs(body) {
				rows = append(rows, w, room, seq)
			}
			return nil
		}, "SELECT "+s.arrival()+", ROOMID, SEQ, CASE WHEN TYP='talk' AND STATE2='' THEN BODY ELSE '' END FROM A_MSGMST_TBL WHERE "+s.arrival()+fmt.Sprintf(">? ORDER BY 1 LIMIT %d", indexBunch), at); err != nil {
			return err
		}
		for len(rows) > 0 {
			part := rows[:min(len(rows), 3*2000)]
			rows = rows[len(part):]
			if _, err := tx.ExecContext(ctx, s.d.insertIgnore()+" INTO S_WORD_TBL (WORD, ROOMID, SEQ) VALUES "+marks(len(part)/3, 3), part...); err != nil {
				return err
			}
		}
		if at == from {
			return nil
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO S_SETTING_TBL (NAME, VALUE) VALUES (?,?)"+s.d.upsert("NAME", "VALUE"), indexSetting, strconv.FormatInt(at, 10))
		return err
	}, nil)
	return n, err
}

// unindex takes a message with this text out of the index.
func (s *Store) unindex(ctx context.Context, tx *sql.Tx, room protocol.RoomID, seq protocol.Seq, text string) error {
	words := pairs(text)
	if len(words) == 0 {
		return nil
	}
	args := []any{string(room), int64(seq)}
	for _, w := range words {
		args = append(args, w)
	}
	_, err := tx.ExecContext(ctx, "DELETE FROM S_WORD_TBL WHERE ROOMID=? AND SEQ=? AND WORD IN "+marks(1, len(words)), args...)
	return err
}

// fold makes letters comparable: one form of each, small.
func fold(s string) string { return strings.ToLower(norm.NFC.String(s)) }

// pairs returns the different pairs of letters and digits that stand together in s.
func pairs(s string) []string {
	var out []string
	seen := map[string]bool{}
	var last rune
	for _, r := range fold(s) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			last = 0
			continue
		}
		if last != 0 {
			p := string(last) + string(r)
			if !seen[p] {
				seen[p] = true
				out = append(out, p)
			}
		}
		last = r
	}
	return out
}

// Search returns the newest messages that contain every word of q and that user may see, newest first, in
// one room or, with room "", in all of the user's. Words shorter than two letters only narrow the result.
func (s *Store) Search(ctx context.Context, user protocol.UserID, q string, room protocol.RoomID, limit int) ([]protocol.Message, error) {
	words := strings.Fields(fold(q))
	var keys []string
	for _, w := range words {
		keys = append(keys, pairs(w)...)
	}
	if len(keys) == 0 {
		return []protocol.Message{}, nil
	}
	keys = keys[:min(len(keys), 8)]
	if room != "" {
		if _, err := membershipOf(ctx, s.read, room, user); err != nil {
			return nil, s.d.translate(err)
		}
	}
	var query strings.Builder
	args := []any{string(user), string(user)}
	query.WriteString("SELECT " + messageColumns("M") + ` FROM A_ROOMDTL_TBL D JOIN S_WORD_TBL W0 ON W0.ROOMID=D.ROOMID AND W0.SEQ>D.FROMSEQ
 JOIN A_MSGMST_TBL M ON M.ROOMID=W0.ROOMID AND M.SEQ=W0.SEQ
 LEFT JOIN A_MSGDTL_TBL X ON X.MSGID=M.MSGID AND X.ROOMID=M.ROOMID AND X.RECEIVERID=? AND X.STATE='D'
 WHERE D.USERID=? AND D.STATE='' AND X.MSGID IS NULL AND M.STATE2='' AND W0.WORD=?`)
	args = append(args, keys[0])
	for _, k := range keys[1:] {
		query.WriteString(" AND EXISTS (SELECT 1 FROM S_WORD_TBL W WHERE W.WORD=? AND W.ROOMID=M.ROOMID AND W.SEQ=M.SEQ)")
		args = append(args, k)
	}
	if room != "" {
		query.WriteString(" AND D.ROOMID=?")
		args = append(args, string(room))
	}
	fmt.Fprintf(&query, " ORDER BY M.CDT DESC, M.SEQ DESC LIMIT %d", 20*limit)
	out := []protocol.Message{}
	err := each(ctx, s.read, func(r *sql.Rows) error {
		var row messageRow
		if err := r.Scan(row.into()...); err != nil {
			return err
		}
		m := row.message()
		text := fold(m.Body)
		for _, w := range words {
			if !strings.Contains(text, w) {
				return nil
			}
		}
		if len(out) < limit {
			out = append(out, m)
		}
		return nil
	}, query.String(), args...)
	return out, s.d.translate(err)
}
