package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"sendjay/shared/protocol"
)

// The search index is kept beside the commits: S_WORD_TBL holds each pair of characters that stand together
// in a word of a message. Pairs find Korean inside compounds and before particles, and signs like % and _
// are characters as any other; what they find is then compared with the words themselves. The index follows
// out of the way of sending, because Search reads what it has not reached yet by itself.

const (
	// indexBunch is how many messages one commit of the index takes while nobody sends, indexBusy while
	// people do: a send may have to wait for it, and some 20 pairs a message cost about 0.3 ms.
	indexBunch = 100
	indexBusy  = 8
	// indexRest is how long messages gather before the index takes them.
	indexRest = 2 * time.Second
	// indexShare is how many times as long as its work the indexer pauses while people send.
	indexShare = 9
	// indexTail is the most messages that Search reads without the index.
	indexTail = 20_000
)

// indexSetting names the setting that holds how far the index has come: the number of a row in order of arrival.
const indexSetting = "search.indexed"

func (s *Store) indexLoop() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s.wg.Go(func() { <-s.quit; cancel() })
	rest := func(d time.Duration) {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-ctx.Done():
		case <-t.C:
		}
	}
	before := s.sent.Load()
	for ctx.Err() == nil {
		sent, began := s.sent.Load(), time.Now()
		bunch := indexBunch
		if sent != before {
			bunch = indexBusy
		}
		before = sent
		n, waiting, err := s.indexSome(ctx, bunch)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			s.log.Warn("search index is late", "err", err)
			rest(10 * time.Second)
		case waiting:
			rest(max(s.d.settled(), indexRest))
		case n == bunch && s.sent.Load() != sent:
			rest(indexShare * time.Since(began))
		case n < bunch:
			select {
			case <-ctx.Done():
			case <-s.indexed:
				rest(indexRest)
			}
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

// indexSome takes the next messages into the index. It returns how many, and whether some are too young.
func (s *Store) indexSome(ctx context.Context, bunch int) (n int, waiting bool, err error) {
	var from, at int64
	if from, err = s.indexedTo(ctx, s.read); err != nil {
		return 0, false, err
	}
	var next int64
	err = s.read.QueryRowContext(ctx, "SELECT "+s.arrival()+" FROM A_MSGMST_TBL WHERE "+s.arrival()+">? LIMIT 1", from).Scan(&next)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	young := stampOf(protocol.At(s.now().Add(-s.d.settled())))
	err = s.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		n, waiting = 0, false
		if from, err = s.indexedTo(ctx, tx); err != nil {
			return err
		}
		at = from
		var rows []any
		if err := each(ctx, tx, func(r *sql.Rows) error {
			var number, seq int64
			var room, body, cdt string
			if err := r.Scan(&number, &room, &seq, &cdt, &body); err != nil {
				return err
			}
			if waiting = waiting || cdt > young; waiting {
				return nil
			}
			at = number
			n++
			for _, w := range pairs(body) {
				rows = append(rows, w, room, seq)
			}
			return nil
		}, "SELECT "+s.arrival()+", ROOMID, SEQ, CDT, CASE WHEN TYP='talk' AND STATE2='' THEN BODY ELSE '' END FROM A_MSGMST_TBL WHERE "+s.arrival()+fmt.Sprintf(">? ORDER BY 1 LIMIT %d", bunch), at); err != nil {
			return err
		}
		for part := range slices.Chunk(rows, 3*500) {
			if _, err := tx.ExecContext(ctx, s.d.insertIgnore()+" INTO S_WORD_TBL (WORD, ROOMID, SEQ) VALUES "+marks(len(part)/3, 3), part...); err != nil {
				return err
			}
		}
		if at == from {
			return nil
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO S_SETTING_TBL (NAME, VALUE) VALUES (?,?)"+s.d.upsert("NAME", "VALUE"), indexSetting, strconv.FormatInt(at, 10))
		return err
	}, nil)
	return n, waiting, err
}

// indexedTo is how far the index has come.
func (s *Store) indexedTo(ctx context.Context, q queryer) (int64, error) {
	var text string
	err := q.QueryRowContext(ctx, "SELECT VALUE FROM S_SETTING_TBL WHERE NAME=?", indexSetting).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(text, 10, 64)
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

// pairs returns the different pairs of characters that stand together in s, without a space between them.
func pairs(s string) []string {
	var out []string
	seen := map[string]bool{}
	var last rune
	for _, r := range fold(s) {
		if unicode.IsSpace(r) {
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
// one room or, with room "", in all of the user's. Words shorter than two characters only narrow the result.
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
	// The place is read first: what the index takes in meanwhile is found twice, not never.
	at, err := s.indexedTo(ctx, s.read)
	if err != nil {
		return nil, s.d.translate(err)
	}
	f := finding{words: words, seen: map[protocol.MessageID]bool{}, out: []protocol.Message{}}
	narrow, roomArg := "", []any{}
	if room != "" {
		narrow, roomArg = " AND D.ROOMID=?", []any{string(room)}
	}
	const seen = ` LEFT JOIN A_MSGDTL_TBL X ON X.MSGID=M.MSGID AND X.ROOMID=M.ROOMID AND X.RECEIVERID=D.USERID AND X.STATE='D'
 WHERE D.USERID=? AND D.STATE='' AND X.MSGID IS NULL AND M.STATE2='' AND M.TYP='talk'`
	// What the index has not reached yet.
	err = each(ctx, s.read, f.take, "SELECT "+messageColumns("M")+" FROM (SELECT * FROM A_MSGMST_TBL WHERE "+s.arrival()+fmt.Sprintf(">? ORDER BY %s DESC LIMIT %d) M", s.arrival(), indexTail)+
		s.d.inOrder()+"A_ROOMDTL_TBL D ON D.ROOMID=M.ROOMID AND M.SEQ>D.FROMSEQ"+seen+narrow, append([]any{at, string(user)}, roomArg...)...)
	if err != nil {
		return nil, s.d.translate(err)
	}
	var query strings.Builder
	args := []any{string(user), keys[0]}
	query.WriteString("SELECT " + messageColumns("M") + " FROM A_ROOMDTL_TBL D JOIN S_WORD_TBL W0 ON W0.ROOMID=D.ROOMID AND W0.SEQ>D.FROMSEQ JOIN A_MSGMST_TBL M ON M.ROOMID=W0.ROOMID AND M.SEQ=W0.SEQ" + seen + " AND W0.WORD=?")
	for _, k := range keys[1:] {
		query.WriteString(" AND EXISTS (SELECT 1 FROM S_WORD_TBL W WHERE W.WORD=? AND W.ROOMID=M.ROOMID AND W.SEQ=M.SEQ)")
		args = append(args, k)
	}
	query.WriteString(narrow)
	fmt.Fprintf(&query, " ORDER BY M.CDT DESC, M.SEQ DESC LIMIT %d", 20*limit)
	if err := each(ctx, s.read, f.take, query.String(), append(args, roomArg...)...); err != nil {
		return nil, s.d.translate(err)
	}
	slices.SortStableFunc(f.out, func(a, b protocol.Message) int { return cmp.Or(cmp.Compare(b.At, a.At), cmp.Compare(b.Seq, a.Seq)) })
	return f.out[:min(len(f.out), limit)], nil
}

// finding gathers the messages that contain all words, each once.
type finding struct {
	words []string
	seen  map[protocol.MessageID]bool
	out   []protocol.Message
}

func (f *finding) take(r *sql.Rows) error {
	var row messageRow
	if err := r.Scan(row.into()...); err != nil {
		return err
	}
	m := row.message()
	text := fold(m.Body)
	for _, w := range f.words {
		if !strings.Contains(text, w) {
			return nil
		}
	}
	if !f.seen[m.ID] {
		f.seen[m.ID] = true
		f.out = append(f.out, m)
	}
	return nil
}
