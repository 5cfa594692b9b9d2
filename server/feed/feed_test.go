package feed

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/korean"

	"sendjay/shared/protocol"
)

// workbook makes one of sheets, each of rows.
func workbook(t *testing.T, sheets map[string][][]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	for name, rows := range sheets {
		if _, err := book.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			at, err := excelize.CoordinatesToCellName(1, i+1)
			if err == nil {
				err = book.SetSheetRow(name, at, &row)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func refused(t *testing.T, err error, code protocol.Code) {
	t.Helper()
	if got := protocol.CodeOf(err); got != code {
		t.Errorf("got %q (%v), want %q", got, err, code)
	}
}

func TestAWorkbookIsADataSet(t *testing.T) {
	raw := workbook(t, map[string][][]any{
		"부서": {{"부서코드", "부서명", "순서", "단계"}, {"A00", "본사", "A00", 0}, {"A10", "영업", "A10", 1}},
		"사람": {{"사번", "이름", "소속", "직위", "이메일"}, {1001, "김서연", "A10", "과장", "kim@hanbit.example"}, {}, {20260101001, " 이준호 ", "A10"}},
		"메모": {{"아무거나"}, {"x"}},
	})
	f, err := Of("application/octet-stream", raw)
	if err != nil || len(f.Orgs) != 2 || len(f.Users) != 2 {
		t.Fatalf("%+v %v", f, err)
	}
	if f.Users[0].ID != "1001" || f.Users[1].ID != "20260101001" || f.Users[1].Name != "이준호" || f.Users[0].Mail != "kim@hanbit.example" || f.Users[1].Mail != "" || f.Orgs[1].Level != 1 {
		t.Errorf("%+v", f)
	}
	f.Key = "1"
	refused(t, Check(f), "")
	t.Run("one that is broken, empty, or of something else is refused", func(t *testing.T) {
		for name, raw := range map[string][]byte{
			"cut": raw[:len(raw)/2], "no zip": []byte("PK\x03\x04 nothing"), "nothing known": workbook(t, map[string][][]any{"a": {{"x"}, {1}}}),
			"no rows": workbook(t, map[string][][]any{"a": {{"id", "name"}}}),
		} {
			if _, err := Of(XLSX, raw); protocol.CodeOf(err) != protocol.BadRequest {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := Of(XLSX, workbook(t, map[string][][]any{"a": {{"code", "name", "level"}, {"A", "x", "one"}}}))
		refused(t, err, protocol.BadRequest)
	})
	t.Run("one that unpacks to more than it may is not unpacked", func(t *testing.T) {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			zeros := make([]byte, 1<<20)
			for range unpacked/(1<<20)/3 + 2 {
				if _, err := w.Write(zeros); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if b.Len() > 2<<20 {
			t.Fatalf("the bomb has %d bytes", b.Len())
		}
		_, err := Of(XLSX, b.Bytes())
		refused(t, err, protocol.BadRequest)
	})
}

func TestATableOfKoreanExcelIsReadToo(t *testing.T) {
	old, err := korean.EUCKR.NewEncoder().Bytes([]byte("아이디,이름,소속,이메일\nkim,김서연,A10,kim@hanbit.example\n"))
	if err != nil {
		t.Fatal(err)
	}
	f, err := Of(CSV, old)
	if err != nil || len(f.Users) != 1 || f.Users[0].Name != "김서연" || f.Users[0].Mail != "kim@hanbit.example" {
		t.Errorf("%+v %v", f, err)
	}
}

func TestOddTables(t *testing.T) {
	for _, c := range []struct {
		name, table string
		people      int // 0: refused
	}{
		{"empty lines and lines of commas alone are nobody", "id,name,org\n,,\nkim,김서연,A10\n\n , ,\n", 1},
		{"what is neither UTF-8 nor Korean is refused rather than guessed", "id,name\nkim,\xff\xfe\x80\n", 0},
		{"a table of UTF-16 too", "\xff\xfei\x00d\x00,\x00n\x00\n\x00", 0},
		{"a quote that never ends too", "id,name\nkim,\"김서연\n", 0},
		{"a head without people too", "id,name\n", 0},
		{"further posts stand in one cell", "id,name,org,겸직\nkim,김서연,A10,\"A20:자문,B10\"\n", 1},
		{"of which no two are in one unit", "id,name,org,겸직\nkim,김서연,A10,\"A20,A20\"\n", 0},
		{"a short line has no more than it says", "id,name,org\nkim,김서연\n", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := Of(CSV, []byte(c.table))
			if err == nil {
				err = Check(protocol.Feed{Key: "1", Orgs: f.Orgs, Users: f.Users})
			}
			if c.people == 0 && protocol.CodeOf(err) != protocol.BadRequest || c.people > 0 && (err != nil || len(f.Users) != c.people) {
				t.Errorf("%+v %v", f, err)
			}
		})
	}
	for name, f := range map[string]protocol.Feed{
		"a name of a megabyte": {Key: "1", Users: []protocol.FeedUser{{ID: "kim", Name: strings.Repeat("김", 1<<20)}}},
		"an id twice":          {Key: "1", Users: []protocol.FeedUser{{ID: "kim", Name: "김"}, {ID: "kim", Name: "김"}}},
		"a unit twice":         {Key: "1", Orgs: []protocol.FeedOrg{{Code: "A", Name: "가"}, {Code: "A", Name: "나"}}},
		"a NUL":                {Key: "1", Users: []protocol.FeedUser{{ID: "kim", Name: "김\x00"}}},
	} {
		if err := Check(f); protocol.CodeOf(err) != protocol.BadRequest {
			t.Errorf("%s is taken: %v", name, err)
		}
	}
}

func TestScriptsOfTheOriginalPostTheirRows(t *testing.T) {
	form := "token=secret&dept%5B1%5D%5BORG_CD%5D=A10&dept[1][ORG_NM]=%EC%98%81%EC%97%85&dept[1][SEQ]=A10&dept[1][LVL]=1&dept[0][DTKEY]=20260101&dept[0][ORG_CD]=A00&dept[0][ORG_NM]=HQ&dept[0][SEQ]=A00&dept[0][LVL]=0"
	in, err := OfForm([]byte(form))
	if err != nil || in.Token != "secret" || in.Feed.Key != "20260101" || len(in.Feed.Orgs) != 2 || in.Feed.Orgs[1].Name != "영업" || in.Feed.Orgs[1].Level != 1 {
		t.Errorf("%+v %v", in, err)
	}
	in, err = OfPosted([]byte(`{"token":"secret","user":[{"DTKEY":"1","USER_ID":1001,"USER_NM":"김","ORG_CD":"A10","TOP_ORG_CD":"A00","TEL_NO":"02","MAIL":"kim@hanbit.example","AB_CD":"dayoff"}]}`))
	if err != nil || in.Feed.Key != "1" || len(in.Feed.Users) != 1 || in.Feed.Users[0].ID != "1001" || in.Feed.Users[0].AbsenceCode != "dayoff" || in.Feed.Users[0].Mail != "kim@hanbit.example" {
		t.Errorf("%+v %v", in, err)
	}
	for _, bad := range []string{"dept[0][LVL]=x", "dept[999999][LVL]=1", "%zz"} {
		if _, err := OfForm([]byte(bad)); err == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if _, err := OfPosted([]byte("dept")); err == nil {
		t.Error("taken")
	}
}

func FuzzOf(f *testing.F) {
	f.Add("text/csv", []byte("id,name\n1,x\n"))
	f.Add("application/json", []byte(`{"users":[{"id":"kim"}]}`))
	f.Add(XLSX, []byte("PK\x03\x04"))
	f.Fuzz(func(_ *testing.T, kind string, raw []byte) {
		if set, err := Of(kind, raw); err == nil {
			_ = Check(set)
		}
		_, _ = OfForm(raw)
		_, _ = OfPosted(raw)
	})
}

func TestTheRowsOfAFeedStayWhatTheyWereOnTheWire(t *testing.T) {
	raw, err := json.Marshal(protocol.Feed{Key: "1", Users: []protocol.FeedUser{{ID: "kim", Name: "김"}}})
	if err != nil || strings.Contains(string(raw), "orgs") {
		t.Fatalf("%s %v", raw, err)
	}
	if f, err := Of("application/json", raw); err != nil || f.Users[0].Name != "김" {
		t.Errorf("%+v %v", f, err)
	}
}
