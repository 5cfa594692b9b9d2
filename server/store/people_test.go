package store_test

import (
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestTheDirectoryHoldsEverybodyAndEveryUnit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		before, err := s.PeopleVersion(t.Context())
		if err != nil || before != 2 {
			t.Fatalf("version %d, %v", before, err)
		}
		orgs := []store.OrgRow{{"A00", "한빛", "A00", 0}, {"A10", "영업", "A10", 1}}
		for range 2 {
			if err := s.SetOrgs(t.Context(), []store.OrgRow{orgs[1], orgs[0]}); err != nil {
				t.Fatal(err)
			}
		}
		posts := []store.Post{{"lee", "A10", "자문"}}
		for range 2 {
			if err := s.SetPosts(t.Context(), "lee", posts); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.SetActive(t.Context(), "lee", false); err != nil {
			t.Fatal(err)
		}
		d, err := s.Directory(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(d.Orgs, orgs) || !reflect.DeepEqual(d.Posts, posts) || len(d.People) != 2 || !d.People[0].Active || d.People[1].Active {
			t.Errorf("%+v", d)
		}
		if d.Version != before+5 {
			t.Errorf("five changes count as %d", d.Version-before)
		}
	})
}

func TestEverybodyIsReadWithoutTheirPictures(t *testing.T) {
	s := lite(t, t.TempDir())
	people(t, s, "kim")
	read := false
	for _, plan := range s.Plans(t, func() {
		if d, err := s.Directory(t.Context()); err != nil || len(d.People) != 1 {
			t.Fatalf("%+v %v", d, err)
		}
	}) {
		read = read || strings.Contains(plan, "USING COVERING INDEX Z_USER_DIRECTORY")
	}
	if !read {
		t.Error("everybody is read from the table, past all pictures")
	}
}

func TestMarkedAndRecentPeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee", "park", "choi")
		first := send(t, s, room(t, s, "kim", "lee"), "kim", "m1", "first").Message.At
		for protocol.At(time.Now()) <= first { // stamps count milliseconds, and two sends fit into one
			runtime.Gosched()
		}
		send(t, s, room(t, s, "kim", "park"), "kim", "m2", "second")
		room(t, s, "kim", "choi") // nothing said
		got, err := s.Recent(t.Context(), "kim", 10)
		if want := []protocol.UserID{"park", "lee"}; err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("recent %v, %v", got, err)
		}
		all, err := s.Companions(t.Context(), "kim")
		if err != nil || len(all) != 4 {
			t.Errorf("companions %v, %v", all, err)
		}
		for _, on := range []bool{true, true, false, false, true} {
			if err := s.SetFavourite(t.Context(), "kim", "lee", on); err != nil {
				t.Fatal(err)
			}
		}
		marked, err := s.Favourites(t.Context(), "kim")
		if want := []protocol.UserID{"lee"}; err != nil || !reflect.DeepEqual(marked, want) {
			t.Errorf("marked %v, %v", marked, err)
		}
	})
}
