package store_test

import (
	"errors"
	"reflect"
	"testing"

	"sendjay/server/store"
	"sendjay/server/store/storetest"
	"sendjay/shared/protocol"
)

func TestSettingsComeBackAsTheyWereKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		people(t, s, "kim", "lee")
		got, err := s.Settings(t.Context(), "kim")
		if want := (protocol.NotifySettings{QuietHours: []protocol.QuietHours{}}); err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("a new person has %+v, %v", got, err)
		}
		want := protocol.NotifySettings{
			NotifyOff: true, HideBody: true, HideSender: true, AwayAfter: 300, UrgentOff: true,
			QuietHours: []protocol.QuietHours{{Days: []int{1, 2, 3, 4, 5}, From: "22:00", To: "07:30"}, {Days: []int{0, 6}, From: "00:00", To: "00:00"}},
		}
		for range 2 { // the second time changes no row
			if err := s.SetSettings(t.Context(), "kim", want, nil); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := s.Settings(t.Context(), "kim"); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
		if got, err := s.Settings(t.Context(), "lee"); err != nil || got.NotifyOff {
			t.Errorf("another person has %+v, %v", got, err)
		}
		if _, err := s.Settings(t.Context(), "nobody"); !errors.Is(err, store.ErrNoUser) {
			t.Errorf("settings of nobody: %v", err)
		}
		if err := s.SetSettings(t.Context(), "nobody", want, nil); !errors.Is(err, store.ErrNoUser) {
			t.Errorf("keeping settings of nobody: %v", err)
		}
	})
}

// The original rang from TM_FR to TM_TO; what lies outside is quiet.
func TestTheOriginalsTimeOfRingingIsTheOtherHalfOfQuietHours(t *testing.T) {
	s, err := store.Open(t.Context(), store.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	people(t, s, "kim")
	for _, c := range []struct {
		from, to string
		want     []protocol.QuietHours
	}{
		{"0900", "1800", quietEveryDay("18:00", "09:00")},
		{"2200", "0600", quietEveryDay("06:00", "22:00")},
		{"0800", "", quietEveryDay("00:00", "08:00")},
		{"", "2100", quietEveryDay("21:00", "00:00")},
		{"", "", nil},
		{"0000", "2400", nil},
		{"0700", "0700", nil},
		{"99xx", "1800", nil},
	} {
		t.Run(c.from+" "+c.to, func(t *testing.T) {
			if err := s.Exec(t.Context(), "UPDATE Z_USER_TBL SET TM_FR='"+c.from+"', TM_TO='"+c.to+"' WHERE USER_ID='kim'"); err != nil {
				t.Fatal(err)
			}
			got, err := s.Settings(t.Context(), "kim")
			if err != nil || len(got.QuietHours) != len(c.want) || len(c.want) > 0 && !reflect.DeepEqual(got.QuietHours, c.want) {
				t.Errorf("got %+v, %v, want %+v", got.QuietHours, err, c.want)
			}
		})
	}
}

func quietEveryDay(from, to string) []protocol.QuietHours {
	return []protocol.QuietHours{{Days: []int{0, 1, 2, 3, 4, 5, 6}, From: from, To: to}}
}
