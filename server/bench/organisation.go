package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"sendjay/server/auth"
	"sendjay/server/store"
	"sendjay/shared/protocol"
)

// staff is the size of the company whose organisation is opened, and faced how many of them have a picture of
// faceBytes.
const (
	staff     = 20_000
	faced     = 5_000
	faceBytes = 12 << 10
)

// organisation measures how long a large company takes to open: by the first who asks a server that has just
// started, and by the first after somebody changed something, for whom the server has to read everybody anew.
func organisation(ctx context.Context, p plan, t *table) error {
	cold := fmt.Sprintf("organisation of %s, first after the start", short(staff))
	changed := fmt.Sprintf("organisation of %s, after a change", short(staff))
	find := fmt.Sprintf("first search among %s", short(staff))
	if !p.wanted(cold) && !p.wanted(changed) && !p.wanted(find) {
		return nil
	}
	dir, clean, err := folder()
	if err != nil {
		return err
	}
	defer clean()
	token, err := employ(ctx, dir)
	if err != nil {
		return err
	}
	var first, after, found []time.Duration
	timed := func(to *[]time.Duration, url string) error {
		began := time.Now()
		_, err := get(ctx, url, token)
		*to = append(*to, time.Since(began))
		return err
	}
	before, busy := now(), 0.0
	for range 7 {
		c, err := start(ctx, p, dir, "")
		if err != nil {
			return err
		}
		url := "http://" + c.addr + "/api/v1/"
		idle := processorTime(c.pid())
		err = timed(&first, url+"org")
		busy += processorTime(c.pid()) - idle
		for i := range 3 {
			if err == nil {
				err = renick(ctx, url, token, fmt.Sprintf("별명 %d", i))
			}
			if err == nil {
				err = timed(&after, url+"org")
			}
		}
		if err == nil {
			err = timed(&found, url+"users?q="+"%E3%84%B1%E3%85%85") // the initials of 김 and 서
		}
		c.stop()
		if err != nil {
			return err
		}
	}
	n := before.since()
	for _, m := range []struct {
		name string
		of   []time.Duration
	}{{cold, first}, {changed, after}, {find, found}} {
		slices.Sort(m.of)
		t.atMost(m.name+", median", float64(m.of[len(m.of)/2].Microseconds())/1000, "ms", 200, n)
	}
	t.atMost(cold+", CPU", busy*1000/float64(len(first)), "ms", 200, n)
	return nil
}

// employ fills dir with a company of four houses, and signs one of its people in.
func employ(ctx context.Context, dir string) (token string, err error) {
	s, err := store.Open(ctx, store.Config{Dir: dir})
	if err != nil {
		return "", err
	}
	defer func() { _ = s.Close() }() // what was not written fails the measure
	keys, err := auth.New(ctx, auth.Config{Store: s, AccessLife: tokenLife})
	if err != nil {
		return "", err
	}
	var orgs []store.OrgRow
	for i := range 4 * 20 * 15 {
		house, division, team := i/300, i/15%20, i%15
		level := 2
		switch {
		case i%300 == 0:
			level = 0
		case team == 0:
			level = 1
		}
		code := fmt.Sprintf("%c%02d%02d", 'A'+house, division, team)
		orgs = append(orgs, store.OrgRow{Code: code, Name: "부서 " + code, Seq: code, Level: level})
	}
	if err := s.SetOrgs(ctx, orgs); err != nil {
		return "", err
	}
	family, given := []rune("김이박최정강조윤장임"), []rune("서연준호지민유진하늘민재은도현미래")
	face := bytes.Repeat([]byte{7}, faceBytes)
	user := func(i int) protocol.User {
		name := string([]rune{family[i%10], given[i/10%len(given)], given[i/170%len(given)]})
		unit := orgs[i%len(orgs)]
		return protocol.User{
			ID: protocol.UserID(fmt.Sprintf("u%05d", i)), Name: name, Org: unit.Code, OrgName: unit.Name, Job: "책임",
			Phone: fmt.Sprintf("010-2345-%04d", i%10_000), Mail: fmt.Sprintf("u%05d@example.com", i),
		}
	}
	if err := each(staff, func(i int) error {
		if err := s.AddAccount(ctx, store.Account{User: user(i), Active: true, Synced: true}); err != nil || i >= faced {
			return err
		}
		return s.SetPicture(ctx, user(i).ID, face, "image/jpeg", "1")
	}); err != nil {
		return "", err
	}
	in, _, err := keys.SignIn(ctx, user(0), auth.From{Device: protocol.Desktop, Address: "127.0.0.1", Agent: "bench"})
	return in.AccessToken, err
}

func renick(ctx context.Context, url, token, nick string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPut, url+"me/profile", strings.NewReader(`{"nick":"`+nick+`"}`))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("change of a profile: %s", resp.Status)
	}
	return nil
}
