package store_test

import (
	"regexp"
	"strings"
	"testing"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
)

func TestWhatIsKeptIsMeasured(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		r := room(t, s, "kim", "lee")
		before, err := s.Size(t.Context())
		if err != nil || !regexp.MustCompile(`^(SQLite|MariaDB|MySQL) \d+\.\d+\.\d+$`).MatchString(before.Database) || before.Files != 0 {
			t.Fatalf("%+v %v", before, err)
		}
		if err := s.AddFile(t.Context(), store.File{ID: "f1", Owner: "kim", Room: r, Name: "a.txt", Size: 12_345}, store.FileLimits{}); err != nil {
			t.Fatal(err)
		}
		send(t, s, r, "kim", "m1", strings.Repeat("가", 4000))
		after, err := s.Size(t.Context())
		if err != nil || after.Files != 12_345 || after.Tables < before.Tables {
			t.Errorf("%+v, before %+v: %v", after, before, err)
		}
	})
}
