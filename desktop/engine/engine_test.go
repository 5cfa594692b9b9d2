package engine

import (
	"slices"
	"strings"
	"testing"
)

func version(t *testing.T, s string) Version {
	t.Helper()
	v, err := ReadVersion(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVersionsAreComparedNumberByNumber(t *testing.T) {
	// In rising order; as texts they would stand otherwise.
	all := []string{"9.0.9999.99", "89.0.774.77", "108.0.1462.46", "143.0.3650.96", "143.0.3650.104", "143.0.10000.1", "143.1.0.0", "151.0.4129.59"}
	for i, a := range all {
		for j, b := range all {
			if got := version(t, a).Compare(version(t, b)); (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("%s to %s: %d", a, b, got)
			}
		}
		if version(t, a).String() != a {
			t.Errorf("%s is written %s", a, version(t, a))
		}
	}
	if version(t, "92.0.902.49 dev") != version(t, "92.0.902.49") {
		t.Error("the word of a channel changes the version")
	}
	for _, s := range []string{"", "143", "143.0.3650", "1.2.3.4.5", "1.2.3.x", "1.2.3.-4", "1.2.3.99999999999", "1..2.3"} {
		if v, err := ReadVersion(s); err == nil {
			t.Errorf("%q is %v", s, v)
		}
	}
}

func TestITAddsToTheListOfTheBuildOrReplacesIt(t *testing.T) {
	for _, c := range []struct{ list, flawed, well string }{
		{"", "143.0.3650.96 108.0.1462.46 136.0.3222.5 90.0.818.41", "143.0.3650.95 143.0.3650.97 136.0.3216.0 136.0.3240.50 90.0.818.46 89.0.774.77"},
		{"151.0.4129.59", "151.0.4129.59 143.0.3650.96", "151.0.4129.58 151.0.4129.60"},
		{"151", "151.0.0.0 151.9.9.9", "150.9.9.9 152.0.0.0"},
		{" 149.0.4022 - 151 , 153.0 ", "149.0.4022.0 150.1.1.1 151.0.4129.107 153.0.1.1", "149.0.4021.9 152.0.0.1 153.1.0.0"},
		{"only, 151.0.4129.50-151.0.4129.59", "151.0.4129.55", "143.0.3650.96 151.0.4129.60"},
		{"only", "", "143.0.3650.96 108.0.1462.46"},
	} {
		flaws, err := ReadFlaws(c.list)
		if err != nil {
			t.Errorf("%q: %v", c.list, err)
			continue
		}
		for s := range strings.FieldsSeq(c.flawed) {
			if flaws.of(version(t, s)) == "" {
				t.Errorf("%q: %s is well", c.list, s)
			}
		}
		for s := range strings.FieldsSeq(c.well) {
			if why := flaws.of(version(t, s)); why != "" {
				t.Errorf("%q: %s %s", c.list, s, why)
			}
		}
	}
	for _, s := range []string{"new", "151-150", "1.2.3.4.5", "151.0-", "-151", "151,only", "151 152"} {
		if flaws, err := ReadFlaws(s); err == nil {
			t.Errorf("%q is understood as %v", s, flaws)
		}
	}
	if len(Known()) != len(known) || known[len(known)-1].About == "named by IT" {
		t.Error("IT's list went into that of the build")
	}
}

func TestEveryFlawOfTheBuildNamesItsThread(t *testing.T) {
	for _, f := range known {
		if !strings.Contains(f.About, "WebView2Feedback#") || f.From.Compare(f.To) > 0 {
			t.Errorf("%v", f)
		}
	}
}

// A computer is written as its runtimes: e for the evergreen, f for one of IT's, l for one that was left.
func computer(t *testing.T, s string) []Found {
	t.Helper()
	var all []Found
	for word := range strings.FieldsSeq(s) {
		kind := Kind(strings.IndexByte("efl", word[0]))
		all = append(all, Found{kind, version(t, word[1:]), `C:\` + word})
	}
	return all
}

func TestTheEngineIsTheEvergreenUnlessSomethingSpeaksAgainstIt(t *testing.T) {
	const crashes = "143.0.3650.96" // of the build's list
	for _, c := range []struct{ name, found, fell, want string }{
		{"there is none", "", "", ""},
		{"it is well", "f120.0.0.1 e151.0.0.1 l150.0.0.1", "", "e151.0.0.1"},
		{"an older one fell, so the newer is tried", "e151.0.0.2 f120.0.0.1", "151.0.0.1", "e151.0.0.2"},
		{"it is known to fail: the newest of IT's", "e" + crashes + " f120.0.0.1 f142.0.0.1 f130.0.0.1 l142.5.0.0", "", "f142.0.0.1"},
		{"one of IT's may be newer", "e" + crashes + " f151.0.0.1", "", "f151.0.0.1"},
		{"it fell", "e151.0.0.1 f120.0.0.1", "151.0.0.1", "f120.0.0.1"},
		{"IT's is known to fail as well: what was left", "e151.0.0.1 f" + crashes + " l150.0.0.1 l149.0.0.1", "151.0.0.1", "l150.0.0.1"},
		{"IT's is the same version", "e151.0.0.1 f151.0.0.1 l150.0.0.1", "151.0.0.1", "l150.0.0.1"},
		{"what is newer than the evergreen is not installed yet", "e151.0.0.1 l152.0.0.1 l150.0.0.1", "151.0.0.1", "l150.0.0.1"},
		{"nothing else is there", "e" + crashes, "", "e" + crashes + " flawed"},
		{"all of them fell", "e151.0.0.1 f120.0.0.1 l150.0.0.1", "120.0.0.1 151.0.0.1 150.0.0.1", "e151.0.0.1 flawed"},
		{"only IT's is there", "f120.0.0.1 f130.0.0.1", "", "f130.0.0.1"},
		{"only IT's is there and the newest fell", "f120.0.0.1 f130.0.0.1", "130.0.0.1", "f120.0.0.1"},
		{"only IT's is there and it fell", "f120.0.0.1", "120.0.0.1", "f120.0.0.1 flawed"},
		{"only what was left", "l120.0.0.1 l130.0.0.1", "", "l130.0.0.1"},
	} {
		found := computer(t, c.found)
		before := slices.Clone(found)
		got := Choose(found, Known(), ReadFell(c.fell))
		word := strings.TrimPrefix(got.Folder, `C:\`)
		if got.Flawed {
			word += " flawed"
		}
		if word != c.want {
			t.Errorf("%s: %s, want %s", c.name, word, c.want)
		}
		if aside := got.Kind != Evergreen && strings.Contains(c.found, "e"); (aside || got.Flawed) && got.Why == "" {
			t.Errorf("%s: nothing says why it is %v", c.name, got)
		}
		if !slices.Equal(found, before) {
			t.Errorf("%s: what was given has changed", c.name)
		}
	}
}

func TestWhatFellIsKeptAsAText(t *testing.T) {
	var f Fell
	for i := range keptFallen + 5 {
		f = f.With(Version{150, 0, 0, uint32(i)})
	}
	f = f.With(Version{150, 0, 0, 10})
	read := ReadFell("nonsense " + f.String())
	if !slices.Equal(read, f) || len(f) != keptFallen || f[keptFallen-1] != (Version{150, 0, 0, 10}) || !f.Has(Version{150, 0, 0, 24}) || f.Has(Version{150, 0, 0, 4}) {
		t.Errorf("%v, read as %v", f, read)
	}
	if ReadFell("") != nil {
		t.Error("of nothing something is read")
	}
}

func FuzzWhatITWritesIsUnderstoodOrRefused(f *testing.F) {
	f.Add("143.0.3650.96, 149-151")
	f.Add("only,1.2.3.4-5")
	f.Fuzz(func(t *testing.T, s string) {
		flaws, err := ReadFlaws(s)
		for _, one := range flaws {
			if err != nil || one.From.Compare(one.To) > 0 {
				t.Errorf("%q: %v, %v", s, flaws, err)
			}
		}
	})
}
