package store

import (
	"cmp"
	"container/heap"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sendjay/shared/protocol"
)

// SearchQuery is what is looked for.
type SearchQuery struct {
	// Text may be empty when From is given.
	Text string
	// Room is one room, or "" for all of the person's.
	Room protocol.RoomID
	// From is whose messages.
	From protocol.UserID
	// Since and Until bound the time; the zero instant does not.
	Since, Until protocol.Instant
	// Cursor is Next of the page before.
	Cursor string
	Limit  int
}

const (
	// searchReads is about how many messages one page may read: on a text that most messages hold, ranking
	// ends there, and what is older follows on a later page.
	searchReads = 4_000
	// countReads is how many a count may read beyond the page.
	countReads = 2_000
	// firstBite is how many messages of a block are read at first, as its newest one may be all that is wanted.
	firstBite = 16
)

// lastStamp is after every stamp and lastRoom after every id.
const (
	lastStamp = "~"
	lastRoom  = "\U0010FFFF"
)

// spot is a message's place in the order of search: newest first.
type spot struct {
	at   string
	room protocol.RoomID
	seq  int64
}

// before reports whether s comes before t: whether it is newer.
func (s spot) before(t spot) bool {
	return cmp.Or(cmp.Compare(s.at, t.at), cmp.Compare(s.room, t.room), cmp.Compare(s.seq, t.seq)) > 0
}

// found is a message that holds the words.
type found struct {
	spot
	id   protocol.MessageID
	tier int
}

func (f found) before(g found) bool {
	return f.tier < g.tier || (f.tier == g.tier && f.spot.before(g.spot))
}

// span is a part of a room that may hold messages to find: those with a seq of low to high, none of them
// newer than latest.
type span struct {
	room      protocol.RoomID
	low, high int64
	latest    string
	bitten    bool
}

// spans is a heap, the newest on top.
type spans []*span

func (h spans) Len() int { return len(h) }
func (h spans) Less(i, j int) bool {
	return cmp.Or(cmp.Compare(h[j].latest, h[i].latest), cmp.Compare(h[j].room, h[i].room), cmp.Compare(h[j].high, h[i].high)) < 0
}
func (h spans) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h *spans) Push(x any)   { *h = append(*h, x.(*span)) }
func (h *spans) Pop() any {
	old := *h
	x := old[len(old)-1]
	*h = old[:len(old)-1]
	return x
}

// searching is one search under way.
type searching struct {
	s     *Store
	tx    *sql.Tx
	bites string // the statement that reads a bite
	first []any  // its first arguments
	user  protocol.UserID
	q     SearchQuery
	w     words

	since, until string
	// upper is the newest place, exclusive, that this page and those that share its ranking look at.
	upper spot
	heap  spans
	reads int
	hits  []found
}

// Search returns the messages that hold every word of q and that user may see: in one room newest first,
// otherwise those that fit best first and newest first among them.
func (s *Store) Search(ctx context.Context, user protocol.UserID, q SearchQuery) (protocol.SearchPage, error) {
	page := protocol.SearchPage{Messages: []protocol.Message{}, Contexts: []protocol.TextContext{}, Rooms: []protocol.RoomName{}, Since: q.Since}
	w := wordsOf(q.Text)
	if q.From == "" && !findable(w) {
		return page, nil
	}
	after, upper, err := readSearchCursor(q.Cursor)
	if err != nil {
		return page, err
	}
	tx, err := s.read.BeginTx(ctx, s.d.snapshot())
	if err != nil {
		return page, s.d.translate(err)
	}
	defer tx.Rollback() //nolint:errcheck // reading only
	f := &searching{s: s, tx: tx, user: user, q: q, w: w, upper: upper, until: lastStamp}
	if q.Since > 0 {
		f.since = stampOf(q.Since)
	}
	if q.Until > 0 {
		f.until = stampOf(q.Until)
	}
	rooms, err := f.run(ctx, after, &page)
	_ = tx.Rollback() // what follows takes a connection of its own
	if err == nil {
		err = s.roomNames(ctx, user, rooms, &page)
	}
	return page, s.d.translate(err)
}

// run fills the page but for the names of its rooms, whose ids it returns.
func (f *searching) run(ctx context.Context, after *found, page *protocol.SearchPage) ([]any, error) {
	if err := f.scope(ctx); err != nil {
		return nil, err
	}
	f.bites, f.first = f.statement()
	plain := f.q.Room != "" || f.w.plain()
	// enough: the best there can be are here already.
	enough := func() bool {
		n := 0
		for _, h := range f.hits {
			if h.tier == exact && f.complete(h) && (after == nil || after.before(h)) {
				n++
			}
		}
		return n > f.q.Limit
	}
	end, err := f.read(ctx, searchReads, enough)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(f.hits, func(a, b found) int {
		if a.before(b) {
			return -1
		}
		return 1
	})
	var out []found
	for _, h := range f.hits {
		if f.complete(h) && (after == nil || after.before(h)) {
			out = append(out, h)
		}
	}
	switch {
	case len(out) > f.q.Limit:
		out = out[:f.q.Limit]
		last := out[len(out)-1]
		if page.Next = searchCursor(&last, f.upper); plain {
			page.Next = searchCursor(nil, last.spot)
		}
	case !end:
		page.Next = searchCursor(nil, spot{at: f.heap[0].latest, room: lastRoom})
	}
	rooms, err := f.fill(ctx, out, page)
	if err != nil || f.q.Room == "" || f.q.Cursor != "" {
		return rooms, err
	}
	if page.Count = len(out); page.Next != "" {
		end, err = f.read(ctx, f.reads+countReads, func() bool { return false })
		page.Count, page.CountMore = len(f.hits), !end
	}
	return rooms, err
}

// complete reports whether everything newer than h has been read.
func (f *searching) complete(h found) bool { return len(f.heap) == 0 || h.at > f.heap[0].latest }

// scope finds the parts of the person's rooms that may hold what is looked for.
func (f *searching) scope(ctx context.Context) error {
	where, args := "D.USERID=? AND D.STATE=''", []any{string(f.user)}
	if f.q.Room != "" {
		where, args = "D.USERID=? AND D.ROOMID=? AND D.STATE=''", []any{string(f.user), string(f.q.Room)}
	}
	type scoped struct {
		from, seq int64
		last      string
		covered   map[int64]bool
	}
	rooms, member := map[protocol.RoomID]*scoped{}, false
	if err := each(ctx, f.tx, func(r row) error {
		var id protocol.RoomID
		var x scoped
		if err := r.Scan(&id, &x.from, &x.seq, &x.last); err != nil {
			return err
		}
		member = true
		if x.covered = map[int64]bool{}; x.last >= f.since {
			rooms[id] = &x
		}
		return nil
	}, "SELECT D.ROOMID, D.FROMSEQ, R.SEQ, R.LASTDT FROM A_ROOMDTL_TBL D"+f.s.d.inOrder()+"A_ROOMMST_TBL R ON R.ROOMID=D.ROOMID WHERE "+where, args...); err != nil {
		return err
	}
	if !member && f.q.Room != "" {
		return ErrNotMember
	}
	keys := f.w.keys()
	if f.q.From != "" {
		keys = append(keys, senderKey(f.q.From))
	}
	add := func(room protocol.RoomID, low, high int64, latest string) {
		latest = min(latest, f.until, f.upper.at)
		if low <= high {
			f.heap = append(f.heap, &span{room: room, low: low, high: high, latest: latest})
		}
	}
	var room sql.RawBytes
	var at *scoped
	var id protocol.RoomID
	if err := each(ctx, f.tx, func(r row) error {
		var n, upto int64
		var last sql.RawBytes
		var bits sql.RawBytes
		if err := r.Scan(&room, &n, &upto, &last, &bits); err != nil {
			return err
		}
		if at == nil || string(room) != string(id) {
			id = protocol.RoomID(room)
			at = rooms[id]
		}
		if at == nil {
			return nil
		}
		b := block{id, n}
		at.covered[n] = true
		if bits != nil && signs(bits).may(keys) {
			add(id, max(b.first(), at.from+1), min(upto, at.seq), string(last))
		}
		add(id, max(upto+1, at.from+1), min(b.last(), at.seq), at.last)
		return nil
	}, "SELECT F.ROOMID, F.BLOCK, F.UPTO, F.LASTDT, CASE WHEN F.LASTDT>=? AND F.FIRSTDT<=? THEN F.SIGNS END FROM A_ROOMDTL_TBL D"+f.s.d.inOrder()+
		"S_FIND_TBL F ON F.ROOMID=D.ROOMID WHERE "+where, append([]any{f.since, min(f.until, f.upper.at)}, args...)...); err != nil {
		return err
	}
	for id, x := range rooms {
		for b := blockOf(id, protocol.Seq(x.from)+1); b.first() <= x.seq; b.n++ {
			if !x.covered[b.n] {
				add(id, max(b.first(), x.from+1), min(b.last(), x.seq), x.last)
			}
		}
	}
	heap.Init(&f.heap)
	return nil
}

// statement reads a bite of a span, newest first.
func (f *searching) statement() (string, []any) {
	counts, args := "M.TYP NOT IN ('invite','leave')", []any{}
	if len(f.w.typed) > 0 {
		counts = "M.TYP IN " + searchedTypes
	}
	counts += " AND M.STATE2=''"
	if f.q.From != "" {
		counts, args = counts+" AND M.SENDERID=?", []any{string(f.q.From), string(f.q.From)}
	}
	// A message that does not count is returned without its type: how far the bite went has to be known.
	return "SELECT M.MSGID, M.SEQ, M.CDT, CASE WHEN " + counts + " THEN M.TYP END, CASE WHEN " + counts + " THEN M.BODY END, " + nameOfFile + " FROM A_MSGMST_TBL M " +
		"WHERE M.ROOMID=? AND M.SEQ>=? AND M.SEQ<=? ORDER BY M.SEQ DESC LIMIT ?", args
}

// read takes in messages, the newest first, until enough, the end, or about most are read. It reports the end.
func (f *searching) read(ctx context.Context, most int, enough func() bool) (bool, error) {
	top := f.upper.at
	for len(f.heap) > 0 {
		if f.heap[0].latest < top {
			// Only between moments: those of one moment may stand in several rooms.
			if f.reads >= most || enough() {
				return false, nil
			}
			top = f.heap[0].latest
		}
		one := f.heap[0]
		if err := f.bite(ctx, one); err != nil {
			return false, err
		}
		if one.low > one.high || one.latest < f.since {
			heap.Pop(&f.heap)
		} else {
			heap.Fix(&f.heap, 0)
		}
	}
	return true, nil
}

// bite reads the newest messages of a span and shortens it.
func (f *searching) bite(ctx context.Context, one *span) error {
	n := firstBite
	if one.bitten {
		n = blockSize
	}
	one.bitten = true
	rows, err := f.tx.QueryContext(ctx, f.bites, slices.Concat(f.first, []any{string(one.room), one.low, one.high, n})...)
	if err != nil {
		return err
	}
	defer rows.Close()
	var hits []found
	var id, at, kind, body, name sql.RawBytes // most are looked at and passed over
	latest := ""
	count, seq := 0, int64(0)
	for rows.Next() {
		if err := rows.Scan(&id, &seq, &at, &kind, &body, &name); err != nil {
			return err
		}
		count++
		tier, ok := exact, len(kind) > 0
		if ok && len(f.w.typed) > 0 {
			tier, ok = f.w.fit(fold(searched(protocol.MessageType(kind), string(body), string(name))))
		}
		latest = string(at)
		h := found{spot: spot{latest, one.room, seq}}
		if !ok || latest < f.since || latest > f.until || !f.upper.before(h.spot) {
			continue
		}
		if h.id = protocol.MessageID(id); f.q.Room == "" {
			h.tier = tier
		}
		hits = append(hits, h)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	f.reads += count
	if one.high, one.latest = seq-1, min(latest, one.latest); count < n {
		one.high = 0
	}
	return f.keep(ctx, hits)
}

// keep takes hits, without those that the person has deleted.
func (f *searching) keep(ctx context.Context, hits []found) error {
	if len(hits) == 0 {
		return nil
	}
	args := []any{string(f.user)}
	for _, h := range hits {
		args = append(args, string(h.id))
	}
	hidden, err := list[protocol.MessageID](ctx, f.tx, "SELECT MSGID FROM A_MSGDTL_TBL WHERE RECEIVERID=? AND STATE='D' AND MSGID IN "+marks(1, len(hits)), args...)
	if err != nil {
		return err
	}
	for _, h := range hits {
		if !slices.Contains(hidden, h.id) {
			f.hits = append(f.hits, h)
		}
	}
	return nil
}

// fill reads the messages of the page whole and returns the ids of their rooms.
func (f *searching) fill(ctx context.Context, out []found, page *protocol.SearchPage) ([]any, error) {
	by := map[protocol.RoomID][]any{}
	for _, h := range out {
		by[h.room] = append(by[h.room], h.seq)
	}
	whole := map[protocol.MessageID]protocol.Message{}
	var rooms []any
	for room, seqs := range by {
		rooms = append(rooms, string(room))
		var some []protocol.Message
		if err := each(ctx, f.tx, func(r row) error {
			var m messageRow
			err := r.Scan(m.into()...)
			some = append(some, m.message())
			return err
		}, "SELECT "+messageColumns("M")+" FROM A_MSGMST_TBL M WHERE M.ROOMID=? AND M.SEQ IN "+marks(1, len(seqs)), append([]any{string(room)}, seqs...)...); err != nil {
			return nil, err
		}
		if err := f.s.countUnread(ctx, f.tx, room, some); err != nil {
			return nil, err
		}
		if err := f.s.attach(ctx, f.tx, some); err != nil {
			return nil, err
		}
		for _, m := range some {
			whole[m.ID] = m
		}
	}
	for _, h := range out {
		m := whole[h.id]
		page.Messages = append(page.Messages, m)
		name := ""
		if m.File != nil {
			name = m.File.Name
		}
		page.Contexts = append(page.Contexts, f.w.context(strings.TrimSpace(name+" "+m.Body)))
	}
	return rooms, nil
}

// roomNames adds the names of the rooms of a page.
func (s *Store) roomNames(ctx context.Context, user protocol.UserID, ids []any, page *protocol.SearchPage) error {
	if len(ids) == 0 {
		return nil
	}
	var rooms []protocol.Room
	if err := each(ctx, s.read, func(r row) error {
		room, err := scanRoom(r)
		rooms = append(rooms, room)
		return err
	}, "SELECT "+roomColumns+"0 FROM A_ROOMDTL_TBL D JOIN A_ROOMMST_TBL R ON R.ROOMID=D.ROOMID WHERE D.USERID=? AND D.ROOMID IN "+marks(1, len(ids)), append([]any{string(user)}, ids...)...); err != nil {
		return err
	}
	if err := s.fillMembers(ctx, rooms, user, "READSEQ, "+joinedAt("")+", "+goneSQL); err != nil {
		return err
	}
	for _, r := range rooms {
		one := protocol.RoomName{ID: r.ID, Title: r.Title, MemberCount: r.MemberCount, Members: []protocol.Person{}}
		for _, m := range r.Members[:min(len(r.Members), 5)] {
			one.Members = append(one.Members, protocol.Person{ID: m.ID, Name: m.Name})
		}
		page.Rooms = append(page.Rooms, one)
	}
	return nil
}

// searchCursor names the last message of a page and the newest place that its ranking looked at.
func searchCursor(after *found, upper spot) string {
	out := fmt.Sprintf("%s\n%s\n%d", upper.at, upper.room, upper.seq)
	if after != nil {
		out += fmt.Sprintf("\n%d\n%s\n%s\n%d", after.tier, after.at, after.room, after.seq)
	}
	return out
}

func readSearchCursor(text string) (after *found, upper spot, err error) {
	upper = spot{at: lastStamp, room: lastRoom}
	if text == "" {
		return nil, upper, nil
	}
	parts := strings.Split(text, "\n")
	if len(parts) != 3 && len(parts) != 7 {
		return nil, upper, ErrNoCursor
	}
	number := func(s string) (n int64) {
		if n, err = strconv.ParseInt(s, 10, 64); err != nil || n < 0 {
			err = ErrNoCursor
		}
		return n
	}
	upper = spot{parts[0], protocol.RoomID(parts[1]), number(parts[2])}
	if err == nil && len(parts) == 7 {
		after = &found{tier: int(number(parts[3])), spot: spot{at: parts[4], room: protocol.RoomID(parts[5])}}
		if err == nil {
			after.seq = number(parts[6])
		}
	}
	return after, upper, err
}
