package feed

import (
	"bytes"
	"strings"

	"github.com/xuri/excelize/v2"

	"sendjay/shared/protocol"
)

// A workbook is a zip, and a small one may unpack to anything: what it may become is bounded.
const (
	unpacked = 256 << 20
	mostRows = 200_000
)

// ofWorkbook reads every sheet whose first line names columns that we know; one may hold the units, another the people.
func ofWorkbook(raw []byte) (protocol.Feed, error) {
	var f protocol.Feed
	bad := protocol.RefuseField(protocol.BadRequest, "xlsx")
	book, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: unpacked, UnzipXMLSizeLimit: unpacked, RawCellValue: true})
	if err != nil {
		return f, bad
	}
	defer book.Close() //nolint:errcheck // it was only read
	n := 0
	for _, sheet := range book.GetSheetList() {
		rows, err := book.Rows(sheet)
		if err != nil {
			return f, bad
		}
		var t *table
		for rows.Next() {
			row, err := rows.Columns()
			if err != nil {
				return f, bad
			}
			if strings.TrimSpace(strings.Join(row, "")) == "" {
				continue
			}
			if t == nil {
				head := tableOf(&f, row)
				if !head.has("id") && !head.has("code") {
					break // a sheet of something else
				}
				t = &head
				continue
			}
			if n++; n > mostRows {
				return f, protocol.RefuseField(protocol.TooLarge, "xlsx")
			}
			if err := t.add(row); err != nil {
				return f, err
			}
		}
		if err := rows.Close(); err != nil {
			return f, bad
		}
	}
	if len(f.Orgs)+len(f.Users) == 0 {
		return f, bad
	}
	return f, nil
}
