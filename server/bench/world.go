package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"sendjay/server/auth"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// world is what stands in the database before the server starts.
type world struct {
	users  []protocol.UserID
	tokens []string
	again  []string // refresh tokens
	pairs  []room   // of users 2n and 2n+1
	rooms  map[int]room
	deep   protocol.RoomID // with many messages; users[0] is in it
	social int             // the user with many rooms
}

// room is a room and the users in it, by number.
type room struct {
	id      protocol.RoomID
	members []int
}

// The rooms that are measured, by number of members.
var sizes = []int{50, 100, 1000}

// text is of the length of an ordinary message.
const text = "내일 오전 회의 자료를 공유드립니다. 확인 부탁드려요, thank you!"

// listed is the number of rooms that users[0] has in his list.
const listed = 60

// many is the number of rooms that the one with many rooms is in.
const many = 500

// fill makes users, rooms, messages and tokens. Many goroutines, because the store commits what waits together.
func fill(ctx context.Context, p plan, dir, database string, deep bool) (*world, error) {
	s, err := store.Open(ctx, store.Config{Dir: dir, DSN: database})
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }() // what was not written fails the measures
	keys, err := auth.New(ctx, auth.Config{Store: s, AccessLife: tokenLife})
	if err != nil {
		return nil, err
	}
	w := &world{
		users: make([]protocol.UserID, p.users), tokens: make([]string, p.users), again: make([]string, p.users),
		pairs: make([]room, p.users/2), rooms: map[int]room{},
	}
	err = each(p.users, func(i int) error {
		w.users[i] = protocol.UserID(fmt.Sprintf("u%05d", i))
		u := protocol.User{ID: w.users[i], Name: fmt.Sprintf("사람 %d", i)}
		if err := s.AddAccount(ctx, store.Account{User: u, Active: true}); err != nil {
			return err
		}
		in, again, err := keys.SignIn(ctx, u, auth.From{Device: protocol.Desktop, Address: "127.0.0.1", Agent: "bench"})
		w.tokens[i], w.again[i] = in.AccessToken, again
		return err
	})
	if err != nil {
		return nil, err
	}
	create := func(members []int, title string) (room, error) {
		ids := []protocol.UserID{}
		for _, m := range members {
			ids = append(ids, w.users[m])
		}
		made, err := s.CreateRoom(ctx, ids[0], ids, title, nil)
		return room{made.Room, members}, err
	}
	err = each(len(w.pairs), func(i int) (err error) {
		w.pairs[i], err = create([]int{2 * i, 2*i + 1}, "")
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, size := range sizes {
		if w.rooms[size], err = create(upTo(size), fmt.Sprintf("room of %d", size)); err != nil {
			return nil, err
		}
	}
	if !deep {
		return w, nil
	}
	var ids atomic.Int64
	send := func(r protocol.RoomID, by int) error {
		_, err := s.Send(ctx, store.NewMessage{
			ID: protocol.MessageID(fmt.Sprintf("old-%d", ids.Add(1))), Room: r, Sender: w.users[by], SenderName: "x", Body: text,
		}, nil)
		return err
	}
	err = each(listed, func(i int) error {
		r, err := create([]int{0, 1 + i, 2 + i}, "")
		for range 20 {
			if err == nil {
				err = send(r.id, 1+i)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	w.social = p.users - 1
	err = each(many, func(i int) error {
		r, err := create([]int{w.social, i, i + 1}, "")
		for by := range 3 {
			if err == nil {
				err = send(r.id, []int{i, i + 1, w.social}[by])
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	r, err := create(upTo(10), "deep")
	if err != nil {
		return nil, err
	}
	w.deep = r.id
	if err := each(p.deep, func(i int) error { return send(r.id, i%10) }); err != nil {
		return nil, err
	}
	// He has read all but the last day's.
	if _, err := s.Read(ctx, w.deep, w.users[0], protocol.Seq(p.deep-200), nil); err != nil {
		return nil, err
	}
	// A server that starts with a hundred thousand messages to index would be measured doing that.
	return w, s.Index(ctx)
}

func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// each calls f for 0 to n-1 from many goroutines and returns the first error.
func each(n int, f func(i int) error) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	var once sync.Once
	var first error
	for range 128 {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := f(i); err != nil {
					once.Do(func() { first = err })
					return
				}
			}
		})
	}
	wg.Wait()
	return first
}
